// The "pre_tokenizer" of a tokenizer.json: blanks become the sign U+2581, which opens the word that follows.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace ovi {

// A value; thread-safe.
class WordSplitter {
 public:
  // Knows Metaspace and WhitespaceSplit, alone or in a Sequence. InvalidArgument naming any other.
  static absl::StatusOr<WordSplitter> Parse(const nlohmann::json& json);

  // The words of normalised text. `opens_text`: nothing came before it (matters if only the first stretch gets a sign).
  std::vector<std::string> Split(std::string_view text, bool opens_text) const;

 private:
  enum class Prepend { kNever, kFirst, kAlways };

  absl::Status ParseMetaspace(const nlohmann::json& json);
  void AppendWords(std::string_view text, bool opens_text, std::vector<std::string>& words) const;

  bool splits_at_whitespace_ = false;  // first, dropping the whitespace
  bool splits_at_sign_ = true;
  std::string sign_ = "\u2581";
  Prepend prepend_ = Prepend::kNever;
};

}  // namespace ovi
