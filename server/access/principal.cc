#include "server/access/principal.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace ovi {
namespace {

constexpr size_t kMaxName = 128;
constexpr std::string_view kMarks = "._-@:/+=";

}  // namespace

bool IsPrincipalName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || kMarks.find(c) != std::string_view::npos;
  });
}

}  // namespace ovi
