// What an error tells a client beside its sentence, carried inside an absl::Status to the place that answers. Field
// violations and reasons are in base/field_violations.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace ovi {

// When to try again (google.rpc.RetryInfo).
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

// A value that the sentence names, for programs to read (google.rpc.ErrorInfo.metadata, AIP-193). Keys are camelCase.
absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value);
std::map<std::string, std::string> MetadataOf(const absl::Status& status);

}  // namespace ovi
