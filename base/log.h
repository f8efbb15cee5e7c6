// Logging as functions: LibTorch defines LOG and CHECK itself, so there is no macro here and no spdlog header.
//
//   log::Info("loaded %s in %s", name, absl::FormatDuration(took));
//
// One record is one line: control characters of a message are escaped (a prompt cannot forge a line). Thread-safe.
#pragma once

#include <string_view>

#include "absl/strings/str_format.h"

namespace ovi::log {

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

// To stderr. Until called: text, from Info up.
void Configure(Level level, Format format);
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

// `message` with control characters as \n, \r, \t or \xNN, so that it stays one line.
std::string Escaped(std::string_view message);

}  // namespace ovi::log
