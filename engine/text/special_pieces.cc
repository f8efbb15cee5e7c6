#include "engine/text/special_pieces.h"

#include <algorithm>

#include "engine/text/unicode.h"

namespace ovi {
namespace {

std::string_view TrimRight(std::string_view text) {
  std::u32string code_points = ToCodePoints(text);
  while (!code_points.empty() && IsSpace(code_points.back())) code_points.pop_back();
  return text.substr(0, ToUtf8(code_points).size());
}

std::string_view TrimLeft(std::string_view text) {
  const std::u32string code_points = ToCodePoints(text);
  const auto first = std::ranges::find_if_not(code_points, IsSpace);
  return text.substr(text.size() - ToUtf8({first, code_points.end()}).size());
}

}  // namespace

SpecialPieces::SpecialPieces(std::vector<SpecialPiece> pieces) : pieces_(std::move(pieces)) {
  std::erase_if(pieces_, [](const SpecialPiece& piece) { return piece.text.empty(); });
  std::ranges::stable_sort(pieces_, std::ranges::greater(),
                           [](const SpecialPiece& piece) { return piece.text.size(); });
}

const SpecialPiece* SpecialPieces::LongestAt(std::string_view text) const {
  const auto found = std::ranges::find_if(pieces_, [&](const auto& piece) { return text.starts_with(piece.text); });
  return found == pieces_.end() ? nullptr : &*found;
}

void SpecialPieces::Split(std::string_view text, const Visit& visit) const {
  std::string first_bytes;  // where a piece may begin at all
  for (const SpecialPiece& piece : pieces_) {
    if (first_bytes.find(piece.text[0]) == std::string::npos) first_bytes.push_back(piece.text[0]);
  }
  for (size_t i = text.find_first_of(first_bytes); i != text.npos; i = text.find_first_of(first_bytes, i)) {
    const SpecialPiece* piece = LongestAt(text.substr(i));
    if (piece == nullptr) {
      ++i;
      continue;
    }
    const std::string_view before = piece->strips_left ? TrimRight(text.substr(0, i)) : text.substr(0, i);
    if (!before.empty()) visit(before, nullptr);
    visit(text.substr(i, piece->text.size()), piece);
    text.remove_prefix(i + piece->text.size());
    if (piece->strips_right) text = TrimLeft(text);
    i = 0;
  }
  if (!text.empty()) visit(text, nullptr);
}

}  // namespace ovi
