// The unigram language model of a tokenizer.json: a word becomes the pieces with the largest sum of scores.
// Source: Kudo, "Subword Regularization" (2018); ties, unknown characters and rounding as in Hugging Face tokenizers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ovi {

struct ScoredPiece {
  std::string text;
  double score = 0;  // natural logarithm of a probability
};

// Immutable, thread-safe.
class UnigramModel {
 public:
  // The id of a piece is its place in `vocabulary`; unk_id must be one. `byte_fallback`: an unknown run becomes its
  // byte pieces (`<0x41>`), if all of them exist, instead of one unk_id.
  UnigramModel(std::vector<ScoredPiece> vocabulary, int64_t unk_id, bool byte_fallback);

  // Appends the ids of `word` (valid UTF-8).
  void Append(std::string_view word, std::vector<int64_t>& ids) const;

  std::optional<int64_t> Find(std::string_view piece) const;
  int64_t size() const { return static_cast<int64_t>(vocabulary_.size()); }

 private:
  struct Step;
  std::vector<Step> BestPath(std::string_view word) const;
  void AppendUnknown(std::string_view run, std::vector<int64_t>& ids) const;
  std::string_view PieceAt(int64_t id) const { return vocabulary_[static_cast<size_t>(id)].text; }
  // Calls visit(length, id) for every piece that `text` starts with, shortest first.
  template <typename Visit>
  void EachPrefix(std::string_view text, Visit visit) const;

  std::vector<ScoredPiece> vocabulary_;
  std::vector<int64_t> sorted_;  // ids in byte order of their pieces
  int64_t unk_id_;
  double unk_score_;
  bool byte_fallback_;
};

}  // namespace ovi
