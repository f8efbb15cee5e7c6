#include "server/jobs/job_filter.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

constexpr std::string_view kLabels = "labels.";

// Letters beyond ASCII too, so that no token ends inside a character.
bool IsWord(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || absl::ascii_isalnum(byte) || c == '_' || c == '-' || c == '.';
}

absl::Status NotUnderstood(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s; write conditions like state = QUEUED OR state = RUNNING, labels.KEY = \"value\" or labels.KEY:*, "
      "joined by AND",
      what));
}

// Words, quoted text and the marks = != : * ( ), one after another; "" at the end.
class Tokens {
 public:
  struct Token {
    std::string text;
    bool quoted = false;
    bool Is(std::string_view mark) const { return !quoted && text == mark; }
  };

  explicit Tokens(std::string_view text) : rest_(text) {}

  absl::StatusOr<Token> Take() {
    while (!rest_.empty() && absl::ascii_isspace(static_cast<unsigned char>(rest_[0]))) rest_.remove_prefix(1);
    if (rest_.empty()) return Token{};
    if (rest_[0] == '"' || rest_[0] == '\'') return TakeQuoted(rest_[0]);
    size_t length = 0;
    while (length < rest_.size() && IsWord(rest_[length])) ++length;
    if (length == 0) length = rest_.starts_with("!=") ? 2 : 1;
    const Token token{std::string(rest_.substr(0, length))};
    rest_.remove_prefix(length);
    return token;
  }

 private:
  absl::StatusOr<Token> TakeQuoted(char quote) {
    std::string text;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == quote) {
        rest_.remove_prefix(i + 1);
        return Token{text, true};
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      text.push_back(rest_[i]);
    }
    return NotUnderstood("filter has a quotation mark that is not closed");
  }

  std::string_view rest_;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(text) {}

  absl::StatusOr<JobFilter> Parse() {
    JobFilter filter;
    OVI_RETURN_IF_ERROR(Advance());
    if (AtEnd()) return filter;
    while (true) {
      OVI_ASSIGN_OR_RETURN(auto clause, Clause());
      filter.clauses.push_back(std::move(clause));
      if (AtEnd()) return filter;
      if (!token_.Is("AND")) return Unexpected("AND or OR");
      OVI_RETURN_IF_ERROR(Advance());
    }
  }

 private:
  absl::Status Advance() {
    OVI_ASSIGN_OR_RETURN(token_, tokens_.Take());
    return absl::OkStatus();
  }

  bool AtEnd() const { return !token_.quoted && token_.text.empty(); }

  absl::Status Unexpected(std::string_view wanted) const {
    if (AtEnd()) return NotUnderstood(absl::StrFormat("filter ends where %s was expected", wanted));
    return NotUnderstood(
        absl::StrFormat("filter has '%s' where %s was expected", log::Escaped(token_.text.substr(0, 64)), wanted));
  }

  // One condition, or several joined by OR; parentheses may be around all of them.
  absl::StatusOr<std::vector<JobCondition>> Clause() {
    const bool in_parentheses = token_.Is("(");
    if (in_parentheses) OVI_RETURN_IF_ERROR(Advance());
    std::vector<JobCondition> clause;
    while (true) {
      OVI_ASSIGN_OR_RETURN(auto condition, Condition());
      clause.push_back(std::move(condition));
      if (!token_.Is("OR")) break;
      OVI_RETURN_IF_ERROR(Advance());
    }
    if (in_parentheses) {
      if (!token_.Is(")")) return Unexpected(")");
      OVI_RETURN_IF_ERROR(Advance());
    }
    return clause;
  }

  absl::StatusOr<JobCondition> Condition() {
    JobCondition condition;
    if (token_.Is("state")) {
      condition.subject = JobCondition::Subject::kState;
    } else if (!token_.quoted && token_.text.starts_with(kLabels) && token_.text.size() > kLabels.size()) {
      condition.subject = JobCondition::Subject::kLabel;
      condition.key = token_.text.substr(kLabels.size());
    } else {
      return Unexpected("state or labels.KEY");
    }
    OVI_RETURN_IF_ERROR(Advance());
    const bool is_label = condition.subject == JobCondition::Subject::kLabel;
    if (is_label && token_.Is(":")) return Present(std::move(condition));
    if (!token_.Is("=") && !token_.Is("!=")) return Unexpected("= or !=");
    condition.test = token_.Is("=") ? JobCondition::Test::kEquals : JobCondition::Test::kDiffers;
    OVI_RETURN_IF_ERROR(Advance());
    const bool is_value = token_.quoted || (!AtEnd() && IsWord(token_.text[0]));
    const std::optional<JobState> state = ParseJobState(token_.text);
    if (is_label ? !is_value : !state.has_value()) return Unexpected(is_label ? "a value" : "a state");
    if (is_label) condition.value = token_.text;
    if (!is_label) condition.state = *state;
    OVI_RETURN_IF_ERROR(Advance());
    return condition;
  }

  absl::StatusOr<JobCondition> Present(JobCondition condition) {
    OVI_RETURN_IF_ERROR(Advance());
    if (!token_.Is("*")) return Unexpected("*");
    condition.test = JobCondition::Test::kPresent;
    OVI_RETURN_IF_ERROR(Advance());
    return condition;
  }

  Tokens tokens_;
  Tokens::Token token_;
};

bool Holds(const JobCondition& condition, const Job& job) {
  using Test = JobCondition::Test;
  if (condition.subject == JobCondition::Subject::kState) {
    return (job.state == condition.state) == (condition.test == Test::kEquals);
  }
  const auto label = job.spec.labels.find(condition.key);
  const bool present = label != job.spec.labels.end();
  if (condition.test == Test::kPresent) return present;
  return (present && label->second == condition.value) == (condition.test == Test::kEquals);
}

}  // namespace

bool Matches(const JobFilter& filter, const Job& job) {
  return std::all_of(filter.clauses.begin(), filter.clauses.end(), [&](const std::vector<JobCondition>& clause) {
    return std::any_of(clause.begin(), clause.end(), [&](const JobCondition& each) { return Holds(each, job); });
  });
}

std::vector<JobState> StatesOf(const JobFilter& filter) {
  std::vector<JobState> states;
  for (const JobState state : kJobStates) {
    const auto may_hold = [&](const JobCondition& each) {
      if (each.subject != JobCondition::Subject::kState) return true;
      return (state == each.state) == (each.test == JobCondition::Test::kEquals);
    };
    const bool possible = std::all_of(filter.clauses.begin(), filter.clauses.end(), [&](const auto& clause) {
      return std::any_of(clause.begin(), clause.end(), may_hold);
    });
    if (possible) states.push_back(state);
  }
  return states;
}

absl::StatusOr<JobFilter> ParseJobFilter(std::string_view text) { return Parser(text).Parse(); }

}  // namespace ovi
