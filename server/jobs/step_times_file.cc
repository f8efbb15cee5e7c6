#include "server/jobs/step_times_file.h"

#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/artifacts/posix_file.h"

namespace ovi {
namespace {

using nlohmann::json;

constexpr int64_t kVersion = 1;
constexpr std::streamsize kMaxBytes = 1 << 20;
constexpr double kMaxSeconds = 1e6;

std::optional<absl::Duration> SecondsOf(const json& object, const char* field) {
  const auto found = object.find(field);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!(seconds >= 0) || seconds > kMaxSeconds) return std::nullopt;
  return absl::Seconds(seconds);
}

std::optional<int> SideOf(const json& object, const char* field) {
  const auto found = object.find(field);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto side = found->get<uint64_t>();
  return side > 0 && side <= INT32_MAX ? std::optional(static_cast<int>(side)) : std::nullopt;
}

std::optional<StepTime> TimeOf(const json& object) {
  if (!object.is_object()) return std::nullopt;
  const auto checkpoint = object.find("checkpoint");
  const auto height = SideOf(object, "height"), width = SideOf(object, "width");
  const auto step = SecondsOf(object, "step_seconds"), rest = SecondsOf(object, "rest_seconds");
  if (checkpoint == object.end() || !checkpoint->is_string() || !height || !width || !step || !rest) {
    return std::nullopt;
  }
  return StepTime{checkpoint->get<std::string>(), *height, *width, *step, *rest};
}

// What a file says; nothing for what `measured_on` does not concern.
absl::StatusOr<std::vector<StepTime>> Parse(const std::string& text, const std::string& measured_on) {
  const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  const absl::Status damaged = absl::DataLossError("it is damaged");
  if (!root.is_object() || !root.contains("version") || !root["version"].is_number_integer()) return damaged;
  if (root["version"] != kVersion) {
    return absl::FailedPreconditionError(
        absl::StrFormat("it is of version %s, and this ovi-server knows version %d", root["version"].dump(), kVersion));
  }
  if (!root.contains("measured_on") || !root.contains("times") || !root["times"].is_array()) return damaged;
  std::vector<StepTime> times;
  if (root["measured_on"] != measured_on) return times;
  for (const json& each : root["times"]) {
    std::optional<StepTime> time = TimeOf(each);
    if (!time.has_value()) return damaged;
    times.push_back(*std::move(time));
  }
  return times;
}

absl::Status Replace(const std::string& path, const std::string& text) {
  const std::string incoming = path + ".new";
  {
    std::ofstream file(incoming, std::ios::binary | std::ios::trunc);
    if (!file.write(text.data(), static_cast<std::streamsize>(text.size())).flush()) {
      return absl::UnavailableError(absl::StrFormat("%s cannot be written", incoming));
    }
  }
  OVI_ASSIGN_OR_RETURN(const PosixFile written, PosixFile::OpenToRead(incoming));
  OVI_RETURN_IF_ERROR(written.Flush());
  return RenameFile(incoming, path);
}

}  // namespace

StepTimesFile::StepTimesFile(std::string path, std::string measured_on)
    : path_(std::move(path)), measured_on_(std::move(measured_on)) {}

std::vector<StepTime> StepTimesFile::Read() const {
  std::ifstream file(path_, std::ios::binary);
  if (!file) return {};
  std::string text(static_cast<size_t>(kMaxBytes), '\0');
  file.read(text.data(), kMaxBytes);
  text.resize(static_cast<size_t>(file.gcount()));
  const absl::StatusOr<std::vector<StepTime>> times = Parse(text, measured_on_);
  if (times.ok()) return *times;
  log::Warning("%s is not used, so estimates begin as guesses: %s", path_, std::string(times.status().message()));
  return {};
}

void StepTimesFile::Write(const std::vector<StepTime>& times) const {
  json root = {{"version", kVersion}, {"measured_on", measured_on_}, {"times", json::array()}};
  for (const StepTime& each : times) {
    root["times"].push_back({{"checkpoint", each.checkpoint},
                             {"height", each.height},
                             {"width", each.width},
                             {"step_seconds", absl::ToDoubleSeconds(each.step)},
                             {"rest_seconds", absl::ToDoubleSeconds(each.rest)}});
  }
  const std::string text = root.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  if (const absl::Status replaced = Replace(path_, text); !replaced.ok()) {
    log::Warning("how long clips take is not kept for the next start: %s", std::string(replaced.message()));
  }
}

StepTimes KeptStepTimes(const std::string& path, const std::string& measured_on) {
  if (path.empty()) return StepTimes();
  const StepTimesFile file(path, measured_on);
  return StepTimes(file.Read(), [file](const std::vector<StepTime>& times) { file.Write(times); });
}

}  // namespace ovi
