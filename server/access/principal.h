// Who calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/access/scopes.h"

namespace ovi {

// How much of the server one principal may take. Absent: the server's own limits alone.
struct PrincipalLimits {
  std::optional<int64_t> max_queued;             // jobs that wait at once
  std::optional<double> submit_rate_per_minute;  // over time
  std::optional<int64_t> submit_burst;           // at once, after a pause
  bool operator==(const PrincipalLimits&) const = default;
};

// Jobs belong to the principal of that name. A server that asks nobody who he is has one without a name.
struct Principal {
  std::string name;
  Scopes scopes;
  PrincipalLimits limits;

  // Whether he knows of the jobs of `owner`.
  bool Sees(std::string_view owner) const { return owner == name || scopes.Has(Scope::kReadAll); }
  bool operator==(const Principal&) const = default;
};

// 1 to 128 of letters, digits and . _ - @ : / + =, so that a name stands in a line of the token file, in a log and in
// a URI: "ada", "ada@example.org", "spiffe://example.org/render".
bool IsPrincipalName(std::string_view name);

}  // namespace ovi
