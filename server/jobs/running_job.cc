#include "server/jobs/running_job.h"

namespace ovi {

void RunningJob::Begin(const Job& job, Estimate whole) {
  MutexLock lock(mutex_);
  ++signs_of_life_;
  id_ = job.id;
  claim_ = job.claim;
  stop_reason_ = stop_all_;
  until_end_ = whole;
  progress_ = JobProgress();
  memory_.clear();
}

void RunningJob::SetStage(Stage stage) {
  MutexLock lock(mutex_);
  ++signs_of_life_;
  progress_.stage = stage;
}

void RunningJob::SetStep(const StepEvent& step) {
  MutexLock lock(mutex_);
  ++signs_of_life_;
  progress_.step = step;
  until_end_ = step.until_end;
}

void RunningJob::SetDecode(const DecodeEvent& decode) {
  MutexLock lock(mutex_);
  ++signs_of_life_;
  progress_.decode = decode;
  until_end_ = decode.until_end;
}

void RunningJob::AddMemory(const MemoryReading& reading) {
  MutexLock lock(mutex_);
  ++signs_of_life_;
  memory_.push_back(reading);
}

void RunningJob::SignOfLife() {
  MutexLock lock(mutex_);
  ++signs_of_life_;
}

StopReason RunningJob::stop_reason() const {
  MutexLock lock(mutex_);
  return stop_reason_;
}

void RunningJob::End() {
  MutexLock lock(mutex_);
  id_.reset();
}

bool RunningJob::Stop(const JobId& id, StopReason reason) {
  MutexLock lock(mutex_);
  if (id_ != id || stop_reason_ != StopReason::kNone) return false;
  stop_reason_ = reason;
  return true;
}

std::optional<int64_t> RunningJob::ClaimOn(const JobId& id) const {
  MutexLock lock(mutex_);
  return id_ == id ? std::optional(claim_) : std::nullopt;
}

void RunningJob::StopAny(StopReason reason) {
  MutexLock lock(mutex_);
  stop_all_ = reason;
  if (stop_reason_ == StopReason::kNone) stop_reason_ = reason;
}

void RunningJob::Describe(Job& job) const {
  MutexLock lock(mutex_);
  if (id_ != job.id || job.state != JobState::kRunning) return;
  job.progress = progress_;
  job.memory = memory_;
}

std::optional<int64_t> RunningJob::signs_of_life() const {
  MutexLock lock(mutex_);
  if (!id_.has_value()) return std::nullopt;
  return signs_of_life_;
}

std::optional<Estimate> RunningJob::UntilEnd() const {
  MutexLock lock(mutex_);
  if (!id_.has_value()) return std::nullopt;
  return until_end_;
}

}  // namespace ovi
