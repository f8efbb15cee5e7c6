// How far a job is and how long it may still take: plain values.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "engine/observer.h"

namespace ovi {

// A time that is expected, not promised.
struct Estimate {
  absl::Duration remaining;
  bool first_guess = false;  // nothing like it has been measured here yet
  bool operator==(const Estimate&) const = default;
};

// Where a queued job stands.
struct QueuePlace {
  int jobs_ahead = 0;  // served before it, the running one included
  Estimate until_start, until_end;
  bool operator==(const QueuePlace&) const = default;
};

struct StepEvent {
  StepProgress progress;
  Estimate until_end;
};

struct DecodeEvent {
  DecodeProgress progress;
  Estimate until_end;
};

struct JobProgress {
  Stage stage = Stage::kTextEncode;
  std::optional<StepEvent> step;
  std::optional<DecodeEvent> decode;
};

// A reading of the ledger and when it was taken.
struct MemoryReading {
  absl::Time time;
  MemorySample sample;
};

}  // namespace ovi
