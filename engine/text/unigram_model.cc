#include "engine/text/unigram_model.h"

#include <algorithm>
#include <numeric>
#include <ranges>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

constexpr double kUnknownPenalty = 10.0;  // below the least probable piece

size_t CharacterLength(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

// How the best path reaches a byte offset: its score, and its last piece.
struct UnigramModel::Step {
  double score = 0;
  size_t start = kUnreached;
  int64_t id = 0;
  static constexpr size_t kUnreached = SIZE_MAX;

  void Offer(double new_score, size_t new_start, int64_t new_id) {
    if (start == kUnreached || new_score > score) *this = {new_score, new_start, new_id};
  }
};

UnigramModel::UnigramModel(std::vector<ScoredPiece> vocabulary, int64_t unk_id, bool byte_fallback)
    : vocabulary_(std::move(vocabulary)), sorted_(vocabulary_.size()), unk_id_(unk_id), byte_fallback_(byte_fallback) {
  std::iota(sorted_.begin(), sorted_.end(), int64_t{0});
  std::ranges::sort(sorted_,
                    [this](int64_t a, int64_t b) { return std::pair(PieceAt(a), b) < std::pair(PieceAt(b), a); });
  // Of pieces spelled alike the last one counts, and comes first here.
  const auto repeated = std::ranges::unique(sorted_, {}, [this](int64_t id) { return PieceAt(id); });
  sorted_.erase(repeated.begin(), repeated.end());
  unk_score_ = std::ranges::min(vocabulary_, {}, &ScoredPiece::score).score - kUnknownPenalty;
}

template <typename Visit>
void UnigramModel::EachPrefix(std::string_view text, Visit visit) const {
  auto range = std::ranges::subrange(sorted_.begin(), sorted_.end());
  for (size_t depth = 0; depth < text.size(); ++depth) {
    // All pieces of the range share the first `depth` bytes; one that ends there sorts first.
    const auto next_byte = [&](int64_t id) {
      const std::string_view piece = PieceAt(id);
      return piece.size() == depth ? -1 : static_cast<int>(static_cast<unsigned char>(piece[depth]));
    };
    range = std::ranges::equal_range(range, static_cast<int>(static_cast<unsigned char>(text[depth])), {}, next_byte);
    if (range.empty()) return;
    if (const int64_t id = range.front(); PieceAt(id).size() == depth + 1) visit(depth + 1, id);
  }
}

std::optional<int64_t> UnigramModel::Find(std::string_view piece) const {
  const auto found = std::ranges::lower_bound(sorted_, piece, {}, [this](int64_t id) { return PieceAt(id); });
  if (found == sorted_.end() || PieceAt(*found) != piece) return std::nullopt;
  return *found;
}

std::vector<UnigramModel::Step> UnigramModel::BestPath(std::string_view word) const {
  std::vector<Step> steps(word.size() + 1);
  for (size_t start = 0; start < word.size();) {
    const double score = steps[start].score;
    const size_t character = std::min(CharacterLength(word[start]), word.size() - start);
    bool known = false;
    EachPrefix(word.substr(start), [&](size_t length, int64_t id) {
      steps[start + length].Offer(score + vocabulary_[static_cast<size_t>(id)].score, start, id);
      known |= length == character;
    });
    if (!known) steps[start + character].Offer(score + unk_score_, start, unk_id_);
    start += character;
  }
  return steps;
}

void UnigramModel::AppendUnknown(std::string_view run, std::vector<int64_t>& ids) const {
  if (byte_fallback_) {
    std::vector<int64_t> bytes;
    for (const char byte : run) {
      const auto id = Find(absl::StrFormat("<0x%02X>", static_cast<unsigned char>(byte)));
      if (id) bytes.push_back(*id);
    }
    if (bytes.size() == run.size()) {
      ids.insert(ids.end(), bytes.begin(), bytes.end());
      return;
    }
  }
  ids.push_back(unk_id_);
}

void UnigramModel::Append(std::string_view word, std::vector<int64_t>& ids) const {
  const std::vector<Step> steps = BestPath(word);
  std::vector<size_t> ends;  // of the pieces on the best path, last first
  for (size_t end = word.size(); end > 0; end = steps[end].start) ends.push_back(end);
  size_t run_start = 0;  // of the unknown characters not yet written
  const auto flush = [&](size_t end) {
    if (end > run_start) AppendUnknown(word.substr(run_start, end - run_start), ids);
  };
  for (const size_t end : std::views::reverse(ends)) {
    if (steps[end].id == unk_id_) continue;
    flush(steps[end].start);
    ids.push_back(steps[end].id);
    run_start = end;
  }
  flush(word.size());
}

}  // namespace ovi
