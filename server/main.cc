// ovi-server: flags → config → engine → server → serve → drain.
//
// Exit codes: 0 after SIGTERM or SIGINT; 2 for flags that are wrong; 1 for what cannot be started, in one line, and
// when the device fails for good, for the supervisor to start anew. With --selftest: 0 if every line is ok, else 1.
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "engine/engine.h"
#include "engine/self_test.h"
#include "server/access/door.h"
#include "server/access/make_token.h"
#include "server/access/tls.h"
#include "server/config/command_line.h"
#include "server/config/paths.h"
#include "server/config/server_config.h"
#include "server/draining.h"
#include "server/listen_address.h"
#include "server/open_stores.h"
#include "server/server.h"
#include "server/signals.h"
#include "server/supervision/service_manager.h"

namespace ovi {
namespace {

constexpr int kUsageError = 2;

int Fail(const absl::Status& status, int code) {
  const std::string why(status.message());
  if (log::CurrentFormat() == log::Format::kJson) {
    log::Error("%s", why);
  } else {
    absl::FPrintF(stderr, "ovi-server: %s\n", log::Escaped(why));
  }
  return code;
}

absl::Status Serve(const ServerConfig& config) {
  StopRequests requests;
  Mutex mutex;
  bool serving = false;  // guarded by mutex
  const SignalWatch signals([&](int count) {
    MutexLock lock(mutex);
    if (!serving) std::_Exit(0);  // loading cannot be interrupted, and nothing is to be saved yet
    requests.Add(count);
  });
  OVI_ASSIGN_OR_RETURN(auto manager, ServiceManager::Start(ServiceManager::FromEnvironment(), "loading the models"));
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<DataDir> data_dir, DataDir::Open(config.data_dir));
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<JobStore> jobs, OpenJobStore(config));
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<ArtifactStore> artifacts, OpenArtifactStore(config));
  // What takes an instant and can be wrong, before the models, which take long.
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<Door> door, Door::Open(config.access.door, RealClock()));
  std::unique_ptr<Tls> tls;
  if (config.access.encrypted()) {
    OVI_ASSIGN_OR_RETURN(tls, Tls::Open(config.access.tls));
  }
  OVI_RETURN_IF_ERROR(CheckListenable(config.listen, "--listen"));
  OVI_RETURN_IF_ERROR(CheckListenable(config.metrics_listen, "--metrics_listen"));
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, LoadEngine(config.engine));
  ServerOptions options;
  options.listen = config.listen;
  if (tls != nullptr) options.credentials = tls->credentials();
  options.door = door.get();
  options.transport = config.transport;
  options.max_image_bytes = config.max_image_bytes;
  options.max_queued = config.max_queued;
  options.max_attempts = config.max_attempts;
  options.lease = config.lease;
  options.metrics_listen = config.metrics_listen;
  options.step_times_file = config.data_dir + "/step_times.json";
  options.stall_timeout = config.stall_timeout;
  options.default_ttl = config.retention.default_ttl;
  options.max_storage_bytes = config.retention.max_storage_bytes;
  options.webhooks = config.retention.webhooks;
  options.webhooks.agent = absl::StrFormat("ovi-server/%s", Version());
  options.on_device_lost = [&](const absl::Status& why) { requests.LoseDevice(why); };
  OVI_ASSIGN_OR_RETURN(const auto server, OviServer::Start(*engine, *jobs, *artifacts, RealClock(), options));
  {
    MutexLock lock(mutex);
    serving = true;
  }
  log::Info("ovi-server %s serves %s on %s; clips lie in %s", std::string(Version()), engine->Info().bundle_name,
            engine->Info().device, config.artifact_dir);
  if (!config.metrics_listen.empty()) log::Info("metrics are at http://%s/metrics", server->metrics_address());
  if (const std::string missing = WhatIsMissing(config.listen, config.access); !missing.empty()) {
    log::Warning("others can reach %s, %s (--insecure_listen)", server->address(), missing);
  }
  // For people and for scripts, whatever the log level.
  absl::PrintF("listening on %s\n", server->address());
  std::fflush(stdout);
  manager->Ready(
      absl::StrFormat("serves %s on %s at %s", engine->Info().bundle_name, engine->Info().device, server->address()),
      [&] { return server->CheckAlive(); });
  while (!requests.WaitFor(1, absl::Hours(1))) {
  }
  if (const absl::Status lost = requests.device(); !lost.ok()) {
    manager.reset();
    server->Stop();
    std::ignore = Fail(lost, EXIT_FAILURE);
    // What a device library does at exit without its device is not to be relied on; everything of ours is written.
    std::_Exit(EXIT_FAILURE);
  }
  Drain(*server, *manager, requests, config.drain_timeout);
  manager.reset();  // it asks the server
  server->Stop();
  log::Info("stopped");
  return absl::OkStatus();
}

int SelfTest(const EngineOptions& options) {
  const absl::StatusOr<std::vector<SelfTestLine>> lines = RunSelfTest(options);
  if (!lines.ok()) return Fail(lines.status(), EXIT_FAILURE);
  size_t failed = 0;
  for (const SelfTestLine& line : *lines) {
    absl::PrintF("%-4s  %-12s %s (%.1f s)\n", line.ok ? "ok" : "FAIL", line.name, log::Escaped(line.detail),
                 line.seconds);
    failed += line.ok ? 0 : 1;
  }
  absl::PrintF("selftest: %d of %d ok\n", lines->size() - failed, lines->size());
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

// So that `>> tokens` stores the line and shows the token, once.
int PrintNewToken(const std::string& whom) {
  const absl::StatusOr<NewToken> made = MakeToken(whom);
  if (!made.ok()) {
    return Fail(absl::InvalidArgumentError(absl::StrFormat("--make_token: %s", std::string(made.status().message()))),
                kUsageError);
  }
  absl::PrintF("%s\n", made->line);
  absl::FPrintF(stderr, "%s\n", made->token);
  return EXIT_SUCCESS;
}

// gRPC and protobuf write to stderr in formats of their own: into our log instead, where it is for us alone.
void RouteForeignLogs() {
  gpr_set_log_function([](gpr_log_func_args* args) {
    if (args->severity == GPR_LOG_SEVERITY_ERROR) log::Debug("gRPC: %s", args->message);
  });
  google::protobuf::SetLogHandler([](google::protobuf::LogLevel, const char*, int, const std::string& message) {
    log::Debug("protobuf: %s", message);
  });
}

int Main(const std::string& executable, const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") {
      absl::PrintF("ovi-server holds an Ovi model and makes clips with it, for clients of ovi.v1.OviService.\n\n%s",
                   FlagsHelp());
      return 0;
    }
    if (argument == "--version") {
      absl::PrintF("ovi-server %s\n", std::string(Version()));
      return 0;
    }
  }
  const absl::Status parsed = ParseCommandLine(arguments);
  if (!parsed.ok() && !absl::IsInvalidArgument(parsed)) return Fail(parsed, EXIT_FAILURE);
  if (const std::string whom = WhomToMakeATokenFor(); parsed.ok() && !whom.empty()) return PrintNewToken(whom);
  const absl::StatusOr<ServerConfig> config = ConfigFromFlags(executable);
  // Both kinds of mistakes in one go.
  if (!parsed.ok()) std::ignore = Fail(parsed, kUsageError);
  if (!config.ok()) std::ignore = Fail(config.status(), kUsageError);
  if (!parsed.ok() || !config.ok()) return kUsageError;
  log::Configure(config->log_level, config->log_format);
  RouteForeignLogs();
  // Beyond `ulimit -f` a write fails like any other, and with it one job, not the server.
  std::signal(SIGXFSZ, SIG_IGN);
  if (config->selftest) return SelfTest(config->engine);
  const absl::Status served = Serve(*config);
  return served.ok() ? EXIT_SUCCESS : Fail(served, EXIT_FAILURE);
}

}  // namespace
}  // namespace ovi

int main(int argc, char** argv) {
  // argv[0] may be a bare name; the kernel knows where we lie.
  return ovi::Main("/proc/self/exe", std::vector<std::string>(argv + 1, argv + argc));
}
