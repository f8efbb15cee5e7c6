#include "engine/checkpoint/reader_pool.h"

#include <utility>

namespace ovi {

ReaderPool::ReaderPool(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

ReaderPool::~ReaderPool() {
  {
    const MutexLock lock(mutex_);
    closing_ = true;
  }
  has_job_.NotifyAll();
}

void ReaderPool::Start(const ReadJob& job) {
  {
    const MutexLock lock(mutex_);
    jobs_.push_back(job);
  }
  has_job_.NotifyAll();
}

ReadResult ReaderPool::Finish() {
  MutexLock lock(mutex_);
  has_result_.Wait(lock, [this] { return !results_.empty(); });
  ReadResult result = std::move(results_.front());
  results_.pop_front();
  return result;
}

void ReaderPool::Run() {
  while (true) {
    ReadJob job;
    {
      MutexLock lock(mutex_);
      has_job_.Wait(lock, [this] { return !jobs_.empty() || closing_; });
      if (jobs_.empty()) return;
      job = jobs_.front();
      jobs_.pop_front();
    }
    absl::Status status = job.reader->Read(job.offset, job.bytes, job.out);
    {
      const MutexLock lock(mutex_);
      results_.push_back({job.tag, std::move(status)});
    }
    has_result_.NotifyAll();
  }
}

}  // namespace ovi
