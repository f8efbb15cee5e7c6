#include "client/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "absl/strings/str_format.h"

namespace ovi::client {

Terminal DetectTerminal(bool no_color) {
  Terminal terminal;
  const char* const term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  terminal.interactive = isatty(STDERR_FILENO) == 1 && !dumb;
  const char* const no_color_variable = std::getenv("NO_COLOR");
  const bool colorless = no_color || (no_color_variable != nullptr && *no_color_variable != '\0');
  terminal.color = terminal.interactive && !colorless;
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) terminal.columns = size.ws_col;
  return terminal;
}

std::string HumanDuration(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration + absl::Milliseconds(500));
  if (seconds < 60) return absl::StrFormat("%d s", seconds);
  if (seconds < 3600) return absl::StrFormat("%d min %02d s", seconds / 60, seconds % 60);
  return absl::StrFormat("%d h %02d min", seconds / 3600, seconds / 60 % 60);
}

std::string HumanBytes(int64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits = {"B", "kB", "MB", "GB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1000 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return absl::StrFormat(unit < 2 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
}

}  // namespace ovi::client
