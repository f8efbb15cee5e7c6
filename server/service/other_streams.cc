// ReadArtifact and WatchMemory.
#include <grpcpp/alarm.h>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/field_violations.h"
#include "base/status_macros.h"
#include "server/service/artifact_chunks.h"
#include "server/service/caller_jobs.h"
#include "server/service/names.h"
#include "server/service/pull_stream.h"
#include "server/service/streams.h"
#include "server/service/to_proto.h"

namespace ovi {
namespace {

constexpr absl::Duration kMinInterval = absl::Milliseconds(100);
constexpr absl::Duration kMaxInterval = absl::Hours(1);
constexpr absl::Duration kDefaultInterval = absl::Seconds(1);

class ReadArtifact final : public PullStream<v1::ReadArtifactResponse> {
 public:
  ReadArtifact(const StreamParts& parts, const Principal& caller, const v1::ReadArtifactRequest& request)
      : status_(Open(parts, caller, request)) {}
  bool EndsByItself() const override { return true; }

 private:
  absl::Status Open(const StreamParts& parts, const Principal& caller, const v1::ReadArtifactRequest& request) {
    OVI_ASSIGN_OR_RETURN(const JobId id, ParseArtifactName(request.name()));
    OVI_ASSIGN_OR_RETURN(const JobView view, CallerJobs(parts.queue, caller).Get(id));
    OVI_ASSIGN_OR_RETURN(chunks_, ArtifactChunks::Open(parts.artifacts, view.job, parts.clock.Now(),
                                                       request.read_offset(), request.read_limit()));
    artifact_ = ToProto(id, *view.job.artifact);
    return absl::OkStatus();
  }

  Turn Produce(v1::ReadArtifactResponse& message, absl::Status& status) override {
    status = status_;
    if (!status_.ok()) return Turn::kEnd;
    const absl::StatusOr<bool> more = chunks_->Next(*message.mutable_chunk());
    status = more.status();
    if (!more.ok()) return Turn::kEnd;
    if (*more) return Turn::kSend;
    if (!artifact_.has_value()) return Turn::kEnd;
    *message.mutable_artifact() = *std::exchange(artifact_, std::nullopt);
    return Turn::kSend;
  }

  std::unique_ptr<ArtifactChunks> chunks_;
  std::optional<v1::Artifact> artifact_;  // until it is sent
  const absl::Status status_;             // last: Open fills in the others
};

absl::StatusOr<absl::Duration> Interval(const v1::WatchMemoryRequest& request) {
  if (!request.has_interval()) return kDefaultInterval;
  const absl::Duration interval =
      absl::Seconds(request.interval().seconds()) + absl::Nanoseconds(request.interval().nanos());
  if (interval >= kMinInterval && interval <= kMaxInterval) return interval;
  FieldViolations violations;
  violations.Add("interval", "INTERVAL_OUT_OF_RANGE",
                 absl::StrFormat("interval is %s; ask for %s to %s", absl::FormatDuration(interval),
                                 absl::FormatDuration(kMinInterval), absl::FormatDuration(kMaxInterval)));
  return violations.ToStatus();
}

class WatchMemory final : public PullStream<v1::WatchMemoryResponse> {
 public:
  WatchMemory(const StreamParts& parts, const v1::WatchMemoryRequest& request)
      : parts_(parts), interval_(Interval(request)) {}
  bool EndsByItself() const override { return false; }

 private:
  Turn Produce(v1::WatchMemoryResponse& message, absl::Status& status) override {
    status = interval_.status();
    if (!interval_.ok()) return Turn::kEnd;
    if (!due_.exchange(false)) return Turn::kWait;
    // Weak: an hour's interval must not keep a closed stream for an hour.
    alarm_.Set(absl::ToChronoTime(absl::Now() + *interval_), [weak = this->weak_from_this()](bool) {
      const auto alive = std::static_pointer_cast<WatchMemory>(weak.lock());
      if (alive == nullptr) return;
      alive->due_ = true;
      alive->Pump();
    });
    *message.mutable_sample() = CurrentMemory(parts_.engine.Memory(), parts_.clock.Now());
    return Turn::kSend;
  }

  const StreamParts parts_;
  const absl::StatusOr<absl::Duration> interval_;
  std::atomic<bool> due_ = true;
  grpc::Alarm alarm_;
};

}  // namespace

grpc::ServerWriteReactor<v1::ReadArtifactResponse>* ReadArtifactStream(const StreamParts& parts,
                                                                       const Principal& caller,
                                                                       const v1::ReadArtifactRequest& request) {
  auto stream = std::make_shared<ReadArtifact>(parts, caller, request);
  stream->Begin(parts.live_calls);
  return stream.get();
}

grpc::ServerWriteReactor<v1::WatchMemoryResponse>* WatchMemoryStream(const StreamParts& parts,
                                                                     const v1::WatchMemoryRequest& request) {
  auto stream = std::make_shared<WatchMemory>(parts, request);
  stream->Begin(parts.live_calls);
  return stream.get();
}

}  // namespace ovi
