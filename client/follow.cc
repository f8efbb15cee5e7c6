#include "client/follow.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>

#include "absl/strings/str_format.h"
#include "base/mutex.h"
#include "client/events.h"

namespace ovi::client {
namespace {

constexpr auto kInterruptPoll = std::chrono::milliseconds(50);
// Between two tries to reach a server that answers, but not for long.
constexpr auto kRetry = std::chrono::seconds(1);

// Looks for Ctrl-C while a blocking read waits: cancels the job once, or breaks the stream off.
class InterruptWatch {
 public:
  InterruptWatch(Connection& connection, const std::string& name, OnInterrupt on_interrupt)
      : connection_(connection), name_(name), on_interrupt_(on_interrupt), thread_([this] { Run(); }) {}
  ~InterruptWatch() {
    done_ = true;
    thread_.join();
  }

  bool interrupted() const { return guard_.interrupted(); }
  // The stream to break off; null before its context goes away.
  void Attach(grpc::ClientContext* context) {
    MutexLock lock(mutex_);
    context_ = context;
  }

 private:
  void Run() {
    while (!done_ && !guard_.interrupted()) std::this_thread::sleep_for(kInterruptPoll);
    if (done_) return;
    if (on_interrupt_ == OnInterrupt::kLeaveJob) {
      MutexLock lock(mutex_);
      if (context_ != nullptr) context_->TryCancel();
      return;
    }
    std::fprintf(stderr, "\nCtrl-C: cancelling %s (again to leave at once)\n", name_.c_str());
    v1::CancelJobRequest request;
    request.set_name(name_);
    v1::Job job;
    const auto context = ShortCall(connection_.options);
    const grpc::Status status = connection_.stub->CancelJob(context.get(), request, &job);
    // Too late is no failure: the outcome says how it ended.
    if (!status.ok() && status.error_code() != grpc::StatusCode::FAILED_PRECONDITION) {
      ReportFailure(connection_.options, "cancel", status);
    }
  }

  Connection& connection_;
  const std::string name_;
  const OnInterrupt on_interrupt_;
  InterruptGuard guard_;
  std::atomic<bool> done_ = false;
  Mutex mutex_;
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::thread thread_;
};

// How long a server that is away is waited for: one that was never reached not as long as one that was.
class Patience {
 public:
  explicit Patience(const Options& options) : reconnect_(Seconds(options.reconnect_seconds)) {
    Begin(Seconds(options.timeout_seconds));
  }
  void Renew() { Begin(reconnect_); }  // something was heard
  // True when the server can be reached and is worth another try; false when the time is up, or `left` says so.
  bool Wait(grpc::Channel& channel, Progress& progress, const std::function<bool()>& left) {
    if (!told_) {
      progress.Note(absl::StrFormat("the server is away; waiting up to %d s for it",
                                    std::chrono::duration_cast<std::chrono::seconds>(limit_).count()));
    }
    told_ = true;
    std::this_thread::sleep_for(std::min<Clock::duration>(kRetry, limit_));
    while (Clock::now() < end_ && !left()) {
      if (channel.WaitForConnected(std::chrono::system_clock::now() + kInterruptPoll)) return true;
    }
    return false;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static Clock::duration Seconds(double seconds) {
    return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
  }
  void Begin(Clock::duration limit) {
    limit_ = limit;
    end_ = Clock::now() + limit;
    told_ = false;
  }

  const Clock::duration reconnect_;
  Clock::duration limit_{};
  Clock::time_point end_;
  bool told_ = false;
};

int ReportOutcome(const v1::Job& job) {
  switch (job.state()) {
    case v1::Job::SUCCEEDED:
      return kOk;
    case v1::Job::CANCELLED:
      std::fprintf(stderr, "ovi-client: %s was cancelled\n", job.name().c_str());
      return kCancelled;
    default:
      std::fprintf(stderr, "ovi-client: %s %s: %s\n", job.name().c_str(), StateName(job.state()).c_str(),
                   job.error().message().c_str());
      return kFailed;
  }
}

}  // namespace

Followed FollowJob(Connection& connection, const std::string& name, int64_t after, OnInterrupt on_interrupt,
                   Progress& progress) {
  Followed followed;
  InterruptWatch watch(connection, name, on_interrupt);
  const auto left = [&] { return on_interrupt == OnInterrupt::kLeaveJob && watch.interrupted(); };
  Patience patience(connection.options);
  while (true) {
    grpc::ClientContext context;
    ShowToken(connection.options, context);
    watch.Attach(&context);
    v1::WatchJobRequest request;
    request.set_name(name);
    request.set_after_event_number(after);
    const auto reader = connection.stub->WatchJob(&context, request);
    v1::WatchJobResponse response;
    while (reader->Read(&response)) {
      const v1::JobEvent& event = response.event();
      after = event.number();
      patience.Renew();
      connection.options.json ? PrintJson(event) : ShowEvent(event, progress);
      if (!event.has_outcome()) continue;
      followed.ended = true;
      followed.job = event.outcome();
    }
    const grpc::Status status = reader->Finish();
    watch.Attach(nullptr);
    if (followed.ended) {
      followed.exit_code = ReportOutcome(followed.job);
      return followed;
    }
    // A server that stops may cut a call off; we cancel only when we leave.
    const bool away =
        status.error_code() == grpc::StatusCode::UNAVAILABLE || status.error_code() == grpc::StatusCode::CANCELLED;
    if (away && !left() && patience.Wait(*connection.channel, progress, left)) continue;
    if (left()) {
      progress.Note(absl::StrFormat("%s goes on; watch it with: ovi-client watch %s", name, name));
      followed.exit_code = kCancelled;
    } else {
      followed.exit_code = ReportFailure(connection.options, "watch " + name, status);
    }
    return followed;
  }
}

}  // namespace ovi::client
