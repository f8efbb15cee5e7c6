// The streams that are open, so that they can be ended when the server stops: grpc::Server::Shutdown would wait for
// them for ever, whatever deadline it is given (grpc/grpc#39114). Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace ovi {

class LiveCall {
 public:
  virtual ~LiveCall() = default;
  // Ends the call with `status`. Does not wait.
  virtual void Stop(const absl::Status& status) = 0;
  // Whether the call ends by itself in good time: not one that goes on as long as the client likes.
  virtual bool EndsByItself() const = 0;
};

class LiveCalls {
 public:
  // A call that comes after StopAll is stopped at once.
  void Add(const std::shared_ptr<LiveCall>& call);
  void Remove(const LiveCall* call);

  void StopEndless(const absl::Status& status);  // those that would not end by themselves
  void StopAll(const absl::Status& status);
  // False if some are left after `timeout`.
  bool WaitUntilNone(absl::Duration timeout);
  size_t size() const;

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  std::map<const LiveCall*, std::weak_ptr<LiveCall>> calls_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> stopped_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ovi
