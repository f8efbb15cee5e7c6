// The memory of one clip, point by point: told to the observer as it is read, to the log as one table when the clip has
// ended, with the prediction that it was admitted by beside the measured peak. GB are 10^9 bytes.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/device/memory_ledger.h"
#include "engine/observer.h"

namespace ovi {

// One clip, one thread.
class MemoryReport {
 public:
  MemoryReport(MemoryLedger& ledger, GenerateObserver& observer) : ledger_(ledger), observer_(observer) {}

  // Reads the ledger. Internal if the device does not answer.
  absl::Status Pass(MemoryPoint point);

  // What lies between the last step and the decode: gives back what the allocator keeps, if `release`, and says in the
  // log what that brought. `where`: "GPU" or "CPU". Internal if the device does not answer.
  absl::Status CleanUp(bool release, std::string_view where);

  // The points passed so far, one line each.
  void LogTable() const;
  // Measured over predicted; a warning where they differ by more than 5 % and `must_agree`. Nothing if there is no
  // prediction, or no point was passed.
  void LogPrediction(int64_t predicted_peak_bytes, bool must_agree) const;

  // The largest peak since the first point: what came before that is another's.
  int64_t peak_bytes() const;

 private:
  MemoryLedger& ledger_;
  GenerateObserver& observer_;
  std::vector<MemorySample> points_;
};

// The line of a reading in the table.
std::string MemoryRow(const MemorySample& sample);

}  // namespace ovi
