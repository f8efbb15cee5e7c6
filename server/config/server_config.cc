#include "server/config/server_config.h"

#include <optional>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "server/config/engine_flags.h"
#include "server/config/flag_checker.h"
#include "server/config/paths.h"
#include "server/config/transport_flags.h"
#include "server/stores/postgres/conninfo.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:50051", "HOST:PORT to listen on; port 0 takes a free one");
ABSL_FLAG(std::string, data_dir, "", "what the server writes; empty: $XDG_STATE_HOME/ovi or ~/.local/state/ovi");
ABSL_FLAG(
    std::string, artifact_dir, "",
    "where finished clips lie: a folder, or s3://BUCKET/PREFIX with AWS_* variables; empty: artifacts in --data_dir");
ABSL_FLAG(
    std::string, job_store, "sqlite",
    "where jobs are kept: sqlite (jobs.db in --data_dir), memory (lost when the server ends), or for several servers "
    "with one queue postgresql://USER@HOST/DATABASE, with the password in the file that PGPASSFILE names");
ABSL_FLAG(
    absl::Duration, lease, absl::Minutes(1),
    "with PostgreSQL: how long a job is its server's without a word from it; then another server makes it. The same "
    "for all servers of a queue");
ABSL_FLAG(int, max_attempts, 2, "how often a job is begun that ends with the process; then it is FAILED");
ABSL_FLAG(int64_t, max_queued, 100, "the most jobs that wait at once");
ABSL_FLAG(int64_t, max_image_bytes, 32 << 20,
          "the largest first frame accepted, as a file; the checkpoint's own limit (32 MiB) stays");
ABSL_FLAG(absl::Duration, drain_timeout, absl::Minutes(10), "how long SIGTERM lets the running job go on");
ABSL_FLAG(absl::Duration, stall_timeout, absl::Minutes(15),
          "after how long without a step the running job counts as hung: systemd's watchdog is told no more, and with "
          "PostgreSQL the job is left to another server");
ABSL_FLAG(std::string, metrics_listen, "",
          "HOST:PORT of http://HOST:PORT/metrics for Prometheus, such as 127.0.0.1:9464; empty: none");
ABSL_FLAG(bool, selftest, false, "probe the device, make a short clip, print a verdict a line, and end");
ABSL_FLAG(std::string, log_level, "info", "debug, info, warning or error");
ABSL_FLAG(std::string, log_format, "text", "text or json, one record a line");

namespace ovi {
namespace {

constexpr int64_t kMinImageBytes = 1 << 10;
constexpr int64_t kMaxImageBytes = 32 << 20;
constexpr int64_t kMaxQueued = 1'000'000;
constexpr int kMostAttempts = 100;
constexpr absl::Duration kMinStallTimeout = absl::Seconds(1);

template <typename Value>
std::optional<Value> OneOf(std::string_view text, std::initializer_list<std::pair<std::string_view, Value>> values) {
  for (const auto& [name, value] : values) {
    if (name == text) return value;
  }
  return std::nullopt;
}

void CheckJobStore(const std::string& job_store, FlagChecker& checker) {
  if (job_store == "sqlite" || job_store == "memory") return;
  if (IsPostgresAddress(job_store)) {
    if (const absl::Status status = CheckPostgresAddress(job_store); !status.ok()) {
      checker.Refuse("job_store", std::string(status.message()));
    }
    return;
  }
  // What looks like an address may hold a password.
  const size_t scheme = job_store.find("://");
  const std::string shown = scheme == std::string::npos ? job_store : job_store.substr(0, scheme + 3) + "...";
  checker.Refuse("job_store", absl::StrFormat("is '%s'; take sqlite, memory or postgresql://USER@HOST/DATABASE",
                                              log::Escaped(shown)));
}

}  // namespace

absl::StatusOr<ServerConfig> ConfigFromFlags(const std::string& executable) {
  FieldViolations violations;
  FlagChecker checker(violations);
  ServerConfig config;
  config.access = AccessFromFlags(violations);
  config.listen = absl::GetFlag(FLAGS_listen);
  CheckListen("listen", config.listen, config.access, violations);
  config.metrics_listen = absl::GetFlag(FLAGS_metrics_listen);
  if (!config.metrics_listen.empty()) {
    // Metrics are served in the clear to whoever asks, whatever guards the rest.
    const AccessConfig unguarded{.tls = {}, .door = {}, .insecure_listen = config.access.insecure_listen};
    CheckListen("metrics_listen", config.metrics_listen, unguarded, violations);
  }
  config.transport = TransportFromFlags(violations);
  config.selftest = absl::GetFlag(FLAGS_selftest);
  config.engine = EngineFromFlags(executable, violations);
  config.retention = RetentionFromFlags(violations);
  config.data_dir = absl::GetFlag(FLAGS_data_dir);
  if (config.data_dir.empty()) config.data_dir = DefaultDataDir();
  if (config.data_dir.empty()) {
    checker.Refuse("data_dir", "is empty and neither XDG_STATE_HOME nor HOME is set; name a folder");
  }
  config.artifact_dir = absl::GetFlag(FLAGS_artifact_dir);
  if (config.artifact_dir.empty()) config.artifact_dir = config.data_dir + "/artifacts";
  config.job_store = absl::GetFlag(FLAGS_job_store);
  CheckJobStore(config.job_store, checker);
  config.lease = absl::GetFlag(FLAGS_lease);
  checker.CheckRange("lease", config.lease, absl::Seconds(1), absl::Hours(1));
  config.max_attempts = absl::GetFlag(FLAGS_max_attempts);
  checker.CheckRange("max_attempts", config.max_attempts, 1, kMostAttempts);
  config.max_queued = absl::GetFlag(FLAGS_max_queued);
  checker.CheckRange<int64_t>("max_queued", config.max_queued, 1, kMaxQueued);
  config.max_image_bytes = absl::GetFlag(FLAGS_max_image_bytes);
  checker.CheckRange("max_image_bytes", config.max_image_bytes, kMinImageBytes, kMaxImageBytes);
  config.drain_timeout = absl::GetFlag(FLAGS_drain_timeout);
  if (config.drain_timeout < absl::ZeroDuration()) {
    checker.Refuse("drain_timeout",
                   absl::StrFormat("is %s; take 0s or more", absl::FormatDuration(config.drain_timeout)));
  }
  config.stall_timeout = absl::GetFlag(FLAGS_stall_timeout);
  if (config.stall_timeout < kMinStallTimeout) {
    checker.Refuse("stall_timeout",
                   absl::StrFormat("is %s; take %s or more: longer than the slowest network call",
                                   absl::FormatDuration(config.stall_timeout), absl::FormatDuration(kMinStallTimeout)));
  }
  const std::string level_name = absl::GetFlag(FLAGS_log_level);
  const auto level = OneOf<log::Level>(level_name, {{"debug", log::Level::kDebug},
                                                    {"info", log::Level::kInfo},
                                                    {"warning", log::Level::kWarning},
                                                    {"error", log::Level::kError}});
  if (!level.has_value()) {
    checker.Refuse("log_level",
                   absl::StrFormat("is '%s'; take debug, info, warning or error", log::Escaped(level_name)));
  }
  const std::string format_name = absl::GetFlag(FLAGS_log_format);
  const auto format = OneOf<log::Format>(format_name, {{"text", log::Format::kText}, {"json", log::Format::kJson}});
  if (!format.has_value()) {
    checker.Refuse("log_format", absl::StrFormat("is '%s'; take text or json", log::Escaped(format_name)));
  }
  if (absl::Status status = violations.ToStatus(); !status.ok()) return status;
  config.log_level = *level;
  config.log_format = *format;
  return config;
}

}  // namespace ovi
