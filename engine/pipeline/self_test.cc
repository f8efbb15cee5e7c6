#include "engine/self_test.h"

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/device/device.h"
#include "engine/device/device_probe.h"

namespace ovi {
namespace {

constexpr int kSteps = 3;  // the solver's orders 1, 2 and 2 again
constexpr char kPrompt[] = "A red ball bounces up and down on a black background. Audio: A dull thud at every bounce.";

absl::StatusOr<std::string> MakeClip(Engine& engine, const std::string& path) {
  ClipRequest request;
  request.prompt = kPrompt;
  request.seed = 100;
  request.steps = kSteps;
  OVI_ASSIGN_OR_RETURN(const ClipSpec spec, engine.Resolve(request));
  GenerateObserver nobody;
  OVI_ASSIGN_OR_RETURN(const ClipResult clip, engine.Generate(spec, path, nobody));
  return absl::StrFormat("%dx%d, %d frames, %d steps in %.1f s, %d bytes", clip.height, clip.width, clip.frames,
                         spec.steps, absl::ToDoubleSeconds(clip.total_time), std::filesystem::file_size(path));
}

}  // namespace

absl::StatusOr<std::vector<SelfTestLine>> RunSelfTest(const EngineOptions& options) {
  const std::string path =
      std::filesystem::temp_directory_path() / absl::StrFormat("ovi-selftest-%d.mp4", static_cast<int>(getpid()));
  std::vector<SelfTestLine> lines;
  const absl::StatusOr<c10::Device> device = ParseDevice(options.device);
  lines.push_back(Ask("device", [&]() -> absl::StatusOr<std::string> {
    OVI_RETURN_IF_ERROR(device.status());
    return absl::StrFormat("%s, LibTorch %s", DescribeDevice(*device), LibTorchVersion());
  }));
  if (!device.ok()) return lines;
  // Before any model is on the device.
  for (SelfTestLine& line :
       ProbeDevice(*device, {.attention = options.attention, .convolution = options.convolution})) {
    lines.push_back(std::move(line));
  }

  std::unique_ptr<Engine> engine;
  lines.push_back(Ask("load", [&]() -> absl::StatusOr<std::string> {
    OVI_ASSIGN_OR_RETURN(engine, LoadEngine(options));
    const MemorySample memory = engine->Memory();
    return absl::StrFormat("%s in %s, %.3f GB allocated", engine->Info().bundle_name, engine->Info().dtype,
                           static_cast<double>(memory.allocated_bytes) / 1e9);
  }));
  if (engine == nullptr) return lines;
  lines.push_back(Ask("clip", [&] { return MakeClip(*engine, path); }));
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return lines;
}

}  // namespace ovi
