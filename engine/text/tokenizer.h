// Prompts to token ids, as the files of a checkpoint say.
//
// Upstream reads the tokenizer through Hugging Face's tokenizer.json, which differs from the sentencepiece model beside
// it (no byte fallback, special pieces recognised in the text). So where tokenizer.json exists it decides; a bundle
// with a .model file alone is tokenized by sentencepiece itself. Special ids always come from the files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/text/special_pieces.h"

namespace ovi {

// A stretch of text between special pieces, and what a tokenizer may want to know of its place.
struct TextSection {
  std::string_view text;  // not empty
  bool opens_text = true;
  bool before_special = false;
};

// The ids of ordinary text; one implementation per kind of file. Immutable, thread-safe.
class SectionTokenizer {
 public:
  virtual ~SectionTokenizer() = default;
  virtual void Append(const TextSection& section, std::vector<int64_t>& ids) const = 0;
};

// Everything a tokenizer's files tell.
struct TokenizerParts {
  std::unique_ptr<const SectionTokenizer> sections;
  SpecialPieces special_pieces;
  int64_t pad_id = 0, eos_id = 0;
  int64_t size = 0;  // every id is below it
};

// Immutable, thread-safe.
class Tokenizer {
 public:
  explicit Tokenizer(TokenizerParts parts) : parts_(std::move(parts)) {}

  // All ids of a cleaned prompt (valid UTF-8), without the end piece.
  std::vector<int64_t> Tokenize(std::string_view text) const;
  // What the text encoder gets: at most text_len - 1 of them, then the end piece. text_len >= 1.
  std::vector<int64_t> Encode(std::string_view text, int64_t text_len) const;

  const SpecialPieces& special_pieces() const { return parts_.special_pieces; }
  int64_t pad_id() const { return parts_.pad_id; }
  int64_t eos_id() const { return parts_.eos_id; }
  int64_t size() const { return parts_.size; }  // every id is below it

 private:
  TokenizerParts parts_;
};

// Opens what a bundle's `tokenizer` names: a sentencepiece .model file, with or without a tokenizer.json beside it; a
// folder with tokenizer.json or spiece.model; or a tokenizer.json itself.
// NotFound (no such file), InvalidArgument (damaged, or a tokenizer.json that asks for what is not implemented).
absl::StatusOr<std::shared_ptr<const Tokenizer>> OpenTokenizer(const std::string& path);

}  // namespace ovi
