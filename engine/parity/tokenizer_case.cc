// Cases of kind "tokenizer": a table of prompts, each through tag formatting, cleaning and tokenizer in both tag
// styles.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/parity/parity_case.h"
#include "engine/text/audio_tags.h"
#include "engine/text/clean_prompt.h"
#include "engine/text/read_file.h"
#include "engine/text/tokenizer.h"

namespace ovi {
namespace {

using nlohmann::json;

// One row in one style, in the table's own form.
json RunRow(const Tokenizer& tokenizer, const std::string& text, AudioTags style, int64_t text_len) {
  const std::string formatted = FormatAudioTags(text, style);
  const std::string cleaned = CleanPrompt(formatted);
  const std::vector<int64_t> ids = tokenizer.Encode(cleaned, text_len);
  const bool truncated = tokenizer.Tokenize(cleaned).size() >= static_cast<size_t>(text_len);
  return {
      {"formatted", formatted}, {"cleaned", cleaned}, {"ids", ids}, {"length", ids.size()}, {"truncated", truncated}};
}

// Every key that the table gives must come out equal; it may leave some out.
bool Agrees(const json& computed, const json& expected) {
  for (const auto& [key, value] : expected.items()) {
    if (!computed.contains(key) || computed.at(key) != value) return false;
  }
  return true;
}

void RunTable(const Tokenizer& tokenizer, const json& table, CaseOutcome& outcome) {
  const auto text_len = table.at("text_len").get<int64_t>();
  for (const json& row : table.at("cases")) {
    for (const auto& [key, style] :
         {std::pair("audcap", AudioTags::kAudCap), {"audio_prefix", AudioTags::kAudioPrefix}}) {
      const json computed = RunRow(tokenizer, row.at("text").get<std::string>(), style, text_len);
      ++outcome.rows;
      if (Agrees(computed, row.at(key))) continue;
      ++outcome.wrong_rows;
      if (!outcome.first_wrong_row.empty()) continue;
      outcome.first_wrong_row = absl::StrFormat("%s in style %s: %s", row.value("id", ""), key, computed.dump());
    }
  }
}

}  // namespace

absl::StatusOr<CaseOutcome> RunTokenizerCase(const ParityContext& context, const ParityCase& parity_case) {
  OVI_ASSIGN_OR_RETURN(const std::shared_ptr<const Tokenizer> tokenizer, OpenTokenizer(context.bundle.tokenizer_file));
  const std::string path = parity_case.directory + "/" + parity_case.file;
  OVI_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  CaseOutcome outcome;
  try {
    RunTable(*tokenizer, json::parse(content), outcome);
  } catch (const json::exception& exception) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: %s", path, exception.what()));
  }
  return outcome;
}

}  // namespace ovi
