// A server stream that asks for its next message when the last one is sent: so a slow client holds up nobody and holds
// no more than one message.
//
// gRPC's rules for reactors that this keeps (ecosystem notes on 1.51): one write in flight; no StartWrite after Finish;
// Finish always, after OnCancel too; nobody touches the reactor after OnDone. StartWrite may call OnWriteDone before it
// returns, and Stop and Pump come from any thread, so exactly one thread works on the stream at a time: whoever set
// `phase_` to kWorking. It calls gRPC outside the lock and looks again at what came meanwhile.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "server/service/live_calls.h"
#include "server/service/to_grpc.h"

namespace ovi {

// Response: what is sent. Make it with std::make_shared, call Begin once, and give it to gRPC.
template <typename Response>
class PullStream : public grpc::ServerWriteReactor<Response>,
                   public LiveCall,
                   public std::enable_shared_from_this<PullStream<Response>> {
 public:
  void Begin(LiveCalls& live_calls) {
    {
      MutexLock lock(mutex_);
      live_calls_ = &live_calls;
      self_ = this->shared_from_this();
    }
    live_calls.Add(this->shared_from_this());
    Work();
  }

  // There may be something to send. Thread-safe.
  void Pump() {
    const auto self = this->shared_from_this();
    {
      MutexLock lock(mutex_);
      if (phase_ != Phase::kIdle) {
        news_ = true;
        return;
      }
      phase_ = Phase::kWorking;
    }
    Work();
  }

  void Stop(const absl::Status& status) final {
    const auto self = this->shared_from_this();
    {
      MutexLock lock(mutex_);
      if (!stop_.has_value()) stop_ = status;
      if (phase_ == Phase::kWorking || phase_ == Phase::kFinished) return;  // who works on it will see
      phase_ = Phase::kFinished;
    }
    this->Finish(ToGrpc(status));
  }

  void OnWriteDone(bool ok) final {
    std::shared_ptr<PullStream> self;
    {
      MutexLock lock(mutex_);
      self = self_;
      if (!ok && !stop_.has_value()) stop_ = absl::CancelledError("the client is gone");
      if (phase_ == Phase::kWorking) written_ = true;  // StartWrite has not returned yet
      if (phase_ != Phase::kWriting) return;
      phase_ = Phase::kWorking;
    }
    Work();
  }

  void OnCancel() final {
    const std::shared_ptr<PullStream> self = Self();
    Stop(absl::CancelledError("the client is gone"));
    OnClientGone();
  }

  void OnDone() final {
    std::shared_ptr<PullStream> self;  // destroyed last, with this in it
    LiveCalls* live_calls = nullptr;
    {
      MutexLock lock(mutex_);
      self.swap(self_);
      live_calls = live_calls_;
    }
    live_calls->Remove(this);
  }

 protected:
  enum class Turn { kSend, kWait, kEnd };
  // Fills in the next message, or `status` if the stream ends. One thread at a time; no lock of the stream is held.
  virtual Turn Produce(Response& message, absl::Status& status) = 0;
  virtual void OnClientGone() {}

 private:
  enum class Phase { kIdle, kWorking, kWriting, kFinished };

  std::shared_ptr<PullStream> Self() {
    MutexLock lock(mutex_);
    return self_;
  }

  // Called by the thread that set kWorking; leaves another phase.
  void Work() {
    while (true) {
      if (FinishIfStopped()) return;
      absl::Status status;
      switch (Produce(message_, status)) {
        case Turn::kSend:
          this->StartWrite(&message_);
          if (!WasWritten()) return;
          break;
        case Turn::kWait:
          if (!HadNews()) return;
          break;
        case Turn::kEnd:
          Stopped(status);
          break;
      }
    }
  }

  bool FinishIfStopped() {
    absl::Status status;
    {
      MutexLock lock(mutex_);
      if (!stop_.has_value()) return false;
      status = *stop_;
      phase_ = Phase::kFinished;
    }
    this->Finish(ToGrpc(status));
    return true;
  }

  void Stopped(const absl::Status& status) {
    MutexLock lock(mutex_);
    if (!stop_.has_value()) stop_ = status;
  }

  // Whether the write that was just started is over already, or the stream is to stop; else leaves it in flight.
  bool WasWritten() {
    MutexLock lock(mutex_);
    const bool written = std::exchange(written_, false);
    if (written || stop_.has_value()) return true;
    phase_ = Phase::kWriting;
    return false;
  }

  bool HadNews() {
    MutexLock lock(mutex_);
    if (std::exchange(news_, false) || stop_.has_value()) return true;
    phase_ = Phase::kIdle;
    return false;
  }

  Response message_;  // of the working thread, and of gRPC while it is written
  Mutex mutex_;
  LiveCalls* live_calls_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::shared_ptr<PullStream> self_ ABSL_GUARDED_BY(mutex_);  // until OnDone: gRPC owns a share
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kWorking;     // of whoever makes it, until Begin
  bool written_ ABSL_GUARDED_BY(mutex_) = false;
  bool news_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> stop_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ovi
