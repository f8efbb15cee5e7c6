#include "server/supervision/liveness.h"

#include <grpcpp/client_context.h>

#include <chrono>
#include <string>
#include <tuple>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ovi/v1/ovi_service.grpc.pb.h"

namespace ovi {

absl::Status Liveness::Check() {
  std::ignore = queue_.queued();
  OVI_RETURN_IF_ERROR(CheckWorker());
  return CheckAnswer();
}

absl::Status Liveness::CheckWorker() {
  const std::optional<int64_t> signs = running_.signs_of_life();
  const absl::Duration now = clock_.Elapsed();
  if (signs != signs_) {
    signs_ = signs;
    seen_ = now;
  }
  if (!signs.has_value() || now - seen_ < limits_.stall) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrFormat("the running job has made no progress for %s (--stall_timeout)",
                                                     absl::FormatDuration(absl::Floor(now - seen_, absl::Seconds(1)))));
}

absl::Status Liveness::CheckAnswer() {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(limits_.answer));
  v1::ServerInfo info;
  const grpc::Status status =
      v1::OviService::NewStub(channel_)->GetServerInfo(&context, v1::GetServerInfoRequest(), &info);
  // Being refused is an answer too.
  if (status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED &&
      status.error_code() != grpc::StatusCode::UNAVAILABLE) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrFormat("a call was not answered within %s: %s",
                                                absl::FormatDuration(limits_.answer), status.error_message()));
}

}  // namespace ovi
