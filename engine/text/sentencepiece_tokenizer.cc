#include "engine/text/sentencepiece_tokenizer.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/text/read_file.h"
#include "engine/text/sentencepiece_model.h"

namespace ovi {
namespace {

constexpr std::string_view kBlankPiece = "\u2581";

class SentencePieceSections final : public SectionTokenizer {
 public:
  explicit SentencePieceSections(std::unique_ptr<const SentencePieceModel> model)
      : model_(std::move(model)), blank_id_(model_->IdOf(kBlankPiece)) {}

  void Append(const TextSection& section, std::vector<int64_t>& ids) const override {
    const std::vector<int> pieces = model_->Encode(section.text);
    ids.insert(ids.end(), pieces.begin(), pieces.end());
    if (section.before_special && section.text.ends_with(' ')) ids.push_back(blank_id_);
  }

 private:
  std::unique_ptr<const SentencePieceModel> model_;
  int64_t blank_id_;
};

}  // namespace

absl::StatusOr<TokenizerParts> ReadSentencePieceTokenizer(const std::string& path) {
  OVI_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  OVI_ASSIGN_OR_RETURN(std::unique_ptr<SentencePieceModel> model, MakeSentencePieceModel());
  if (const std::string problem = model->Load(bytes); !problem.empty()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s is not a sentencepiece model, or is damaged (%s); copy it again", path, absl::CHexEscape(problem)));
  }
  if (model->eos_id() < 0) {
    return absl::InvalidArgumentError(absl::StrFormat("%s has no end piece; a text encoder needs one", path));
  }
  TokenizerParts parts;
  parts.size = model->size();
  parts.eos_id = model->eos_id();
  parts.pad_id = model->pad_id() >= 0 ? model->pad_id() : model->eos_id();  // masked: any id will do
  std::vector<SpecialPiece> special;
  for (int id = 0; id < model->size(); ++id) {
    if (model->IsControl(id) || id == model->unk_id()) special.push_back({.text = model->Piece(id), .id = id});
  }
  parts.special_pieces = SpecialPieces(std::move(special));
  parts.sections = std::make_unique<SentencePieceSections>(std::move(model));
  return parts;
}

}  // namespace ovi
