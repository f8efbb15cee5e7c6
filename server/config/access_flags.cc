#include "server/config/access_flags.h"

#include <cmath>
#include <string_view>

#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "server/config/flag_checker.h"
#include "server/listen_address.h"

ABSL_FLAG(bool, insecure_listen, false,
          "allow --listen beyond this machine without TLS or without asking who calls, and --metrics_listen, which has "
          "neither");
ABSL_FLAG(std::string, tls_certificate, "",
          "PEM file of the server's certificate and those above it; read again within 4 s of a change; empty: no TLS");
ABSL_FLAG(std::string, tls_key, "", "PEM file of its key, without a passphrase; others must not be able to read it");
ABSL_FLAG(
    std::string, tls_client_ca, "",
    "PEM file of who signs clients' certificates: clients must show one (mTLS), and without --token_file the name "
    "in it is the principal; empty: clients need none");
ABSL_FLAG(std::string, token_file, "",
          "file of the tokens that may call, a line each as --make_token prints it; read again within 2 s of a change; "
          "empty: no token is asked for");
ABSL_FLAG(
    std::string, make_token, "",
    "PRINCIPAL:SCOPES, like ada:submit,read: print a new token to stderr and its line for --token_file to stdout, "
    "and end; scopes are submit, read, read_all and admin");
ABSL_FLAG(int64_t, max_queued_per_principal, 0,
          "the most jobs of one principal that wait at once, where its token says nothing else; 0: as --max_queued");
ABSL_FLAG(double, submit_rate_per_minute, 0,
          "how often one principal may submit in the long run, where its token says nothing else; 0: no limit");
ABSL_FLAG(int64_t, submit_burst, 10, "how many of them may come at once after a pause");

namespace ovi {
namespace {

constexpr int64_t kMaxCount = 1'000'000;
constexpr double kMinRate = 0.001, kMaxRate = 1e6;

TlsFiles TlsFromFlags(FlagChecker& checker) {
  TlsFiles tls{.certificate = absl::GetFlag(FLAGS_tls_certificate),
               .key = absl::GetFlag(FLAGS_tls_key),
               .client_ca = absl::GetFlag(FLAGS_tls_client_ca)};
  if (tls.certificate.empty() && !tls.key.empty()) checker.Refuse("tls_key", "needs --tls_certificate beside it");
  if (!tls.certificate.empty() && tls.key.empty()) checker.Refuse("tls_certificate", "needs --tls_key beside it");
  if (tls.certificate.empty() && !tls.client_ca.empty()) {
    checker.Refuse("tls_client_ca", "needs --tls_certificate and --tls_key beside it");
  }
  return tls;
}

PrincipalLimits LimitsFromFlags(FlagChecker& checker) {
  PrincipalLimits limits;
  const int64_t max_queued = absl::GetFlag(FLAGS_max_queued_per_principal);
  checker.CheckRange<int64_t>("max_queued_per_principal", max_queued, 0, kMaxCount);
  if (max_queued > 0) limits.max_queued = max_queued;
  const double rate = absl::GetFlag(FLAGS_submit_rate_per_minute);
  if (rate != 0 && !(rate >= kMinRate && rate <= kMaxRate)) {
    checker.Refuse("submit_rate_per_minute",
                   absl::StrFormat("is %g; take %g to %g, or 0 for no limit", rate, kMinRate, kMaxRate));
  }
  if (rate > 0) limits.submit_rate_per_minute = rate;
  limits.submit_burst = absl::GetFlag(FLAGS_submit_burst);
  checker.CheckRange<int64_t>("submit_burst", *limits.submit_burst, 1, kMaxCount);
  return limits;
}

}  // namespace

AccessConfig AccessFromFlags(FieldViolations& violations) {
  FlagChecker checker(violations);
  AccessConfig access;
  access.insecure_listen = absl::GetFlag(FLAGS_insecure_listen);
  access.tls = TlsFromFlags(checker);
  access.door.token_file = absl::GetFlag(FLAGS_token_file);
  access.door.ask_certificates = !access.tls.client_ca.empty();
  access.door.limits = LimitsFromFlags(checker);
  return access;
}

std::string WhatIsMissing(const std::string& listen, const AccessConfig& access) {
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(listen);
  if (!address.ok() || address->IsLoopback()) return "";
  if (!access.encrypted() && !access.asks_who()) return "without encryption and without asking who calls";
  if (!access.encrypted()) return "without encryption, so that tokens can be read on the way";
  return access.asks_who() ? "" : "without asking who calls";
}

void CheckListen(std::string_view flag, const std::string& listen, const AccessConfig& access,
                 FieldViolations& violations) {
  FlagChecker checker(violations);
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(listen);
  if (!address.ok()) return checker.Refuse(flag, absl::StrFormat("is %s", std::string(address.status().message())));
  const std::string missing = WhatIsMissing(listen, access);
  if (missing.empty() || access.insecure_listen) return;
  checker.Refuse(flag, absl::StrFormat("is %s, which others can reach, %s; take 127.0.0.1, or add %s, or "
                                       "--insecure_listen if the network is yours",
                                       listen, missing,
                                       access.encrypted() ? "--token_file or --tls_client_ca"
                                                          : "--tls_certificate and --tls_key with --token_file"));
}

std::string WhomToMakeATokenFor() { return absl::GetFlag(FLAGS_make_token); }

}  // namespace ovi
