// The clip of a submission as the engine takes it: the part of from_proto.h that is about the clip.
#pragma once

#include <map>
#include <string>

#include "base/field_violations.h"
#include "engine/clip.h"
#include "google/protobuf/message.h"
#include "ovi/v1/clip.pb.h"

namespace ovi {

// Adds unknown enum values to `violations`; every value is checked by the engine.
ClipRequest ClipFromProto(const v1::ClipRequest& request, FieldViolations& violations);

// Every field that is set, by its path and with its value; a long value as its checksum. Output-only fields are left
// out. What two requests with one request_id are compared by.
std::map<std::string, std::string> BodyOf(const google::protobuf::Message& message, const std::string& prefix);

}  // namespace ovi
