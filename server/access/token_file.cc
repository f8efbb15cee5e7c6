#include "server/access/token_file.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace ovi {
namespace {

constexpr std::string_view kHash = "sha256:";
constexpr size_t kHashDigits = 64;
constexpr int64_t kMaxCount = 1'000'000;
constexpr double kMinRate = 0.001, kMaxRate = 1e6;
// A file that is something else altogether is wrong in every line.
constexpr size_t kMaxErrors = 5;

bool IsHash(std::string_view word) {
  if (!word.starts_with(kHash) || word.size() != kHash.size() + kHashDigits) return false;
  word.remove_prefix(kHash.size());
  return std::all_of(word.begin(), word.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
  });
}

bool ReadCount(std::string_view text, std::optional<int64_t>& count) {
  int64_t value = 0;
  if (count.has_value() || !absl::SimpleAtoi(std::string(text), &value) || value < 1 || value > kMaxCount) return false;
  count = value;
  return true;
}

bool ReadRate(std::string_view text, std::optional<double>& rate) {
  double value = 0;
  if (rate.has_value() || !absl::SimpleAtod(std::string(text), &value)) return false;
  if (!(value >= kMinRate && value <= kMaxRate)) return false;
  rate = value;
  return true;
}

// Why not, in words; empty if it was read.
std::string ReadLimit(std::string_view word, PrincipalLimits& limits) {
  const size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? "" : word.substr(equals + 1);
  if (name == "max_queued" && ReadCount(value, limits.max_queued)) return "";
  if (name == "submit_rate_per_minute" && ReadRate(value, limits.submit_rate_per_minute)) return "";
  if (name == "submit_burst" && ReadCount(value, limits.submit_burst)) return "";
  return absl::StrFormat(
      "after the scopes stand max_queued=1 to %d, submit_rate_per_minute=%g to %g and submit_burst=1 to %d, each once",
      kMaxCount, kMinRate, kMaxRate, kMaxCount);
}

absl::StatusOr<TokenEntry> ReadLine(const std::vector<std::string>& words) {
  if (words.size() < 3)
    return absl::InvalidArgumentError("a line is sha256:HASH PRINCIPAL SCOPES, as --make_token prints it");
  TokenEntry entry;
  if (!IsHash(words[0])) {
    return absl::InvalidArgumentError(
        "it does not begin with sha256: and 64 digits of 0-9a-f; the token itself does not belong here");
  }
  entry.sha256 = words[0].substr(kHash.size());
  if (!IsPrincipalName(words[1])) {
    return absl::InvalidArgumentError("a principal is 1 to 128 of letters, digits and . _ - @ : / + =");
  }
  entry.principal.name = words[1];
  const absl::StatusOr<Scopes> scopes = ParseScopes(words[2]);
  if (!scopes.ok()) {
    return absl::InvalidArgumentError("the scopes are submit, read, read_all or admin, with commas between");
  }
  entry.principal.scopes = *scopes;
  for (size_t i = 3; i < words.size(); ++i) {
    if (const std::string why = ReadLimit(words[i], entry.principal.limits); !why.empty()) {
      return absl::InvalidArgumentError(why);
    }
  }
  return entry;
}

// What a line may not contradict.
class Known {
 public:
  absl::Status Add(const TokenEntry& entry, size_t line) {
    if (const auto [at, added] = hashes_.emplace(entry.sha256, line); !added) {
      return absl::InvalidArgumentError(absl::StrFormat("its token stands in line %d already", at->second));
    }
    const auto [at, added] = limits_.emplace(entry.principal.name, std::pair(entry.principal.limits, line));
    if (added || at->second.first == entry.principal.limits) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrFormat("its principal has other limits in line %d; they are of the principal, so give them in both",
                        at->second.second));
  }

 private:
  std::map<std::string, size_t> hashes_;
  std::map<std::string, std::pair<PrincipalLimits, size_t>> limits_;
};

}  // namespace

absl::StatusOr<std::vector<TokenEntry>> ParseTokenFile(std::string_view text) {
  std::vector<TokenEntry> entries;
  std::vector<std::string> errors;
  Known known;
  size_t number = 0;
  const std::vector<std::string> lines = absl::StrSplit(std::string(text), '\n');
  for (const std::string& line : lines) {
    ++number;
    const std::vector<std::string> words = absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (words.empty() || words[0].starts_with('#')) continue;
    absl::StatusOr<TokenEntry> entry = ReadLine(words);
    const absl::Status status = entry.ok() ? known.Add(*entry, number) : entry.status();
    if (status.ok()) {
      entries.push_back(*std::move(entry));
    } else if (errors.size() < kMaxErrors) {
      errors.push_back(absl::StrFormat("line %d: %s", number, std::string(status.message())));
    }
  }
  if (!errors.empty()) return absl::InvalidArgumentError(absl::StrJoin(errors, "; "));
  return entries;
}

std::string FormatTokenLine(const TokenEntry& entry) {
  const PrincipalLimits& limits = entry.principal.limits;
  std::string line =
      absl::StrFormat("%s%s %s %s", kHash, entry.sha256, entry.principal.name, entry.principal.scopes.ToString());
  if (limits.max_queued.has_value()) line += absl::StrFormat(" max_queued=%d", *limits.max_queued);
  if (limits.submit_rate_per_minute.has_value()) {
    line += absl::StrFormat(" submit_rate_per_minute=%.17g", *limits.submit_rate_per_minute);
  }
  if (limits.submit_burst.has_value()) line += absl::StrFormat(" submit_burst=%d", *limits.submit_burst);
  return line;
}

}  // namespace ovi
