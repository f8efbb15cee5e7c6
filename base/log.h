// Logging as functions: LibTorch defines LOG and CHECK itself, so there is no macro here and no spdlog header.
//
//   log::Info("loaded %s in %s", name, absl::FormatDuration(took));
//
// One record is one line: control characters of a message are escaped (a prompt cannot forge a line). What concerns a
// job is logged while a JobScope lives, so that whoever looks for a job finds all of it. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "absl/strings/str_format.h"

namespace ovi::log {

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

// To stderr. Until called: text, from Info up.
void Configure(Level level, Format format);
Format CurrentFormat();
bool Enabled(Level level);
void Write(Level level, std::string_view message);

template <typename... Args>
void Debug(const absl::FormatSpec<Args...>& format, const Args&... args) {
  if (Enabled(Level::kDebug)) Write(Level::kDebug, absl::StrFormat(format, args...));
}
template <typename... Args>
void Info(const absl::FormatSpec<Args...>& format, const Args&... args) {
  if (Enabled(Level::kInfo)) Write(Level::kInfo, absl::StrFormat(format, args...));
}
template <typename... Args>
void Warning(const absl::FormatSpec<Args...>& format, const Args&... args) {
  if (Enabled(Level::kWarning)) Write(Level::kWarning, absl::StrFormat(format, args...));
}
template <typename... Args>
void Error(const absl::FormatSpec<Args...>& format, const Args&... args) {
  if (Enabled(Level::kError)) Write(Level::kError, absl::StrFormat(format, args...));
}

// While one lives, the records of this thread are about that job, whoever writes them: "job ID: " stands before the
// message in text, and a field "job" of its own in JSON. Within another one the inner one counts.
class JobScope {
 public:
  explicit JobScope(std::string_view job_id);
  ~JobScope();
  JobScope(const JobScope&) = delete;
  JobScope& operator=(const JobScope&) = delete;

 private:
  const std::string job_id_;
  const std::string* const outer_;
};

// `message` as one line of valid UTF-8: what ends a line or steers a terminal, and bytes that are not UTF-8, as \n, \r,
// \t or \xNN.
std::string Escaped(std::string_view message);

}  // namespace ovi::log
