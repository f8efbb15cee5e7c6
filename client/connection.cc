#include "client/connection.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <random>

#include "absl/strings/str_format.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace ovi::client {
namespace {

constexpr int kMaxMessageBytes = 64 << 20;
constexpr int kKeepaliveMs = 60'000;  // servers call more frequent pings abuse
constexpr int kMaxBackoffMs = 2'000;  // a server that restarts is noticed soon

// The details of google.rpc.Status that a person can act on.
void PrintDetails(const grpc::Status& status) {
  google::rpc::Status rich;
  if (!rich.ParseFromString(status.error_details())) return;
  for (const google::protobuf::Any& detail : rich.details()) {
    google::rpc::BadRequest bad_request;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&bad_request)) {
      if (bad_request.field_violations_size() == 1) continue;  // the message says it
      for (const auto& violation : bad_request.field_violations()) {
        std::fprintf(stderr, "  %s: %s\n", violation.field().c_str(), violation.description().c_str());
      }
    } else if (detail.UnpackTo(&retry)) {
      std::fprintf(stderr, "  try again in %lld s\n", static_cast<long long>(retry.retry_delay().seconds()));
    }
  }
}

std::shared_ptr<grpc::ChannelCredentials> ChannelCredentials(const Credentials& credentials) {
  if (!credentials.tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions pem;
  pem.pem_root_certs = credentials.ca_pem;
  pem.pem_cert_chain = credentials.certificate_pem;
  pem.pem_private_key = credentials.key_pem;
  return grpc::SslCredentials(pem);
}

// What to do about a call that was refused for who makes it; null for others.
const char* AccessHint(const Options& options, grpc::StatusCode code) {
  const bool has_token = !options.credentials.token.empty();
  if (code == grpc::StatusCode::UNAUTHENTICATED) {
    return has_token ? "the token came from --token, --token-file, OVI_TOKEN or OVI_TOKEN_FILE"
                     : "give the token's file with --token-file or OVI_TOKEN_FILE";
  }
  return code == grpc::StatusCode::PERMISSION_DENIED ? "ovi-client info shows what this token allows" : nullptr;
}

// Why nothing answers can be one of many things; these two are often it.
const char* TlsHint(const Options& options) {
  return options.credentials.tls ? "does it speak TLS, and does --ca hold who signed its certificate (and yours, with "
                                   "--cert and --key, if it asks for one)?"
                                 : "if it speaks TLS, add --tls or --ca";
}

}  // namespace

void ShowToken(const Options& options, grpc::ClientContext& context) {
  const std::string& token = options.credentials.token;
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
}

Connection Connect(const Options& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);  // a watch may be silent for long behind a NAT
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxBackoffMs);
  // http_proxy would carry what is meant for this machine, a token with it, to another.
  if (IsLoopback(options.server)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto channel = grpc::CreateCustomChannel(options.server, ChannelCredentials(options.credentials), arguments);
  return {channel, v1::OviService::NewStub(channel), options};
}

std::unique_ptr<grpc::ClientContext> ShortCall(const Options& options) {
  auto context = std::make_unique<grpc::ClientContext>();
  ShowToken(options, *context);
  context->set_wait_for_ready(true);
  context->set_deadline(std::chrono::system_clock::now() +
                        std::chrono::milliseconds(static_cast<int64_t>(options.timeout_seconds * 1000)));
  return context;
}

int ReportFailure(const Options& options, const std::string& what, const grpc::Status& status) {
  const bool unreachable = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
                           (status.error_code() == grpc::StatusCode::UNAVAILABLE && status.error_details().empty());
  if (unreachable) {
    std::fprintf(
        stderr,
        "ovi-client: %s: no answer from %s (%s); is ovi-server running there? --server or OVI_SERVER names another\n"
        "  %s\n",
        what.c_str(), options.server.c_str(), status.error_message().c_str(), TlsHint(options));
  } else {
    std::fprintf(stderr, "ovi-client: %s: %s\n", what.c_str(), status.error_message().c_str());
    PrintDetails(status);
    const char* const hint = AccessHint(options, status.error_code());
    if (hint != nullptr) std::fprintf(stderr, "  %s\n", hint);
  }
  return kTransport + static_cast<int>(status.error_code());
}

std::string NewRequestId() {
  std::random_device device;
  std::array<uint32_t, 4> words = {device(), device(), device(), device()};
  words[1] = (words[1] & 0xffff0fffu) | 0x4000u;      // version 4
  words[2] = (words[2] & 0x3fffffffu) | 0x80000000u;  // variant 1
  return absl::StrFormat("%08x-%04x-%04x-%04x-%04x%08x", words[0], words[1] >> 16, words[1] & 0xffffu, words[2] >> 16,
                         words[2] & 0xffffu, words[3]);
}

}  // namespace ovi::client
