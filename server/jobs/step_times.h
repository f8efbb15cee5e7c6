// How long clips take here, learned from those that were made (step_times_file.h keeps it). Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/time.h"
#include "base/mutex.h"
#include "engine/clip.h"
#include "server/jobs/progress.h"

namespace ovi {

// What clips of one checkpoint and size take.
struct StepTime {
  std::string checkpoint;
  int height = 0, width = 0;
  absl::Duration step;
  absl::Duration rest;  // everything but the steps: text, decoding, writing
  bool operator==(const StepTime&) const = default;
};

class StepTimes {
 public:
  StepTimes() = default;
  // Begins with what an earlier server measured, and gives all of it to `keep` whenever something was recorded, on the
  // thread that did.
  StepTimes(const std::vector<StepTime>& known, std::function<void(const std::vector<StepTime>&)> keep);

  // A whole clip of `spec` took `total`, of which a step took `step`.
  void Record(const ClipSpec& spec, absl::Duration step, absl::Duration total);

  // Grows when something was recorded: what was worked out before is out of date.
  int64_t version() const;

  // For a clip from its start to its end.
  Estimate Whole(const ClipSpec& spec) const;

  // When `steps_done` steps are done; `step` is what a step takes in this run (zero: not known yet).
  Estimate AfterSteps(const ClipSpec& spec, int steps_done, absl::Duration step) const;

  // When `done` of the frames are decoded.
  Estimate AfterFrames(const ClipSpec& spec, int done, int frames) const;

 private:
  struct Cost {
    absl::Duration step, rest;
  };
  using Key = std::tuple<std::string, int, int>;  // checkpoint, height, width

  // The measured cost, or one scaled from another size, or a guess from the air; and whether it is measured.
  std::pair<Cost, bool> CostOf(const ClipSpec& spec) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::vector<StepTime> All() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::function<void(const std::vector<StepTime>&)> keep_;
  mutable Mutex mutex_;
  std::map<Key, Cost> costs_ ABSL_GUARDED_BY(mutex_);
  int64_t version_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ovi
