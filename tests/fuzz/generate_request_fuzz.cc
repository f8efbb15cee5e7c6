// The bytes of a Generate call, up to the job that would be queued.
#include <google/protobuf/stubs/logging.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include "ovi/v1/generate_messages.pb.h"
#include "server/service/decode.h"
#include "server/service/from_proto.h"
#include "tests/fuzz/readable_error.h"
#include "tests/service/fake_engine.h"

namespace ovi {
namespace {

absl::StatusOr<JobSpec> SpecOf(const uint8_t* data, size_t size, const Engine& engine) {
  const grpc::Slice slice(data, size);
  v1::GenerateRequest request;
  if (absl::Status status = Decode(grpc::ByteBuffer(&slice, 1), request); !status.ok()) return status;
  if (absl::Status status = CheckRequestId(request.request_id()); !status.ok()) return status;
  return SpecFromProto(request.job(), engine);
}

void RequireWithinLimits(const ClipSpec& clip, const CheckpointInfo& limits) {
  for (const int64_t side : {clip.height, clip.width}) {
    Require(side > 0 && side <= limits.max_side && side % limits.size_multiple == 0, "sides are the checkpoint's");
  }
  Require(clip.steps > 0 && clip.steps <= limits.max_steps, "steps are within limits");
  Require(clip.shift > 0, "shift is a positive number");
  Require(!clip.prompt.empty() && static_cast<int64_t>(clip.prompt.size()) <= limits.max_prompt_bytes,
          "the prompt is within limits");
}

}  // namespace
}  // namespace ovi

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const google::protobuf::LogSilencer silencer;  // of a line on every text that is not UTF-8
  static const ovi::FakeEngine engine;
  const absl::StatusOr<ovi::JobSpec> spec = ovi::SpecOf(data, size, engine);
  if (spec.ok()) {
    ovi::RequireWithinLimits(*spec->clip, engine.Checkpoints()[0]);  // both checkpoints have the same limits
  } else {
    ovi::RequireReadable(spec.status());
  }
  return 0;
}
