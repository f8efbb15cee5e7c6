#include "server/service/page_token.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/log.h"
#include "server/artifacts/sha256.h"

namespace ovi {
namespace {

constexpr int64_t kDefaultPageSize = 50;
constexpr int64_t kMaxPageSize = 1000;
constexpr size_t kSealLength = 16;
constexpr size_t kShown = 80;

// Not a secret: it tells a token from a typing error, and one listing's from another's.
std::string Seal(std::string_view position, std::string_view arguments) {
  return Sha256Of(absl::StrFormat("ovi page %s of %s", position, arguments)).substr(0, kSealLength);
}

}  // namespace

std::string MakePageToken(int64_t position, std::string_view arguments) {
  const std::string text = absl::StrFormat("%d", position);
  return absl::WebSafeBase64Escape(Seal(text, arguments) + text);
}

absl::StatusOr<int64_t> ParsePageToken(std::string_view token, std::string_view arguments) {
  std::string bytes;
  int64_t position = 0;
  if (absl::WebSafeBase64Unescape(std::string(token), &bytes) && bytes.size() > kSealLength) {
    const std::string text = bytes.substr(kSealLength);
    if (bytes.substr(0, kSealLength) == Seal(text, arguments) && absl::SimpleAtoi(text, &position)) return position;
  }
  FieldViolations violations;
  violations.Add("page_token", "INVALID_PAGE_TOKEN",
                 absl::StrFormat(
                     "page_token is '%s', which was not made for this listing; pass next_page_token unchanged and keep "
                     "the other arguments, or start without one",
                     log::Escaped(token.substr(0, kShown))));
  return violations.ToStatus();
}

absl::StatusOr<int64_t> PageSize(int64_t page_size) {
  if (page_size == 0) return kDefaultPageSize;
  if (page_size > 0) return std::min(page_size, kMaxPageSize);
  FieldViolations violations;
  violations.Add(
      "page_size", "INVALID_PAGE_SIZE",
      absl::StrFormat("page_size is %d; ask for 1 to %d, or 0 for %d", page_size, kMaxPageSize, kDefaultPageSize));
  return violations.ToStatus();
}

}  // namespace ovi
