// The flags that describe a clip, as a request.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ovi/v1/job.pb.h"

namespace ovi::client {

// What was given; what was not takes the checkpoint's default on the server.
struct ClipOptions {
  std::string prompt;  // "-": from stdin
  std::optional<std::string> checkpoint, image, size, solver, negative, audio_negative, format, image_fit, noise;
  std::optional<uint64_t> seed;
  std::optional<int32_t> steps, slg_layer, preview_interval;
  std::optional<double> shift, video_guidance, audio_guidance;
  std::vector<std::string> labels;  // KEY=VALUE
  std::optional<std::string> webhook, webhook_secret_file;

  void AddTo(CLI::App& command);
};

// Reads the image, stdin and the webhook's secret. InvalidArgument names the flag, its value and what it may be.
// `output` decides the format where
// --format does not: by its extension.
absl::StatusOr<v1::Job> BuildJob(const ClipOptions& options, const std::string& output);

// ".mp4" for a request's format.
std::string ExtensionOf(const v1::ClipRequest& request);

}  // namespace ovi::client
