#include "engine/guard.h"

#include <c10/util/Exception.h>

#include <new>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"

namespace ovi {
namespace {

absl::Status OutOfMemory(const std::string& stage, const std::string& detail) {
  return absl::ResourceExhaustedError(
      absl::StrFormat("%s: out of memory; ask for a smaller or shorter clip (%s)", stage, detail));
}

}  // namespace

absl::Status StatusOfCurrentException(std::string_view stage_name) {
  const std::string stage(stage_name);
  try {
    throw;
  } catch (const c10::OutOfMemoryError& error) {  // before its base class
    return OutOfMemory(stage, error.what_without_backtrace());
  } catch (const c10::Error& error) {  // what() would send a stack trace to the client
    const std::string what = error.what_without_backtrace();
    // The CPU's allocator and the vendors' libraries have no class of their own for this.
    for (const char* sign : {"DefaultCPUAllocator", "out of memory", "ALLOC_FAILED", "OutOfMemory"}) {
      if (absl::StrContains(what, sign)) return OutOfMemory(stage, what);
    }
    return absl::InternalError(absl::StrFormat("%s: %s", stage, what));
  } catch (const std::bad_alloc& error) {
    return OutOfMemory(stage, error.what());
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrFormat("%s: %s", stage, error.what()));
  }
}

}  // namespace ovi
