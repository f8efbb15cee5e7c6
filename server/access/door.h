// Who may come in: the one place that turns what a call shows into a principal.
//
//   OVI_ASSIGN_OR_RETURN(const Principal caller, door.Admit(credentials));
//   OVI_RETURN_IF_ERROR(RequireScope(caller, Scope::kSubmit));
//   OVI_RETURN_IF_ERROR(door.CountSubmission(caller));
//
// With a token file the token says who it is; without one the client's certificate does, where certificates are asked
// for; else everybody is one principal without a name who may do everything. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/repeating_thread.h"
#include "server/access/principal.h"
#include "server/access/rate_limiter.h"
#include "server/access/refusal_log.h"
#include "server/access/token_table.h"

namespace ovi {

// A changed token file counts after two looks at it.
constexpr absl::Duration kTokenFileInterval = absl::Seconds(1);

struct DoorRules {
  std::string token_file;         // empty: nobody is asked for a token
  bool ask_certificates = false;  // the transport lets nobody in without one
  PrincipalLimits limits;         // of principals whose tokens have none of their own
};

// What a call shows.
struct CallCredentials {
  std::vector<std::string> authorization;  // the metadata of that name
  std::string peer;                        // for the log
  std::string certificate_name;            // of a client certificate that the transport has checked; empty: none
};

class Door {
 public:
  // Everybody may do everything.
  explicit Door(const Clock& clock) : Door(DoorRules(), nullptr, clock) {}
  // The errors of TokenTable::Open, with the flag.
  static absl::StatusOr<std::unique_ptr<Door>> Open(const DoorRules& rules, const Clock& clock);

  // Unauthenticated, with a reason, if the call shows nothing or nothing that is known here.
  absl::StatusOr<Principal> Admit(const CallCredentials& credentials);

  // ResourceExhausted, SUBMIT_RATE_EXCEEDED, with the time to wait, if the principal submits too often.
  absl::Status CountSubmission(const Principal& principal);

 private:
  Door(DoorRules rules, std::unique_ptr<TokenTable> tokens, const Clock& clock);
  absl::StatusOr<Principal> Identify(const CallCredentials& credentials) const;

  const DoorRules rules_;
  const std::unique_ptr<TokenTable> tokens_;  // null without a file
  RateLimiter rate_limiter_;
  RefusalLog refusals_;
  std::optional<RepeatingThread> look_;
};

// PermissionDenied, SCOPE_MISSING, if the principal lacks the scope.
absl::Status RequireScope(const Principal& principal, Scope scope);

}  // namespace ovi
