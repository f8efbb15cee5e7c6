// Reads a tokenizer that consists of a sentencepiece .model file alone.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/text/tokenizer.h"

namespace ovi {

// Ordinary text becomes sentencepiece's own ids, byte pieces included. The model's control and unknown pieces are
// special, as they are on the tokenizer.json path; a blank before one stays as a blank piece, which sentencepiece would
// trim. NotFound, InvalidArgument (damaged, or without an end piece).
absl::StatusOr<TokenizerParts> ReadSentencePieceTokenizer(const std::string& path);

}  // namespace ovi
