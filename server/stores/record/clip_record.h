// A clip's specification as a message, but for the bytes of its first frame.
#pragma once

#include "engine/clip.h"
#include "job_record.pb.h"

namespace ovi {

store::v1::ClipSpecRecord ToRecord(const ClipSpec& clip);
ClipSpec FromRecord(const store::v1::ClipSpecRecord& record);

}  // namespace ovi
