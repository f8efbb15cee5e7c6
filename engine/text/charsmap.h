// The compiled character map of a sentencepiece model ("precompiled_charsmap": nmt_nfkc and its relatives), as Hugging
// Face tokenizers applies it: grapheme by grapheme, then character by character.
// Format: the size of a double-array trie in bytes (u32, little-endian), the trie's units (u32), then the replacements,
// each ended by a zero byte; a leaf's value is an offset into them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace ovi {

// Immutable, thread-safe.
class Charsmap {
 public:
  // InvalidArgument if the sizes do not fit together.
  static absl::StatusOr<Charsmap> Parse(std::string_view bytes);

  std::string Apply(std::string_view text) const;

 private:
  Charsmap(std::vector<uint32_t> trie, std::string replacements)
      : trie_(std::move(trie)), replacements_(std::move(replacements)) {}
  // What the shortest mapped prefix of `text` becomes. (Sentencepiece would take the longest.)
  std::optional<std::string_view> Replacement(std::string_view text) const;
  void AppendGrapheme(std::string_view grapheme, std::string& mapped) const;

  std::vector<uint32_t> trie_;
  std::string replacements_;
};

}  // namespace ovi
