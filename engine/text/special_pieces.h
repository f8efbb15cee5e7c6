// Pieces that are recognised literally in the text before it is tokenized: `</s>`, `<unk>`, `<extra_id_0>`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ovi {

struct SpecialPiece {
  std::string text;
  int64_t id = 0;
  bool strips_left = false, strips_right = false;  // swallows the blanks on that side
};

// A value; immutable once built, thread-safe.
class SpecialPieces {
 public:
  SpecialPieces() = default;
  explicit SpecialPieces(std::vector<SpecialPiece> pieces);

  // Calls for everything in `text` from left to right: ordinary text (never empty) with a null piece, and special
  // pieces. Where several pieces could begin, the longest wins.
  using Visit = std::function<void(std::string_view text, const SpecialPiece* piece)>;
  void Split(std::string_view text, const Visit& visit) const;

 private:
  const SpecialPiece* LongestAt(std::string_view text) const;
  std::vector<SpecialPiece> pieces_;  // the longer first
};

}  // namespace ovi
