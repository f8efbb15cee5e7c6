#include "engine/text/charsmap.h"

#include "absl/strings/str_format.h"
#include "engine/text/unicode.h"

namespace ovi {
namespace {

constexpr size_t kLongestGrapheme = 5;  // bytes; longer ones are only mapped character by character

uint32_t ReadLittleEndian(std::string_view bytes, size_t offset) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

// A unit of the trie, in the packing of the darts-clone library.
struct Unit {
  uint32_t bits;
  bool has_leaf() const { return (bits >> 8 & 1) != 0; }
  uint32_t value() const { return bits & 0x7FFFFFFF; }
  uint32_t label() const { return bits & 0x800000FF; }
  uint32_t offset() const { return bits >> 10 << ((bits & 1u << 9) >> 6); }
};

}  // namespace

absl::StatusOr<Charsmap> Charsmap::Parse(std::string_view bytes) {
  const size_t trie_bytes = bytes.size() < 4 ? 0 : ReadLittleEndian(bytes, 0);
  if (trie_bytes == 0 || trie_bytes % 4 != 0 || trie_bytes > bytes.size() - 4) {
    return absl::InvalidArgumentError(absl::StrFormat("the character map of %d bytes is damaged", bytes.size()));
  }
  std::vector<uint32_t> trie(trie_bytes / 4);
  for (size_t i = 0; i < trie.size(); ++i) trie[i] = ReadLittleEndian(bytes, 4 + 4 * i);
  return Charsmap(std::move(trie), std::string(bytes.substr(4 + trie_bytes)));
}

std::optional<std::string_view> Charsmap::Replacement(std::string_view text) const {
  size_t node = Unit{trie_[0]}.offset();
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    node ^= byte;
    if (byte == 0 || node >= trie_.size()) return std::nullopt;
    const Unit unit{trie_[node]};
    if (unit.label() != byte) return std::nullopt;
    node ^= unit.offset();
    if (!unit.has_leaf()) continue;
    const size_t start = node < trie_.size() ? Unit{trie_[node]}.value() : replacements_.size();
    if (start >= replacements_.size()) return std::nullopt;
    return std::string_view(replacements_).substr(start, replacements_.find('\0', start) - start);
  }
  return std::nullopt;
}

void Charsmap::AppendGrapheme(std::string_view grapheme, std::string& mapped) const {
  if (grapheme.size() <= kLongestGrapheme) {
    if (const auto replacement = Replacement(grapheme)) {
      mapped.append(*replacement);
      return;
    }
  }
  for (const char32_t c : ToCodePoints(grapheme)) {
    const std::string character = ToUtf8({&c, 1});
    mapped.append(Replacement(character).value_or(character));
  }
}

std::string Charsmap::Apply(std::string_view text) const {
  std::string mapped;
  for (const std::string& grapheme : Graphemes(text)) AppendGrapheme(grapheme, mapped);
  return mapped;
}

}  // namespace ovi
