#include "server/jobs/storage.h"

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "server/jobs/status_details.h"

namespace ovi {
namespace {

constexpr int64_t kContainerBytes = 64 << 10;
constexpr int64_t kSoundBytesPerFrame = 2000;

// "1.234 GB", or in MB what would be nothing in GB.
std::string Size(int64_t bytes) {
  const double value = static_cast<double>(bytes);
  return value < 1e8 ? absl::StrFormat("%.1f MB", value / 1e6) : absl::StrFormat("%.2f GB", value / 1e9);
}

absl::Status Full(const std::string& sentence, std::initializer_list<std::pair<const char*, int64_t>> figures) {
  absl::Status status = WithReason(absl::ResourceExhaustedError(sentence), "STORAGE_FULL");
  for (const auto& [key, value] : figures) status = WithMetadata(std::move(status), key, absl::StrFormat("%d", value));
  return status;
}

}  // namespace

int64_t ExpectedBytes(const ClipSpec& clip) {
  const int64_t pixels = int64_t{clip.height} * clip.width * clip.frames;
  const int64_t sound = kContainerBytes + clip.frames * kSoundBytesPerFrame;
  switch (clip.output_format) {
    case OutputFormat::kMp4:
      return pixels / 16 + sound;
    case OutputFormat::kMkvLossless:
    case OutputFormat::kPngZip:
      return pixels * 25 / 8 + sound;
    case OutputFormat::kWav:
      break;
  }
  return sound;
}

absl::Status CheckRoom(const StorageUse& use, const Job& job, const QueueLimits& limits) {
  const int64_t needed = job.spec.reserved_bytes;
  const int64_t taken = use.artifact_bytes + use.reserved_bytes;
  if (limits.stored_bytes < QueueLimits::kNone && needed > limits.stored_bytes - taken) {
    return Full(
        absl::StrFormat("this clip may take %s; stored clips take %s and those of waiting and running jobs may "
                        "take %s, of the %s that --max_storage_gb allows: delete jobs that nobody needs, or "
                        "try again when some have expired",
                        Size(needed), Size(use.artifact_bytes), Size(use.reserved_bytes), Size(limits.stored_bytes)),
        {{"neededBytes", needed},
         {"artifactBytes", use.artifact_bytes},
         {"reservedBytes", use.reserved_bytes},
         {"maxStorageBytes", limits.stored_bytes}});
  }
  if (limits.free_bytes < QueueLimits::kNone && needed > limits.free_bytes - use.reserved_bytes) {
    return Full(absl::StrFormat("this clip may take %s and those of waiting and running jobs %s; the disk of "
                                "--artifact_dir has %s left: delete jobs that nobody needs, or have its space freed",
                                Size(needed), Size(use.reserved_bytes), Size(limits.free_bytes)),
                {{"neededBytes", needed}, {"reservedBytes", use.reserved_bytes}, {"freeBytes", limits.free_bytes}});
  }
  return absl::OkStatus();
}

}  // namespace ovi
