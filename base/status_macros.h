// The two macros that carry an absl::Status up the stack. The packaged Abseil has none.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define OVI_CONCAT_INNER(a, b) a##b
#define OVI_CONCAT(a, b) OVI_CONCAT_INNER(a, b)

// Returns from the enclosing function if `expression` is not OK.
#define OVI_RETURN_IF_ERROR(expression)                             \
  do {                                                              \
    if (absl::Status ovi_status = (expression); !ovi_status.ok()) { \
      return ovi_status;                                            \
    }                                                               \
  } while (false)

// `OVI_ASSIGN_OR_RETURN(auto file, Open(path));` moves the value out, or returns the error.
#define OVI_ASSIGN_OR_RETURN(declaration, expression) \
  OVI_ASSIGN_OR_RETURN_IMPL(OVI_CONCAT(ovi_status_or_, __LINE__), declaration, expression)
#define OVI_ASSIGN_OR_RETURN_IMPL(status_or, declaration, expression) \
  auto status_or = (expression);                                      \
  if (!status_or.ok()) return std::move(status_or).status();          \
  declaration = *std::move(status_or)
