// Where the next page of a listing begins, as an opaque token: bound to the listing's other arguments, so that changing
// them in between is noticed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ovi {

std::string MakePageToken(int64_t position, std::string_view arguments);
// InvalidArgument, violating `page_token`, if it is not one of ours or was made for other arguments.
absl::StatusOr<int64_t> ParsePageToken(std::string_view token, std::string_view arguments);

// How many results `page_size` means (AIP-158): 0 is the default, too many are cut. InvalidArgument if negative.
absl::StatusOr<int64_t> PageSize(int64_t page_size);

}  // namespace ovi
