// Our values as messages of the API. Pure.
#pragma once

#include "absl/time/time.h"
#include "engine/clip.h"
#include "engine/engine.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "ovi/v1/checkpoint.pb.h"
#include "ovi/v1/job.pb.h"
#include "ovi/v1/job_event.pb.h"
#include "ovi/v1/memory.pb.h"
#include "ovi/v1/server_info.pb.h"
#include "server/access/principal.h"
#include "server/jobs/job_event.h"
#include "server/jobs/job_queue.h"

namespace ovi {

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);

v1::MemorySample ToProto(const MemoryReading& reading);
// Between the named points: without one.
v1::MemorySample CurrentMemory(const MemorySample& sample, absl::Time time);

v1::ClipRequest ToProto(const ClipSpec& clip);
v1::Artifact ToProto(const JobId& id, const JobArtifact& artifact);
// A job without an id (of a validation) has no name.
v1::Job ToProto(const Job& job);
v1::Job ToProto(const JobView& view);
v1::JobEvent ToProto(const JobEvent& event);

v1::Checkpoint ToProto(const CheckpointInfo& info, bool is_default);
v1::EngineInfo ToProto(const EngineInfo& info);
// Who calls, and the limits that are his.
void AddToProto(const Principal& caller, v1::Caller& who, v1::ServerLimits& limits);

}  // namespace ovi
