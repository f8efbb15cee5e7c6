#include "client/events.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
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

// MEMORY_POINT_TEXT_ENCODED as "text encoded".
std::string PointWords(v1::MemoryPoint point) {
  std::string name = absl::AsciiStrToLower(v1::MemoryPoint_Name(point));
  constexpr std::string_view kPrefix = "memory_point_";
  if (name.rfind(kPrefix, 0) == 0) name = name.substr(kPrefix.size());
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

// The record of a job that has ended: a line a point, and what had been expected.
void ShowMemory(const v1::Job& job, Progress& progress) {
  for (const v1::MemorySample& sample : job.memory()) {
    progress.Note(absl::StrFormat("memory %-14s %s", PointWords(sample.point()), MemoryText(sample)));
  }
  if (job.memory_size() > 0 && job.has_predicted_peak_bytes()) {
    progress.Note(absl::StrFormat("memory %-14s peak %s", "predicted", HumanBytes(job.predicted_peak_bytes())));
  }
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
    case v1::JobEvent::kOutcome:
      ShowMemory(event.outcome(), progress);
      break;
    default:  // previews, and what later servers will say
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

std::string MemoryText(const v1::MemorySample& sample) {
  std::string text = absl::StrFormat("%s allocated, %s held, peak %s", HumanBytes(sample.allocated_bytes()),
                                     HumanBytes(sample.reserved_bytes()), HumanBytes(sample.peak_bytes()));
  if (sample.has_system_vram_bytes() || sample.has_system_gtt_bytes()) {
    text += absl::StrFormat(", VRAM %s and GTT %s in use", HumanBytes(sample.system_vram_bytes()),
                            HumanBytes(sample.system_gtt_bytes()));
  } else if (sample.system_bytes() > 0) {
    text += absl::StrFormat(", %s as the system sees it", HumanBytes(sample.system_bytes()));
  }
  if (sample.has_device_total_bytes()) {
    text += absl::StrFormat(", device has %s free of %s", HumanBytes(sample.device_free_bytes()),
                            HumanBytes(sample.device_total_bytes()));
  }
  if (sample.has_budget_bytes()) text += absl::StrFormat(", budget %s", HumanBytes(sample.budget_bytes()));
  return text;
}

std::string StateName(v1::Job::State state) { return v1::Job::State_Name(state); }

}  // namespace ovi::client
