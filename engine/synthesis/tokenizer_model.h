// A small sentencepiece model with the special ids of UMT5's: enough for any prompt to become ids, a byte or a
// character each.
#pragma once

#include <string>

namespace ovi {

// pad, eos, <s>, <unk>, 256 bytes, the blank and the 94 visible characters of ASCII.
inline constexpr int kTokenizerPieces = 4 + 256 + 1 + 94;

// The bytes of its spiece.model: a Unigram model with byte fallback, in the wire format of sentencepiece_model.proto.
std::string MakeTokenizerModel();

}  // namespace ovi
