// Reads a tokenizer.json of Hugging Face tokenizers, as far as T5 and its relatives use that format.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/text/tokenizer.h"

namespace ovi {

// Ordinary text is normalised (text_normalizer.h), cut into words (word_splitter.h), and each word into pieces
// (unigram_model.h). Special are the file's added tokens. The end piece is what its post_processor puts behind a text.
// NotFound, InvalidArgument: the error names the file and the key at fault.
absl::StatusOr<TokenizerParts> ReadTokenizerJson(const std::string& path);

}  // namespace ovi
