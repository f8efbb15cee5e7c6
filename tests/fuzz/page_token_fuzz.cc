// A page token as a client sends it back, with the arguments of its listing: text, a zero byte, text. What parses must
// be the very position that it was made from.
#include <google/protobuf/stubs/common.h>

#include "server/service/page_token.h"
#include "tests/fuzz/readable_error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (!google::protobuf::internal::IsStructurallyValidUTF8(input.data(), static_cast<int>(size))) return -1;
  const size_t end = input.find('\0');
  const std::string_view token = input.substr(0, end);
  const std::string_view arguments = end == std::string_view::npos ? "" : input.substr(end + 1);

  const absl::StatusOr<int64_t> position = ovi::ParsePageToken(token, arguments);
  if (!position.ok()) {
    ovi::RequireReadable(position.status());
  } else {
    const auto again = ovi::ParsePageToken(ovi::MakePageToken(*position, arguments), arguments);
    ovi::Require(again.ok() && *again == *position, "a token made from a position leads back to it");
  }
  const auto made = static_cast<int64_t>(size) - 8;
  const auto parsed = ovi::ParsePageToken(ovi::MakePageToken(made, arguments), arguments);
  ovi::Require(parsed.ok() && *parsed == made, "a token leads back to its position");
  const std::string other = std::string(arguments) + "x";
  ovi::Require(!ovi::ParsePageToken(ovi::MakePageToken(made, arguments), other).ok(), "a token is for one listing");
  return 0;
}
