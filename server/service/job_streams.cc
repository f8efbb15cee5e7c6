// Generate and WatchJob: the streams that follow a job.
#include <grpcpp/impl/codegen/proto_utils.h>

#include <memory>
#include <optional>
#include <utility>

#include "base/log.h"
#include "base/status_macros.h"
#include "server/service/artifact_chunks.h"
#include "server/service/caller_jobs.h"
#include "server/service/job_tail.h"
#include "server/service/names.h"
#include "server/service/pull_stream.h"
#include "server/service/streams.h"

namespace ovi {
namespace {

// Wakes `stream` as long as it lives.
template <typename Stream>
std::function<void()> Waker(const std::shared_ptr<Stream>& stream) {
  return [weak = std::weak_ptr<Stream>(stream)] {
    if (const std::shared_ptr<Stream> alive = weak.lock()) alive->Pump();
  };
}

class Watch final : public PullStream<v1::WatchJobResponse> {
 public:
  bool EndsByItself() const override { return true; }
  void Follow(absl::StatusOr<std::unique_ptr<JobTail>> tail) { tail_ = std::move(tail); }

 private:
  Turn Produce(v1::WatchJobResponse& message, absl::Status& status) override {
    status = tail_.status();
    if (!tail_.ok() || (*tail_)->ended()) return Turn::kEnd;
    std::optional<v1::JobEvent> event = (*tail_)->Next();
    status = (*tail_)->gone();
    if (!event.has_value()) return status.ok() ? Turn::kWait : Turn::kEnd;
    *message.mutable_event() = *std::move(event);
    return Turn::kSend;
  }

  absl::StatusOr<std::unique_ptr<JobTail>> tail_;
};

class Generate final : public PullStream<grpc::ByteBuffer> {
 public:
  Generate(const StreamParts& parts, const JobId& id, const GenerateOptions& options)
      : parts_(parts), id_(id), options_(options) {}
  bool EndsByItself() const override { return true; }
  void Follow(absl::StatusOr<std::unique_ptr<JobTail>> tail) { tail_ = std::move(tail); }

 private:
  Turn Produce(grpc::ByteBuffer& message, absl::Status& status) override {
    v1::GenerateResponse response;
    const Turn turn = Fill(response, status);
    if (turn != Turn::kSend) return turn;
    message.Clear();  // holds the message before: serialising wants an empty one
    bool own_buffer = false;
    const grpc::Status written =
        grpc::SerializationTraits<v1::GenerateResponse>::Serialize(response, &message, &own_buffer);
    if (written.ok()) return Turn::kSend;
    status = absl::InternalError(written.error_message());
    return Turn::kEnd;
  }

  Turn Fill(v1::GenerateResponse& response, absl::Status& status) {
    status = tail_.status();
    if (!tail_.ok()) return Turn::kEnd;
    if (chunks_ != nullptr) return FillChunk(response, status);
    if ((*tail_)->ended()) return Turn::kEnd;
    std::optional<v1::JobEvent> event = (*tail_)->Next();
    status = (*tail_)->gone();
    if (!event.has_value()) return status.ok() ? Turn::kWait : Turn::kEnd;
    if (event->has_outcome() && event->outcome().state() == v1::Job::SUCCEEDED && options_.send_chunks) {
      outcome_ = *std::move(event);
      return OpenChunks(response, status);
    }
    *response.mutable_event() = *std::move(event);
    return Turn::kSend;
  }

  Turn OpenChunks(v1::GenerateResponse& response, absl::Status& status) {
    const absl::StatusOr<JobView> view = parts_.queue.Get(id_);
    auto chunks = view.ok() ? ArtifactChunks::Open(parts_.artifacts, view->job, parts_.clock.Now(), 0, 0)
                            : absl::StatusOr<std::unique_ptr<ArtifactChunks>>(view.status());
    status = chunks.status();
    if (!chunks.ok()) return Turn::kEnd;
    chunks_ = *std::move(chunks);
    return FillChunk(response, status);
  }

  // The chunks, then the outcome: it is the last message.
  Turn FillChunk(v1::GenerateResponse& response, absl::Status& status) {
    const absl::StatusOr<bool> more = chunks_->Next(*response.mutable_chunk());
    status = more.status();
    if (!more.ok()) return Turn::kEnd;
    if (*more) return Turn::kSend;
    if (!outcome_.has_value()) return Turn::kEnd;
    *response.mutable_event() = *std::exchange(outcome_, std::nullopt);
    return Turn::kSend;
  }

  void OnClientGone() override {
    if (!options_.cancel_on_disconnect) return;
    const absl::StatusOr<JobView> cancelled = parts_.queue.Cancel(id_);
    if (!cancelled.ok()) return;
    const log::JobScope about(id_.value());
    log::Info("its client is gone, as was agreed it is cancelled");
  }

  const StreamParts parts_;
  const JobId id_;
  const GenerateOptions options_;
  absl::StatusOr<std::unique_ptr<JobTail>> tail_;
  std::unique_ptr<ArtifactChunks> chunks_;
  std::optional<v1::JobEvent> outcome_;
};

absl::StatusOr<std::unique_ptr<JobTail>> OpenTail(const StreamParts& parts, const Principal& caller,
                                                  const v1::WatchJobRequest& request, std::function<void()> on_news) {
  OVI_ASSIGN_OR_RETURN(const JobId id, ParseJobName(request.name()));
  OVI_RETURN_IF_ERROR(CallerJobs(parts.queue, caller).Get(id).status());
  return JobTail::Open(parts.queue, parts.events, id, request.after_event_number(), std::move(on_news));
}

}  // namespace

grpc::ServerWriteReactor<v1::WatchJobResponse>* WatchJobStream(const StreamParts& parts, const Principal& caller,
                                                               const v1::WatchJobRequest& request) {
  auto stream = std::make_shared<Watch>();
  stream->Follow(OpenTail(parts, caller, request, Waker(stream)));
  stream->Begin(parts.live_calls);
  return stream.get();
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* GenerateStream(const StreamParts& parts, const JobId& id,
                                                           const GenerateOptions& options) {
  auto stream = std::make_shared<Generate>(parts, id, options);
  stream->Follow(JobTail::Open(parts.queue, parts.events, id, 0, Waker(stream)));
  stream->Begin(parts.live_calls);
  return stream.get();
}

}  // namespace ovi
