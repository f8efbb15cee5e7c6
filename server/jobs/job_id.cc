#include "server/jobs/job_id.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"

namespace ovi {
namespace {

constexpr size_t kIdLength = 16;
constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";

template <size_t N>
std::array<unsigned char, N> RandomBytes() {
  std::array<unsigned char, N> bytes;
  // Fails only where the kernel has no randomness; guessable ids would be worse than none.
  if (RAND_bytes(bytes.data(), N) != 1) std::abort();
  return bytes;
}

}  // namespace

JobId JobId::Random() {
  std::string value;
  for (const unsigned char byte : RandomBytes<kIdLength>()) value.push_back(kAlphabet[byte % kAlphabet.size()]);
  value[0] = kAlphabet[static_cast<size_t>(value[0]) % 26];  // AIP-122: an id starts with a letter
  return JobId(value);
}

std::optional<JobId> JobId::Parse(std::string_view text) {
  if (text.size() != kIdLength || text[0] < 'a' || text[0] > 'z') return std::nullopt;
  const bool fits =
      std::all_of(text.begin(), text.end(), [](char c) { return kAlphabet.find(c) != std::string_view::npos; });
  if (!fits) return std::nullopt;
  return JobId(std::string(text));
}

std::string RandomUuid() {
  auto bytes = RandomBytes<16>();
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);  // RFC 4122, section 4.4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = absl::BytesToHexString(std::string(bytes.begin(), bytes.end()));
  return absl::StrJoin({hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20)}, "-");
}

}  // namespace ovi
