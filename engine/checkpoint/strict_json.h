// JSON that says one thing only. Private to engine/checkpoint.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"

namespace ovi {

// InvalidArgument: no JSON (with the place), a key that stands twice in one object, of which the library would silently
// keep the last, or so deep a nest that whoever walks it by recursion would run out of stack.
absl::StatusOr<nlohmann::json> ParseStrictJson(const std::string& text);

}  // namespace ovi
