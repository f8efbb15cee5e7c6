#include "engine/text/word_splitter.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "engine/text/unicode.h"

namespace ovi {

using nlohmann::json;

absl::Status WordSplitter::ParseMetaspace(const json& metaspace) {
  sign_ = metaspace.value("replacement", sign_);
  splits_at_sign_ = metaspace.value("split", true);
  const std::string scheme =
      metaspace.value("add_prefix_space", true) ? metaspace.value("prepend_scheme", "always") : "never";
  if (scheme != "always" && scheme != "first" && scheme != "never") {
    return absl::InvalidArgumentError(
        absl::StrFormat("prepend_scheme is %s; known are always, first and never", scheme));
  }
  prepend_ = scheme == "always" ? Prepend::kAlways : scheme == "first" ? Prepend::kFirst : Prepend::kNever;
  return absl::OkStatus();
}

absl::StatusOr<WordSplitter> WordSplitter::Parse(const json& pre_tokenizer) {
  WordSplitter splitter;
  const json steps =
      pre_tokenizer.value("type", "") == "Sequence" ? pre_tokenizer.at("pretokenizers") : json::array({pre_tokenizer});
  for (size_t i = 0; i < steps.size(); ++i) {
    const std::string type = steps[i].at("type").get<std::string>();
    if (type == "Metaspace" && i + 1 == steps.size()) {
      OVI_RETURN_IF_ERROR(splitter.ParseMetaspace(steps[i]));
    } else if (type == "WhitespaceSplit" && i + 1 < steps.size()) {
      splitter.splits_at_whitespace_ = true;
    } else {
      return absl::InvalidArgumentError(absl::StrFormat(
          "type %s at place %d is not implemented (Metaspace is, alone or after WhitespaceSplit)", type, i));
    }
  }
  return splitter;
}

void WordSplitter::AppendWords(std::string_view text, bool opens_text, std::vector<std::string>& words) const {
  if (text.empty()) return;
  std::string signed_text = absl::StrReplaceAll({text.data(), text.size()}, {{" ", sign_}});
  const bool wants_sign = prepend_ == Prepend::kAlways || (prepend_ == Prepend::kFirst && opens_text);
  if (wants_sign && !signed_text.starts_with(sign_)) signed_text.insert(0, sign_);
  std::string_view rest = signed_text;
  while (splits_at_sign_ && !rest.empty()) {
    const size_t next = rest.find(sign_, rest.starts_with(sign_) ? sign_.size() : 0);
    words.emplace_back(rest.substr(0, next));
    rest.remove_prefix(words.back().size());
  }
  if (!rest.empty()) words.emplace_back(rest);
}

std::vector<std::string> WordSplitter::Split(std::string_view text, bool opens_text) const {
  std::vector<std::string> words;
  if (!splits_at_whitespace_) {
    AppendWords(text, opens_text, words);
    return words;
  }
  std::u32string word;
  const auto flush = [&](bool at_start) {
    AppendWords(ToUtf8(word), opens_text && at_start, words);
    word.clear();
  };
  for (const char32_t c : ToCodePoints(text)) {
    if (IsSpace(c)) {
      flush(words.empty());
    } else {
      word.push_back(c);
    }
  }
  flush(words.empty());
  return words;
}

}  // namespace ovi
