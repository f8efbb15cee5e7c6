#include "server/jobs/artifact_name.h"

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

struct FileType {
  std::string_view extension, media_type;
};

FileType TypeOf(OutputFormat format) {
  switch (format) {
    case OutputFormat::kMp4:
      return {"mp4", "video/mp4"};
    case OutputFormat::kMkvLossless:
      return {"mkv", "video/x-matroska"};
    case OutputFormat::kWav:
      return {"wav", "audio/wav"};
    case OutputFormat::kPngZip:
      return {"zip", "application/zip"};
  }
  return {"bin", "application/octet-stream"};
}

}  // namespace

std::string ArtifactKeyOf(const Job& claimed, std::string_view store_uid) {
  return absl::StrFormat("%s-%s-%d.%s", claimed.id.value(), store_uid, claimed.claim,
                         TypeOf(claimed.spec.clip->output_format).extension);
}

std::optional<JobId> JobOfArtifact(std::string_view key, std::string_view store_uid) {
  const size_t dash = key.find('-');
  if (store_uid.empty() || dash == std::string_view::npos) return std::nullopt;
  const std::string_view rest = key.substr(dash + 1);
  if (!rest.starts_with(store_uid) || rest.substr(store_uid.size(), 1) != "-") return std::nullopt;
  return JobId::Parse(key.substr(0, dash));
}

std::string MediaTypeOf(OutputFormat format) { return std::string(TypeOf(format).media_type); }

}  // namespace ovi
