// How far a job is, on stderr: one live line on a terminal, plain lines elsewhere. Not thread-safe.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "client/terminal.h"

namespace ovi::client {

class Progress {
 public:
  // Writes to `out`, which must outlive this. `quiet`: nothing at all.
  Progress(Terminal terminal, std::FILE* out, bool quiet) : terminal_(terminal), out_(out), quiet_(quiet) {}
  ~Progress() { ClearLine(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `ahead`: jobs that will run first. `eta` until this one is finished, if the server knows.
  void Queued(int64_t ahead, std::optional<absl::Duration> eta);
  void Stage(std::string_view name);
  // `done` of `total` steps or frames of the present stage.
  void Advance(std::string_view unit, int64_t done, int64_t total, std::optional<absl::Duration> eta);
  void Memory(int64_t allocated_bytes);
  // A line that stays: a warning, the path of a preview.
  void Note(std::string_view text);

 private:
  void Live(const std::string& text);
  void Plain(const std::string& text);
  void ClearLine();

  const Terminal terminal_;
  std::FILE* const out_;
  const bool quiet_;
  std::string stage_;
  std::string last_queued_;
  int64_t memory_bytes_ = 0;
  int64_t next_percent_ = 0;  // plain lines come every 10 %
  bool line_open_ = false;
};

// "████████░░░░": `width` cells, `fraction` of them full.
std::string Bar(double fraction, int width);

}  // namespace ovi::client
