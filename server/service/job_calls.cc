// What the calls about jobs do, once gRPC's part is taken off them.
#include <limits>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/status_macros.h"
#include "server/service/caller_jobs.h"
#include "server/service/credentials.h"
#include "server/service/decode.h"
#include "server/service/from_proto.h"
#include "server/service/names.h"
#include "server/service/ovi_service.h"
#include "server/service/page_token.h"
#include "server/service/to_proto.h"

namespace ovi {
namespace {

absl::StatusOr<v1::Job> JobOf(const absl::StatusOr<JobView>& view) {
  if (!view.ok()) return view.status();
  return ToProto(*view);
}

absl::Status CheckDelivery(const v1::GenerateRequest& request) {
  if (!request.has_delivery() || request.delivery() == v1::GenerateRequest::CHUNKS ||
      request.delivery() == v1::GenerateRequest::URI) {
    return absl::OkStatus();
  }
  FieldViolations violations;
  violations.Add("delivery", "UNKNOWN_ENUM_VALUE",
                 absl::StrFormat("delivery is %d, which this server does not know; ask for CHUNKS or URI",
                                 static_cast<int>(request.delivery())));
  return violations.ToStatus();
}

}  // namespace

absl::StatusOr<Principal> OviServiceImpl::Enter(const Context& context, std::optional<Scope> scope) const {
  OVI_ASSIGN_OR_RETURN(Principal caller, door_.Admit(CredentialsOf(context)));
  if (scope.has_value()) OVI_RETURN_IF_ERROR(RequireScope(caller, *scope));
  return caller;
}

absl::StatusOr<Principal> OviServiceImpl::EnterToSubmit(const Context& context) {
  OVI_ASSIGN_OR_RETURN(Principal caller, Enter(context, Scope::kSubmit));
  OVI_RETURN_IF_ERROR(door_.CountSubmission(caller));
  return caller;
}

absl::StatusOr<JobSpec> OviServiceImpl::Spec(const v1::Job& job) const {
  return SpecFromProto(job, parts_.engine, facts_.spec_rules);
}

absl::StatusOr<v1::Job> OviServiceImpl::Create(const Context& context, const grpc::ByteBuffer& bytes) {
  OVI_ASSIGN_OR_RETURN(const Principal caller, EnterToSubmit(context));
  v1::CreateJobRequest request;
  OVI_RETURN_IF_ERROR(Decode(bytes, request));
  OVI_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  OVI_ASSIGN_OR_RETURN(JobSpec spec, Spec(request.job()));
  if (request.validate_only()) {
    Job job;
    job.spec = std::move(spec);
    return ToProto(job);
  }
  return JobOf(CallerJobs(parts_.queue, caller).Submit(std::move(spec), request.request_id()));
}

absl::StatusOr<JobId> OviServiceImpl::Submit(const Context& context, const grpc::ByteBuffer& bytes,
                                             GenerateOptions& options) {
  OVI_ASSIGN_OR_RETURN(const Principal caller, EnterToSubmit(context));
  v1::GenerateRequest request;
  OVI_RETURN_IF_ERROR(Decode(bytes, request));
  OVI_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  OVI_RETURN_IF_ERROR(CheckDelivery(request));
  options.send_chunks = request.delivery() != v1::GenerateRequest::URI;
  options.cancel_on_disconnect = request.cancel_on_disconnect();
  OVI_ASSIGN_OR_RETURN(JobSpec spec, Spec(request.job()));
  OVI_ASSIGN_OR_RETURN(const JobView view,
                       CallerJobs(parts_.queue, caller).Submit(std::move(spec), request.request_id()));
  return view.job.id;
}

absl::StatusOr<v1::Job> OviServiceImpl::Get(const Context& context, const v1::GetJobRequest& request) const {
  OVI_ASSIGN_OR_RETURN(const Principal caller, Enter(context, Scope::kRead));
  OVI_ASSIGN_OR_RETURN(const JobId id, ParseJobName(request.name()));
  return JobOf(CallerJobs(parts_.queue, caller).Get(id));
}

absl::StatusOr<v1::Job> OviServiceImpl::Cancel(const Context& context, const v1::CancelJobRequest& request) const {
  OVI_ASSIGN_OR_RETURN(const Principal caller, Enter(context, Scope::kSubmit));
  OVI_ASSIGN_OR_RETURN(const JobId id, ParseJobName(request.name()));
  return JobOf(CallerJobs(parts_.queue, caller).Cancel(id));
}

absl::Status OviServiceImpl::Delete(const Context& context, const v1::DeleteJobRequest& request) const {
  OVI_ASSIGN_OR_RETURN(const Principal caller, Enter(context, Scope::kSubmit));
  OVI_ASSIGN_OR_RETURN(const JobId id, ParseJobName(request.name()));
  return CallerJobs(parts_.queue, caller).Delete(id);
}

absl::StatusOr<v1::ListJobsResponse> OviServiceImpl::List(const Context& context,
                                                          const v1::ListJobsRequest& request) const {
  OVI_ASSIGN_OR_RETURN(const Principal caller, Enter(context, Scope::kRead));
  OVI_ASSIGN_OR_RETURN(const int64_t page_size, PageSize(request.page_size()));
  absl::StatusOr<JobFilter> filter = ParseJobFilter(request.filter());
  if (!filter.ok()) {
    FieldViolations violations;
    violations.Add("filter", "INVALID_FILTER", std::string(filter.status().message()));
    return violations.ToStatus();
  }
  int64_t before = std::numeric_limits<int64_t>::max();
  if (!request.page_token().empty()) {
    OVI_ASSIGN_OR_RETURN(before, ParsePageToken(request.page_token(), request.filter()));
  }
  OVI_ASSIGN_OR_RETURN(
      const JobViewPage page,
      CallerJobs(parts_.queue, caller)
          .List({.filter = *std::move(filter), .principal = {}, .limit = page_size, .before = before}));
  v1::ListJobsResponse reply;
  for (const JobView& view : page.jobs) *reply.add_jobs() = ToProto(view);
  if (page.more) reply.set_next_page_token(MakePageToken(page.jobs.back().job.sequence, request.filter()));
  return reply;
}

}  // namespace ovi
