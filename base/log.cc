#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

namespace ovi::log {
namespace {

constexpr char kTextPattern[] = "%Y-%m-%dT%H:%M:%S.%e%z %L %v";
constexpr char kJsonPattern[] = R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":"%v"})";

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

}  // namespace

void Configure(Level level, Format format) {
  Sink& sink = TheSink();
  sink.json = format == Format::kJson;
  sink.logger->set_pattern(sink.json ? kJsonPattern : kTextPattern);
  sink.logger->set_level(ToSpdlog(level));
}

bool Enabled(Level level) { return TheSink().logger->should_log(ToSpdlog(level)); }

void Write(Level level, std::string_view message) {
  Sink& sink = TheSink();
  std::string line = Escaped(message);
  if (sink.json) {
    std::string quoted;
    for (const char c : line) {
      if (c == '"' || c == '\\') quoted.push_back('\\');
      quoted.push_back(c);
    }
    line = std::move(quoted);
  }
  sink.logger->log(ToSpdlog(level), "{}", line);
}

std::string Escaped(std::string_view message) {
  std::string out;
  out.reserve(message.size());
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += absl::StrFormat("\\x%02x", byte);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace ovi::log
