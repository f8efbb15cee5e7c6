#include "server/service/to_grpc.h"

#include <google/protobuf/stubs/common.h>

#include <string>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "google/rpc/error_details.pb.h"
#include "server/jobs/status_details.h"

namespace ovi {
namespace {

constexpr char kDomain[] = "ovi.dev";
// Together, message once more in the details and base64 included, below 8 KB.
constexpr size_t kMaxMessage = 1000;
constexpr size_t kMaxText = 300;
constexpr size_t kMaxDetails = 3500;

// What protobuf accepts as a string: valid UTF-8, at most `limit` bytes, cut between characters.
std::string Presentable(std::string_view text, size_t limit) {
  std::string out(text.substr(0, limit));
  while (!out.empty() && out.size() < text.size() && (static_cast<unsigned char>(text[out.size()]) & 0xc0) == 0x80) {
    out.pop_back();
  }
  if (out.size() < text.size()) out += "...";
  if (!google::protobuf::internal::IsStructurallyValidUTF8(out.data(), static_cast<int>(out.size()))) {
    for (char& c : out) {
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    }
  }
  return out;
}

google::rpc::ErrorInfo InfoOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  const std::string reason = ReasonOf(status);
  info.set_reason(reason.empty() ? absl::StatusCodeToString(status.code()) : reason);
  for (const auto& [key, value] : MetadataOf(status)) (*info.mutable_metadata())[key] = Presentable(value, kMaxText);
  return info;
}

google::rpc::BadRequest BadRequestOf(const std::vector<FieldViolation>& violations) {
  google::rpc::BadRequest bad_request;
  for (const FieldViolation& violation : violations) {
    auto* added = bad_request.add_field_violations();
    added->set_field(violation.field);
    added->set_reason(violation.reason);
    added->set_description(Presentable(violation.description, kMaxText));
    if (bad_request.ByteSizeLong() <= kMaxDetails) continue;
    bad_request.mutable_field_violations()->RemoveLast();
    break;
  }
  return bad_request;
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status out;
  if (status.ok()) return out;
  out.set_code(static_cast<int>(status.code()));
  out.set_message(Presentable(std::string(status.message()), kMaxMessage));
  out.add_details()->PackFrom(InfoOf(status));
  const std::vector<FieldViolation> violations = FieldViolationsOf(status);
  if (!violations.empty()) out.add_details()->PackFrom(BadRequestOf(violations));
  if (const auto delay = RetryAfterOf(status); delay.has_value()) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(*delay));
    out.add_details()->PackFrom(retry);
  }
  return out;
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status rich = ToRpcStatus(status);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), rich.message(), rich.SerializeAsString());
}

}  // namespace ovi
