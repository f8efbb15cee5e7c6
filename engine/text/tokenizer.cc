#include "engine/text/tokenizer.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/text/sentencepiece_tokenizer.h"
#include "engine/text/tokenizer_json.h"

namespace ovi {
namespace {

namespace fs = std::filesystem;

bool IsFile(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

absl::StatusOr<TokenizerParts> OpenParts(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    if (IsFile(path / "tokenizer.json")) return ReadTokenizerJson((path / "tokenizer.json").string());
    if (IsFile(path / "spiece.model")) return ReadSentencePieceTokenizer((path / "spiece.model").string());
    return absl::NotFoundError(
        absl::StrFormat("%s holds neither tokenizer.json nor spiece.model; copy the checkpoint's tokenizer files there",
                        path.string()));
  }
  if (!IsFile(path)) {
    return absl::NotFoundError(absl::StrFormat("tokenizer %s does not exist or is not a file", path.string()));
  }
  if (path.extension() == ".json") return ReadTokenizerJson(path.string());
  // Read even where tokenizer.json decides, so that damage to a file the bundle names is found at start.
  OVI_ASSIGN_OR_RETURN(TokenizerParts model, ReadSentencePieceTokenizer(path.string()));
  const fs::path json = path.parent_path() / "tokenizer.json";
  return IsFile(json) ? ReadTokenizerJson(json.string()) : absl::StatusOr<TokenizerParts>(std::move(model));
}

}  // namespace

std::vector<int64_t> Tokenizer::Tokenize(std::string_view text) const {
  std::vector<int64_t> ids;
  const char* const end = text.data() + text.size();
  parts_.special_pieces.Split(text, [&](std::string_view part, const SpecialPiece* piece) {
    if (piece != nullptr) {
      ids.push_back(piece->id);
    } else {
      const bool before_special = part.data() + part.size() != end;
      parts_.sections->Append({part, part.data() == text.data(), before_special}, ids);
    }
  });
  return ids;
}

std::vector<int64_t> Tokenizer::Encode(std::string_view text, int64_t text_len) const {
  std::vector<int64_t> ids = Tokenize(text);
  const auto room = static_cast<size_t>(std::max<int64_t>(text_len - 1, 0));
  if (ids.size() > room) ids.resize(room);
  ids.push_back(parts_.eos_id);
  return ids;
}

absl::StatusOr<std::shared_ptr<const Tokenizer>> OpenTokenizer(const std::string& path) {
  OVI_ASSIGN_OR_RETURN(TokenizerParts parts, OpenParts(path));
  return std::make_shared<const Tokenizer>(std::move(parts));
}

}  // namespace ovi
