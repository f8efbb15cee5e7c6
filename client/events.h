// Events as lines.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "client/progress.h"
#include "ovi/v1/job_event.pb.h"

namespace ovi::client {

void ShowEvent(const v1::JobEvent& event, Progress& progress);

// `message` as one line of JSON on stdout, in proto3's mapping with the proto's own field names.
void PrintJson(const google::protobuf::Message& message);

// "1.2 GB allocated, 1.4 GB held, peak 3.1 GB, ...": the allocator's counts, then what the system and the device's
// runtime say, then the budget; what is not known is left out.
std::string MemoryText(const v1::MemorySample& sample);

// "SUCCEEDED".
std::string StateName(v1::Job::State state);

}  // namespace ovi::client
