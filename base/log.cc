#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

namespace ovi::log {
namespace {

constexpr char kTextPattern[] = "%Y-%m-%dT%H:%M:%S.%e%z %L %v";
constexpr char kJsonPattern[] = R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})";

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

struct Sink {
  Sink() : logger(std::make_shared<spdlog::logger>("ovi", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
    logger->set_pattern(kTextPattern);
    logger->flush_on(spdlog::level::info);
  }
  std::shared_ptr<spdlog::logger> logger;
  bool json = false;
};

// Never destroyed: threads may log while statics go away.
Sink& TheSink() {
  static Sink* const sink = new Sink;
  return *sink;
}

// The job that this thread works on; null: none.
thread_local const std::string* current_job = nullptr;

// `line` has no control characters any more.
std::string Quoted(const std::string& line) {
  std::string quoted = "\"";
  for (const char c : line) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

}  // namespace

JobScope::JobScope(std::string_view job_id) : job_id_(Escaped(job_id)), outer_(current_job) { current_job = &job_id_; }

JobScope::~JobScope() { current_job = outer_; }

void Configure(Level level, Format format) {
  Sink& sink = TheSink();
  sink.json = format == Format::kJson;
  sink.logger->set_pattern(sink.json ? kJsonPattern : kTextPattern);
  sink.logger->set_level(ToSpdlog(level));
}

Format CurrentFormat() { return TheSink().json ? Format::kJson : Format::kText; }

bool Enabled(Level level) { return TheSink().logger->should_log(ToSpdlog(level)); }

void Write(Level level, std::string_view message) {
  Sink& sink = TheSink();
  std::string line = Escaped(message);
  if (sink.json) {
    const std::string job = current_job == nullptr ? "" : absl::StrFormat("\"job\":%s,", Quoted(*current_job));
    line = absl::StrFormat("%s\"message\":%s", job, Quoted(line));
  } else if (current_job != nullptr) {
    line = absl::StrFormat("job %s: %s", *current_job, line);
  }
  sink.logger->log(ToSpdlog(level), "{}", line);
}

}  // namespace ovi::log
