// Threads that read parts of files into memory which the caller provides. Private to engine/checkpoint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "engine/checkpoint/file_reader.h"

namespace ovi {

struct ReadJob {
  const FileReader* reader = nullptr;  // must outlive the job, as must `out`
  uint64_t offset = 0, bytes = 0;
  void* out = nullptr;
  size_t tag = 0;  // the caller's own
};

struct ReadResult {
  size_t tag = 0;
  absl::Status status;  // FileReader::Read's
};

// For one caller. Gone once every job that was started is done.
class ReaderPool {
 public:
  explicit ReaderPool(unsigned threads);
  ~ReaderPool();
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  void Start(const ReadJob& job);
  // The result of a job, in whatever order they are done. Waits for one: at least one must be under way.
  ReadResult Finish();

 private:
  void Run();

  Mutex mutex_;
  CondVar has_job_, has_result_;
  std::deque<ReadJob> jobs_ ABSL_GUARDED_BY(mutex_);
  std::deque<ReadResult> results_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace ovi
