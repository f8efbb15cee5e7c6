#include "engine/text/audio_tags.h"

#include "engine/text/unicode.h"

namespace ovi {
namespace {

constexpr std::string_view kPrefix = "Audio:", kOpen = "<AUDCAP>", kClose = "<ENDAUDCAP>";

std::string ToAudCap(std::string_view prompt) {
  const size_t prefix = prompt.find(kPrefix);
  if (prefix == prompt.npos) return std::string(prompt);
  const std::u32string rest = ToCodePoints(prompt.substr(prefix + kPrefix.size()));
  size_t blanks = 0;
  while (blanks < rest.size() && IsSpace(rest[blanks])) ++blanks;
  std::string formatted(prompt.substr(0, prefix));
  formatted.append(kOpen).append(ToUtf8(rest.substr(blanks))).append(kClose);
  return formatted;
}

std::string ToAudioPrefix(std::string_view prompt) {
  std::string formatted;
  while (true) {
    const size_t open = prompt.find(kOpen);
    const size_t close = open == prompt.npos ? open : prompt.find(kClose, open + kOpen.size());
    if (close == prompt.npos) return formatted.append(prompt);
    const size_t caption = open + kOpen.size();
    formatted.append(prompt.substr(0, open))
        .append(kPrefix)
        .append(" ")
        .append(prompt.substr(caption, close - caption));
    prompt.remove_prefix(close + kClose.size());
  }
}

}  // namespace

std::string FormatAudioTags(std::string_view prompt, AudioTags style) {
  return style == AudioTags::kAudCap ? ToAudCap(prompt) : ToAudioPrefix(prompt);
}

}  // namespace ovi
