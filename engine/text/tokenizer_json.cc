#include "engine/text/tokenizer_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/text/read_file.h"
#include "engine/text/text_normalizer.h"
#include "engine/text/unigram_model.h"
#include "engine/text/word_splitter.h"

namespace ovi {
namespace {

using nlohmann::json;

class UnigramSections final : public SectionTokenizer {
 public:
  UnigramSections(TextNormalizer normalizer, WordSplitter splitter, UnigramModel model)
      : normalizer_(std::move(normalizer)), splitter_(std::move(splitter)), model_(std::move(model)) {}

  void Append(const TextSection& section, std::vector<int64_t>& ids) const override {
    for (const std::string& word : splitter_.Split(normalizer_(section.text), section.opens_text)) {
      model_.Append(word, ids);
    }
  }

 private:
  TextNormalizer normalizer_;
  WordSplitter splitter_;
  UnigramModel model_;
};

absl::StatusOr<UnigramModel> ParseModel(const json& model) {
  if (model.value("type", "Unigram") != "Unigram") {
    return absl::InvalidArgumentError(
        absl::StrFormat("type is %s; only Unigram is implemented", model.at("type").get<std::string>()));
  }
  std::vector<ScoredPiece> vocabulary;
  vocabulary.reserve(model.at("vocab").size());
  for (const json& entry : model.at("vocab")) {
    vocabulary.push_back({entry.at(0).get<std::string>(), entry.at(1).get<double>()});
  }
  const auto unk_id = model.at("unk_id").get<int64_t>();
  if (unk_id < 0 || unk_id >= static_cast<int64_t>(vocabulary.size())) {
    return absl::InvalidArgumentError(
        absl::StrFormat("unk_id is %d; the vocabulary has %d pieces", unk_id, vocabulary.size()));
  }
  return UnigramModel(std::move(vocabulary), unk_id, model.value("byte_fallback", false));
}

absl::StatusOr<std::vector<SpecialPiece>> ParseAddedTokens(const json& root) {
  std::vector<SpecialPiece> pieces;
  for (const json& token : root.value("added_tokens", json::array())) {
    pieces.push_back({.text = token.at("content").get<std::string>(),
                      .id = token.at("id").get<int64_t>(),
                      .strips_left = token.value("lstrip", false),
                      .strips_right = token.value("rstrip", false)});
    if (pieces.back().id < 0) {
      return absl::InvalidArgumentError(absl::StrFormat("%s has the id %d", pieces.back().text, pieces.back().id));
    }
  }
  return pieces;
}

// The id of the piece that the template of a single text puts behind it.
absl::StatusOr<int64_t> ParseEndId(const json& post_processor) {
  const json& single = post_processor.at("single");
  const bool text_then_piece =
      single.size() == 2 && single[0].contains("Sequence") && single[1].contains("SpecialToken");
  if (!text_then_piece) {
    return absl::InvalidArgumentError(
        absl::StrFormat("single is %s; only the text followed by one special piece is implemented", single.dump()));
  }
  const std::string name = single[1]["SpecialToken"].at("id").get<std::string>();
  return post_processor.at("special_tokens").at(name).at("ids").at(0).get<int64_t>();
}

// The id that fills up a batch. It is masked, so a tokenizer that names none may take any.
absl::StatusOr<int64_t> ParsePadId(const json& root, const std::vector<SpecialPiece>& special, int64_t otherwise) {
  if (const json padding = root.value("padding", json()); padding.is_object())
    return padding.at("pad_id").get<int64_t>();
  const auto found = std::ranges::find(special, "<pad>", &SpecialPiece::text);
  return found == special.end() ? otherwise : found->id;
}

// Runs one parser and says which part of the file it stumbled over: the JSON library speaks in exceptions.
template <typename ParsePart>
auto InPart(std::string_view key, const ParsePart& parse) -> decltype(parse()) {
  try {
    auto part = parse();
    if (part.ok()) return part;
    return absl::InvalidArgumentError(absl::StrFormat("%s: %s", key, std::string(part.status().message())));
  } catch (const json::exception& exception) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: %s", key, exception.what()));
  }
}

absl::StatusOr<TokenizerParts> Parse(const json& root) {
  OVI_ASSIGN_OR_RETURN(TextNormalizer normalizer,
                       InPart("normalizer", [&] { return ParseTextNormalizer(root.value("normalizer", json())); }));
  OVI_ASSIGN_OR_RETURN(WordSplitter splitter,
                       InPart("pre_tokenizer", [&] { return WordSplitter::Parse(root.at("pre_tokenizer")); }));
  OVI_ASSIGN_OR_RETURN(UnigramModel model, InPart("model", [&] { return ParseModel(root.at("model")); }));
  OVI_ASSIGN_OR_RETURN(std::vector<SpecialPiece> special,
                       InPart("added_tokens", [&] { return ParseAddedTokens(root); }));
  TokenizerParts parts;
  OVI_ASSIGN_OR_RETURN(parts.eos_id, InPart("post_processor", [&] { return ParseEndId(root.at("post_processor")); }));
  OVI_ASSIGN_OR_RETURN(parts.pad_id, InPart("padding", [&] { return ParsePadId(root, special, parts.eos_id); }));
  parts.size = std::max({model.size(), parts.eos_id + 1, parts.pad_id + 1});
  for (const SpecialPiece& piece : special) parts.size = std::max(parts.size, piece.id + 1);
  parts.special_pieces = SpecialPieces(std::move(special));
  parts.sections = std::make_unique<UnigramSections>(std::move(normalizer), std::move(splitter), std::move(model));
  return parts;
}

}  // namespace

absl::StatusOr<TokenizerParts> ReadTokenizerJson(const std::string& path) {
  OVI_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  const json root = json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object()) {
    return absl::InvalidArgumentError(absl::StrFormat("%s is not a JSON object, or is damaged; copy it again", path));
  }
  absl::StatusOr<TokenizerParts> parts = Parse(root);
  if (parts.ok()) return parts;
  return absl::InvalidArgumentError(absl::StrFormat("%s: %s", path, std::string(parts.status().message())));
}

}  // namespace ovi
