#include "server/service/decode.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/stubs/common.h>
#include <google/protobuf/unknown_field_set.h>
#include <grpcpp/support/slice.h>

#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"

namespace ovi {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// Adds every string of a message of type `type` in `fields` that is not UTF-8. `prefix` ends in a dot or is empty.
void FindBadText(const UnknownFieldSet& fields, const Descriptor& type, const std::string& prefix,
                 FieldViolations& violations) {
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    const FieldDescriptor* known = type.FindFieldByNumber(field.number());
    if (known == nullptr || field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    const std::string& bytes = field.length_delimited();
    const std::string path = prefix + known->name();
    if (known->type() == FieldDescriptor::TYPE_MESSAGE) {
      UnknownFieldSet inner;
      if (inner.ParseFromString(bytes)) FindBadText(inner, *known->message_type(), path + ".", violations);
    } else if (known->type() == FieldDescriptor::TYPE_STRING &&
               !google::protobuf::internal::IsStructurallyValidUTF8(bytes.data(), static_cast<int>(bytes.size()))) {
      violations.Add(
          path, "INVALID_UTF8",
          absl::StrFormat("%s has %d bytes that are not valid UTF-8; encode the text as UTF-8", path, bytes.size()));
    }
  }
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace

absl::Status Decode(const grpc::ByteBuffer& buffer, google::protobuf::Message& message) {
  const std::string bytes = BytesOf(buffer);
  if (message.ParseFromString(bytes)) return absl::OkStatus();
  FieldViolations violations;
  if (UnknownFieldSet fields; fields.ParseFromString(bytes)) {
    FindBadText(fields, *message.GetDescriptor(), "", violations);
  }
  if (!violations.empty()) return violations.ToStatus();
  return WithReason(
      absl::InvalidArgumentError(absl::StrFormat("%d bytes are not a message of type %s; was the client made from "
                                                 "another version of the API?",
                                                 bytes.size(), message.GetTypeName())),
      "MALFORMED_MESSAGE");
}

}  // namespace ovi
