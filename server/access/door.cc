#include "server/access/door.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/status_macros.h"
#include "server/jobs/status_details.h"

namespace ovi {
namespace {

constexpr std::string_view kHowToSend = "send the metadata 'authorization: Bearer TOKEN' (ovi-client: --token-file)";

absl::Status Refused(const std::string& why, std::string_view reason) {
  return WithReason(absl::UnauthenticatedError(why), reason);
}

absl::StatusOr<std::string> TokenOf(const CallCredentials& credentials) {
  constexpr std::string_view kBearer = "bearer ";
  if (credentials.authorization.empty()) {
    return Refused(absl::StrFormat("this server asks for a token: %s", kHowToSend), "TOKEN_MISSING");
  }
  const std::string& value = credentials.authorization.front();
  const bool is_bearer =
      value.size() > kBearer.size() && absl::EqualsIgnoreCase(value.substr(0, kBearer.size()), std::string(kBearer));
  if (is_bearer && credentials.authorization.size() == 1) return value.substr(kBearer.size());
  return Refused(absl::StrFormat("the metadata 'authorization' is not one bearer token: %s", kHowToSend),
                 "TOKEN_MALFORMED");
}

// What the principal has of its own, and where it has nothing the rule for all.
PrincipalLimits Effective(const PrincipalLimits& own, const PrincipalLimits& all) {
  const auto first = [](const auto& one, const auto& other) { return one.has_value() ? one : other; };
  return {.max_queued = first(own.max_queued, all.max_queued),
          .submit_rate_per_minute = first(own.submit_rate_per_minute, all.submit_rate_per_minute),
          .submit_burst = first(own.submit_burst, all.submit_burst)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Door>> Door::Open(const DoorRules& rules, const Clock& clock) {
  std::unique_ptr<TokenTable> tokens;
  if (!rules.token_file.empty()) {
    absl::StatusOr<std::unique_ptr<TokenTable>> opened = TokenTable::Open(rules.token_file);
    if (!opened.ok()) {
      return absl::Status(opened.status().code(),
                          absl::StrFormat("--token_file: %s", std::string(opened.status().message())));
    }
    tokens = *std::move(opened);
  }
  return std::unique_ptr<Door>(new Door(rules, std::move(tokens), clock));
}

Door::Door(DoorRules rules, std::unique_ptr<TokenTable> tokens, const Clock& clock)
    : rules_(std::move(rules)), tokens_(std::move(tokens)), rate_limiter_(clock), refusals_(clock) {
  if (tokens_ == nullptr) return;
  look_.emplace(kTokenFileInterval, [this] {
    tokens_->Look();
    return kTokenFileInterval;
  });
}

absl::StatusOr<Principal> Door::Admit(const CallCredentials& credentials) {
  absl::StatusOr<Principal> principal = Identify(credentials);
  if (!principal.ok()) refusals_.Note(credentials.peer, ReasonOf(principal.status()));
  return principal;
}

absl::StatusOr<Principal> Door::Identify(const CallCredentials& credentials) const {
  if (tokens_ != nullptr) {
    OVI_ASSIGN_OR_RETURN(const std::string token, TokenOf(credentials));
    std::optional<Principal> principal = tokens_->Find(token);
    if (!principal.has_value()) {
      return Refused("the token is none of this server's, or not any more; ask whoever runs it for a new one",
                     "TOKEN_UNKNOWN");
    }
    principal->limits = Effective(principal->limits, rules_.limits);
    return *std::move(principal);
  }
  if (!rules_.ask_certificates) return Principal{.name = "", .scopes = {Scope::kAdmin}, .limits = rules_.limits};
  if (!IsPrincipalName(credentials.certificate_name)) {
    return Refused(
        "the client certificate names nobody: its first subject alternative name, or its common name without one, must "
        "be 1 to 128 of letters, digits and . _ - @ : / + =",
        "CERTIFICATE_WITHOUT_NAME");
  }
  return Principal{
      .name = credentials.certificate_name, .scopes = {Scope::kSubmit, Scope::kRead}, .limits = rules_.limits};
}

absl::Status Door::CountSubmission(const Principal& principal) {
  const PrincipalLimits& limits = principal.limits;
  if (!limits.submit_rate_per_minute.has_value()) return absl::OkStatus();
  const Rate rate{.per_minute = *limits.submit_rate_per_minute, .burst = limits.submit_burst.value_or(1)};
  const absl::Duration wait = rate_limiter_.Take(principal.name, rate);
  if (wait <= absl::ZeroDuration()) return absl::OkStatus();
  absl::Status status = WithReason(
      absl::ResourceExhaustedError(absl::StrFormat("%g submissions a minute are allowed (--submit_rate_per_minute), "
                                                   "and %d at once after a pause; try again in %s",
                                                   rate.per_minute, rate.burst, absl::FormatDuration(wait))),
      "SUBMIT_RATE_EXCEEDED");
  status = WithMetadata(std::move(status), "submitRatePerMinute", absl::StrFormat("%g", rate.per_minute));
  status = WithMetadata(std::move(status), "submitBurst", absl::StrFormat("%d", rate.burst));
  return WithRetryAfter(std::move(status), wait);
}

absl::Status RequireScope(const Principal& principal, Scope scope) {
  if (principal.scopes.Has(scope)) return absl::OkStatus();
  absl::Status status = absl::PermissionDeniedError(
      absl::StrFormat("this needs the scope '%s', and %s has '%s'; ask whoever runs the server for a token with it",
                      ScopeName(scope), principal.name, principal.scopes.ToString()));
  status = WithMetadata(WithReason(std::move(status), "SCOPE_MISSING"), "scope", ScopeName(scope));
  return WithMetadata(std::move(status), "principal", principal.name);
}

}  // namespace ovi
