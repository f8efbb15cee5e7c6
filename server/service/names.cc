#include "server/service/names.h"

#include <optional>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/log.h"

namespace ovi {
namespace {

constexpr std::string_view kJobs = "jobs/";
constexpr std::string_view kCheckpoints = "checkpoints/";
constexpr std::string_view kArtifact = "/artifact";
// Of a wrong name, as much as an error repeats.
constexpr size_t kShown = 80;

absl::Status BadName(std::string_view name, std::string_view form) {
  FieldViolations violations;
  violations.Add("name", "INVALID_NAME",
                 absl::StrFormat("name is '%s'; it must have the form %s, as the server gives it",
                                 log::Escaped(name.substr(0, kShown)), form));
  return violations.ToStatus();
}

}  // namespace

std::string JobName(const JobId& id) { return absl::StrFormat("%s%s", kJobs, id.value()); }
std::string ArtifactName(const JobId& id) { return absl::StrFormat("%s%s%s", kJobs, id.value(), kArtifact); }
std::string CheckpointName(std::string_view name) { return absl::StrFormat("%s%s", kCheckpoints, name); }

absl::StatusOr<JobId> ParseJobName(std::string_view name) {
  const std::optional<JobId> id =
      name.starts_with(kJobs) ? JobId::Parse(name.substr(kJobs.size())) : std::optional<JobId>();
  if (!id.has_value()) return BadName(name, "jobs/{job}");
  return *id;
}

absl::StatusOr<JobId> ParseArtifactName(std::string_view name) {
  if (!name.ends_with(kArtifact)) return BadName(name, "jobs/{job}/artifact");
  const absl::StatusOr<JobId> id = ParseJobName(name.substr(0, name.size() - kArtifact.size()));
  if (!id.ok()) return BadName(name, "jobs/{job}/artifact");
  return id;
}

std::string ParseCheckpointName(std::string_view name) {
  if (name.starts_with(kCheckpoints)) name.remove_prefix(kCheckpoints.size());
  return std::string(name);
}

}  // namespace ovi
