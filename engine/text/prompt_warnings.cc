#include "engine/text/prompt_warnings.h"

#include <set>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

std::string SpecialPieceWarning(const SpecialPiece& piece) {
  std::string warning =
      absl::StrFormat("the prompt holds %s, which the tokenizer takes for its special token %d", piece.text, piece.id);
  if (piece.text == "<s>") warning += "; speech is opened by <S>";
  if (piece.text == "</s>") warning += "; speech is closed by <E>";
  return warning;
}

}  // namespace

std::vector<std::string> PromptWarnings(const Tokenizer& tokenizer, std::string_view cleaned, int64_t text_len) {
  std::vector<std::string> warnings;
  std::set<int64_t> seen;
  tokenizer.special_pieces().Split(cleaned, [&](std::string_view, const SpecialPiece* piece) {
    if (piece != nullptr && seen.insert(piece->id).second) warnings.push_back(SpecialPieceWarning(*piece));
  });
  const auto tokens = static_cast<int64_t>(tokenizer.Tokenize(cleaned).size());
  if (tokens > text_len - 1) {
    warnings.push_back(
        absl::StrFormat("the prompt has %d tokens; the model reads %d, so the last %d are dropped: shorten it", tokens,
                        text_len - 1, tokens - (text_len - 1)));
  }
  return warnings;
}

}  // namespace ovi
