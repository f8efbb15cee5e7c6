// The four streaming calls. Each is a reactor that gRPC owns a share of; it ends by itself.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "absl/time/time.h"
#include "base/clock.h"
#include "engine/engine.h"
#include "ovi/v1/artifact_messages.pb.h"
#include "ovi/v1/generate_messages.pb.h"
#include "ovi/v1/job_messages.pb.h"
#include "ovi/v1/server_messages.pb.h"
#include "server/access/principal.h"
#include "server/jobs/job_events.h"
#include "server/jobs/job_queue.h"
#include "server/service/live_calls.h"

namespace ovi {

// What the streams read from; all of it outlives them.
struct StreamParts {
  const Clock& clock;
  Engine& engine;
  JobQueue& queue;
  JobEvents& events;
  ArtifactStore& artifacts;
  LiveCalls& live_calls;
};

struct GenerateOptions {
  bool send_chunks = true;
  bool cancel_on_disconnect = false;
};
// Bytes, as Generate reads and writes its messages itself (decode.h).
grpc::ServerWriteReactor<grpc::ByteBuffer>* GenerateStream(const StreamParts& parts, const JobId& id,
                                                           const GenerateOptions& options);

// Of a job that `caller` sees; for others it is as if there were none.
grpc::ServerWriteReactor<v1::WatchJobResponse>* WatchJobStream(const StreamParts& parts, const Principal& caller,
                                                               const v1::WatchJobRequest& request);
grpc::ServerWriteReactor<v1::ReadArtifactResponse>* ReadArtifactStream(const StreamParts& parts,
                                                                       const Principal& caller,
                                                                       const v1::ReadArtifactRequest& request);
grpc::ServerWriteReactor<v1::WatchMemoryResponse>* WatchMemoryStream(const StreamParts& parts,
                                                                     const v1::WatchMemoryRequest& request);

}  // namespace ovi
