// The way to a server, and what a refused call means for a person and for a script.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "client/credentials.h"
#include "ovi/v1/ovi_service.grpc.pb.h"

namespace ovi::client {

// What every command knows.
struct Options {
  std::string server = "127.0.0.1:50051";
  Credentials credentials;  // complete
  bool json = false;        // one JSON object per line on stdout instead of text
  bool quiet = false;       // no progress
  bool no_color = false;
  double timeout_seconds = 10;     // to reach the server and for each short call
  double reconnect_seconds = 600;  // how long a job is watched of which nothing is heard, as its server is away
};

// Exit codes; a call that fails exits with kTransport + its gRPC code, as grpcurl does.
enum ExitCode : int { kOk = 0, kFailed = 1, kUsage = 2, kCancelled = 3, kTransport = 64 };

struct Connection {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::OviService::Stub> stub;
  Options options;
};

// Does not wait for the server; the first call does.
Connection Connect(const Options& options);

// Puts the token, if there is one, into what a call shows. Every context goes through here; ShortCall did it already.
void ShowToken(const Options& options, grpc::ClientContext& context);

// A context for one short call: waits until the server can be reached, for at most options.timeout_seconds.
std::unique_ptr<grpc::ClientContext> ShortCall(const Options& options);

// Prints a refused call to stderr, with every violated field and when to try again, and returns the exit code.
int ReportFailure(const Options& options, const std::string& what, const grpc::Status& status);

// A random UUID (RFC 4122, version 4): makes submitting twice submitting once.
std::string NewRequestId();

}  // namespace ovi::client
