#include "client/events.h"

#include <google/protobuf/util/json_util.h>

#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace ovi::client {
namespace {

std::optional<absl::Duration> Remaining(bool present, const v1::Estimate& estimate) {
  if (!present) return std::nullopt;
  return absl::Seconds(estimate.remaining_duration().seconds()) +
         absl::Nanoseconds(estimate.remaining_duration().nanos());
}

// STAGE_VIDEO_DECODE as "video_decode".
std::string StageWord(v1::Stage stage) {
  std::string name = absl::AsciiStrToLower(v1::Stage_Name(stage));
  constexpr std::string_view kPrefix = "stage_";
  return name.rfind(kPrefix, 0) == 0 ? name.substr(kPrefix.size()) : name;
}

}  // namespace

void ShowEvent(const v1::JobEvent& event, Progress& progress) {
  switch (event.event_case()) {
    case v1::JobEvent::kAccepted:
      for (const std::string& warning : event.accepted().request().warnings()) progress.Note("warning: " + warning);
      break;
    case v1::JobEvent::kQueued:
      progress.Queued(event.queued().jobs_ahead(),
                      Remaining(event.queued().has_until_end(), event.queued().until_end()));
      break;
    case v1::JobEvent::kStage:
      progress.Stage(StageWord(event.stage()));
      break;
    case v1::JobEvent::kStep:
      progress.Advance("steps", event.step().step(), event.step().steps(),
                       Remaining(event.step().has_until_end(), event.step().until_end()));
      break;
    case v1::JobEvent::kDecode:
      progress.Advance("frames", event.decode().frames_done(), event.decode().frames(),
                       Remaining(event.decode().has_until_end(), event.decode().until_end()));
      break;
    case v1::JobEvent::kMemory:
      progress.Memory(event.memory().allocated_bytes());
      break;
    case v1::JobEvent::kCancelRequested:
      progress.Note("cancelling");
      break;
    case v1::JobEvent::kRequeued:
      progress.Note("put back into the queue: " + event.requeued().reason());
      break;
    default:  // previews, the outcome, and what later servers will say
      break;
  }
}

void PrintJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return;
  std::printf("%s\n", json.c_str());
  std::fflush(stdout);
}

std::string StateName(v1::Job::State state) { return v1::Job::State_Name(state); }

}  // namespace ovi::client
