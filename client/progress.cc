#include "client/progress.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"

namespace ovi::client {
namespace {

constexpr int kBarWidth = 24;

std::string EtaText(std::optional<absl::Duration> eta) {
  return eta.has_value() ? absl::StrFormat(", %s left", HumanDuration(*eta)) : std::string();
}

// "video_decode" as people write it.
std::string Words(std::string_view name) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

}  // namespace

std::string Bar(double fraction, int width) {
  const int full = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * width));
  std::string bar;
  for (int cell = 0; cell < width; ++cell) bar += cell < full ? "█" : "░";
  return bar;
}

void Progress::Queued(int64_t ahead, std::optional<absl::Duration> eta) {
  const std::string text =
      ahead == 0 ? absl::StrFormat("queued, next in line%s", EtaText(eta))
                 : absl::StrFormat("queued, %d %s ahead%s", ahead, ahead == 1 ? "job" : "jobs", EtaText(eta));
  if (terminal_.interactive) {
    Live(text);
  } else if (text != last_queued_) {
    Plain(text);
  }
  last_queued_ = text;
}

void Progress::Stage(std::string_view name) {
  stage_ = Words(name);
  next_percent_ = 10;
  terminal_.interactive ? Live(stage_) : Plain(stage_);
}

void Progress::Advance(std::string_view unit, int64_t done, int64_t total, std::optional<absl::Duration> eta) {
  if (total <= 0) return;
  const double fraction = static_cast<double>(done) / static_cast<double>(total);
  if (terminal_.interactive) {
    std::string text =
        absl::StrFormat("%s %s %d/%d %s%s", stage_, Bar(fraction, kBarWidth), done, total, unit, EtaText(eta));
    if (memory_bytes_ > 0) text += absl::StrFormat(", %s", HumanBytes(memory_bytes_));
    Live(text);
    return;
  }
  const auto percent = static_cast<int64_t>(fraction * 100);
  if (percent < next_percent_) return;
  next_percent_ = percent / 10 * 10 + 10;
  Plain(absl::StrFormat("%s %d/%d %s%s", stage_, done, total, unit, EtaText(eta)));
}

void Progress::Memory(int64_t allocated_bytes) { memory_bytes_ = allocated_bytes; }

void Progress::Note(std::string_view text) {
  ClearLine();
  Plain(std::string(text));
}

void Progress::Live(const std::string& text) {
  if (quiet_) return;
  ClearLine();
  // Bytes, not cells: a bar's characters take three bytes each, so a narrow terminal may still wrap; it stays readable.
  std::fputs(text.c_str(), out_);
  std::fflush(out_);
  line_open_ = true;
}

void Progress::Plain(const std::string& text) {
  if (quiet_) return;
  std::fprintf(out_, "%s\n", text.c_str());
  std::fflush(out_);
}

void Progress::ClearLine() {
  if (!line_open_) return;
  std::fputs("\r\x1b[K", out_);
  std::fflush(out_);
  line_open_ = false;
}

}  // namespace ovi::client
