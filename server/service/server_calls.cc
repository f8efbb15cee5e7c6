// What the calls about the server and its checkpoints do, once gRPC's part is taken off them.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/field_violations.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/jobs/status_details.h"
#include "server/service/names.h"
#include "server/service/ovi_service.h"
#include "server/service/page_token.h"
#include "server/service/to_proto.h"

namespace ovi {

absl::StatusOr<v1::ListCheckpointsResponse> OviServiceImpl::List(const Context& context,
                                                                 const v1::ListCheckpointsRequest& request) const {
  OVI_RETURN_IF_ERROR(Enter(context, std::nullopt).status());
  constexpr std::string_view kArguments = "checkpoints";
  OVI_ASSIGN_OR_RETURN(const int64_t page_size, PageSize(request.page_size()));
  int64_t first = 0;
  if (!request.page_token().empty()) {
    OVI_ASSIGN_OR_RETURN(first, ParsePageToken(request.page_token(), kArguments));
  }
  const std::vector<CheckpointInfo>& checkpoints = parts_.engine.Checkpoints();
  const auto count = static_cast<int64_t>(checkpoints.size());
  const int64_t end = std::min(first + page_size, count);
  v1::ListCheckpointsResponse reply;
  for (int64_t i = first; i < end; ++i) {
    *reply.add_checkpoints() = Describe(checkpoints[static_cast<size_t>(i)]);
  }
  if (end < count) reply.set_next_page_token(MakePageToken(end, kArguments));
  return reply;
}

v1::Checkpoint OviServiceImpl::Describe(const CheckpointInfo& info) const {
  v1::Checkpoint checkpoint = ToProto(info, &info == &parts_.engine.Checkpoints().front());
  checkpoint.mutable_limits()->set_max_image_bytes(std::min(info.max_image_bytes, facts_.spec_rules.max_image_bytes));
  return checkpoint;
}

absl::StatusOr<v1::Checkpoint> OviServiceImpl::Find(const Context& context,
                                                    const v1::GetCheckpointRequest& request) const {
  OVI_RETURN_IF_ERROR(Enter(context, std::nullopt).status());
  const std::string name = ParseCheckpointName(request.name());
  const std::vector<CheckpointInfo>& checkpoints = parts_.engine.Checkpoints();
  std::vector<std::string> names;
  for (const CheckpointInfo& each : checkpoints) {
    if (each.name == name) return Describe(each);
    names.push_back(CheckpointName(each.name));
  }
  absl::Status status = absl::NotFoundError(absl::StrFormat(
      "there is no checkpoint '%s'; this server has %s", log::Escaped(name.substr(0, 80)), absl::StrJoin(names, ", ")));
  return WithMetadata(WithReason(std::move(status), "UNKNOWN_CHECKPOINT"), "checkpoint", name);
}

absl::StatusOr<v1::ServerInfo> OviServiceImpl::Info(const Context& context) const {
  OVI_ASSIGN_OR_RETURN(const Principal caller, Enter(context, std::nullopt));
  v1::ServerInfo info;
  info.set_version(facts_.version);
  *info.mutable_start_time() = ToProto(facts_.start_time);
  info.set_draining(parts_.queue.closed());
  *info.mutable_engine() = ToProto(parts_.engine.Info());
  v1::ServerLimits& limits = *info.mutable_limits();
  limits.set_max_message_bytes(facts_.max_message_bytes);
  limits.set_max_queued_jobs(static_cast<int32_t>(facts_.max_queued_jobs));
  if (const int64_t budget = parts_.engine.Info().memory_budget_bytes; budget > 0) {
    limits.set_memory_budget_bytes(budget);
  }
  if (facts_.max_storage_bytes < QueueLimits::kNone) limits.set_max_storage_bytes(facts_.max_storage_bytes);
  AddToProto(caller, *info.mutable_caller(), limits);
  info.set_queued_jobs(parts_.queue.queued());
  info.set_running_jobs(parts_.queue.running());
  *info.mutable_memory() = CurrentMemory(parts_.engine.Memory(), parts_.clock.Now());
  return info;
}

}  // namespace ovi
