#include "client/clip_options.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace ovi::client {
namespace {

// A flag's words and what they mean in the API.
template <typename Enum>
using Words = std::map<std::string, Enum>;

const Words<v1::Solver> kSolvers = {
    {"unipc", v1::SOLVER_UNI_PC}, {"dpm++", v1::SOLVER_DPM_PLUS_PLUS}, {"euler", v1::SOLVER_EULER}};
const Words<v1::OutputFormat> kFormats = {{"mp4", v1::OUTPUT_FORMAT_MP4},
                                          {"mkv", v1::OUTPUT_FORMAT_MKV_LOSSLESS},
                                          {"wav", v1::OUTPUT_FORMAT_WAV},
                                          {"zip", v1::OUTPUT_FORMAT_PNG_ZIP}};
const Words<v1::ImageFit> kFits = {{"stretch", v1::IMAGE_FIT_STRETCH}, {"crop", v1::IMAGE_FIT_CENTER_CROP}};
const Words<v1::NoiseSource> kNoise = {{"cpu", v1::NOISE_SOURCE_CPU}, {"device", v1::NOISE_SOURCE_DEVICE}};

template <typename Enum>
absl::StatusOr<Enum> Lookup(const Words<Enum>& words, const char* flag, const std::string& given) {
  const auto found = words.find(given);
  if (found != words.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [word, value] : words) known.push_back(word);
  return absl::InvalidArgumentError(
      absl::StrFormat("%s is \"%s\"; it must be one of %s", flag, given, absl::StrJoin(known, ", ")));
}

absl::Status ParseSize(const std::string& text, v1::ClipRequest& request) {
  const std::vector<std::string> sides = absl::StrSplit(text, 'x');
  int32_t height = 0, width = 0;
  if (sides.size() != 2 || !absl::SimpleAtoi(sides[0], &height) || !absl::SimpleAtoi(sides[1], &width)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("--size is \"%s\"; write HEIGHTxWIDTH in pixels, such as 704x1280", text));
  }
  request.set_height(height);
  request.set_width(width);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadImage(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::InvalidArgumentError(absl::StrFormat("--image %s: cannot be opened", path));
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad() || bytes.empty())
    return absl::InvalidArgumentError(absl::StrFormat("--image %s: cannot be read or is empty", path));
  return bytes;
}

absl::Status AddLabels(const std::vector<std::string>& labels, v1::Job& job) {
  for (const std::string& label : labels) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(label, absl::MaxSplits('=', 1));
    if (parts.first.empty() || label.find('=') == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrFormat("--label is \"%s\"; write KEY=VALUE", label));
    }
    (*job.mutable_labels())[parts.first] = parts.second;
  }
  return absl::OkStatus();
}

// Never from the command line, which everybody on the machine can read.
absl::Status AddWebhook(const ClipOptions& options, v1::Job& job) {
  if (!options.webhook) {
    if (!options.webhook_secret_file) return absl::OkStatus();
    return absl::InvalidArgumentError("--webhook-secret-file is given without --webhook");
  }
  job.mutable_webhook()->set_uri(*options.webhook);
  const char* variable = std::getenv("OVI_WEBHOOK_SECRET");
  std::string secret = variable == nullptr ? "" : variable;
  if (options.webhook_secret_file) {
    std::ifstream in(*options.webhook_secret_file, std::ios::binary);
    secret.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    // The line break that editors leave at the end is not part of it.
    while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
    if (!in || secret.empty()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("--webhook-secret-file %s: cannot be read or is empty", *options.webhook_secret_file));
    }
  }
  if (!secret.empty()) job.mutable_webhook()->set_secret(secret);
  return absl::OkStatus();
}

absl::Status SetFormat(const ClipOptions& options, const std::string& output, v1::ClipRequest& request) {
  if (options.format) {
    OVI_ASSIGN_OR_RETURN(const v1::OutputFormat format, Lookup(kFormats, "--format", *options.format));
    request.set_output_format(format);
    return absl::OkStatus();
  }
  const std::string extension = std::filesystem::path(output).extension().string();
  if (extension.empty()) return absl::OkStatus();
  const auto found = kFormats.find(extension.substr(1));
  if (found != kFormats.end()) request.set_output_format(found->second);
  return absl::OkStatus();
}

}  // namespace

void ClipOptions::AddTo(CLI::App& command) {
  command.add_option("prompt", prompt, "What is to be seen and heard; - reads it from stdin")->required();
  command.add_option("--image", image, "PNG, JPEG or WebP that the clip begins with");
  command.add_option("--image-fit", image_fit, "How the image is brought to the clip's size: stretch or crop");
  command.add_option("--size", size, "HEIGHTxWIDTH in pixels; scaled to the checkpoint's area");
  command.add_option("--seed", seed, "Same seed, same clip; drawn if absent");
  command.add_option("--steps", steps, "Denoising steps");
  command.add_option("--solver", solver, "unipc, dpm++ or euler");
  command.add_option("--shift", shift, "Shift of the noise schedule");
  command.add_option("--video-guidance", video_guidance, "How strongly the picture follows the prompt");
  command.add_option("--audio-guidance", audio_guidance, "How strongly the sound follows the prompt");
  command.add_option("--slg-layer", slg_layer, "Block left out of the negative pass; 0: none");
  command.add_option("--negative", negative, "What the picture is to stay away from");
  command.add_option("--audio-negative", audio_negative, "What the sound is to stay away from");
  command.add_option("--noise", noise, "Where noise is drawn: cpu (same clip on every device) or device");
  command.add_option("--preview-interval", preview_interval, "A preview picture every so many steps");
  command.add_option("--checkpoint", checkpoint, "One of those that `info` lists");
  command.add_option("--format", format, "mp4, mkv (lossless), wav or zip (PNG frames); else by --output's extension");
  command.add_option("--webhook", webhook, "https address that is told when the job has ended");
  command.add_option("--webhook-secret-file", webhook_secret_file,
                     "File with the secret that signs it; else OVI_WEBHOOK_SECRET");
  command.add_option("--label", labels, "KEY=VALUE, to find the job again; may be repeated");
}

absl::StatusOr<v1::Job> BuildJob(const ClipOptions& options, const std::string& output) {
  v1::Job job;
  v1::ClipRequest& request = *job.mutable_request();
  request.set_prompt(options.prompt);
  if (options.prompt == "-") {
    request.set_prompt(std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()));
  }
  if (options.checkpoint) {
    const bool full = options.checkpoint->rfind("checkpoints/", 0) == 0;
    request.set_checkpoint(full ? *options.checkpoint : "checkpoints/" + *options.checkpoint);
  }
  if (options.image) {
    OVI_ASSIGN_OR_RETURN(*request.mutable_first_frame()->mutable_content(), ReadImage(*options.image));
  }
  if (options.image_fit) {
    OVI_ASSIGN_OR_RETURN(const v1::ImageFit fit, Lookup(kFits, "--image-fit", *options.image_fit));
    if (!options.image) return absl::InvalidArgumentError("--image-fit is given without --image");
    request.mutable_first_frame()->set_fit(fit);
  }
  if (options.size) OVI_RETURN_IF_ERROR(ParseSize(*options.size, request));
  if (options.solver) {
    OVI_ASSIGN_OR_RETURN(const v1::Solver solver, Lookup(kSolvers, "--solver", *options.solver));
    request.set_solver(solver);
  }
  if (options.noise) {
    OVI_ASSIGN_OR_RETURN(const v1::NoiseSource source, Lookup(kNoise, "--noise", *options.noise));
    request.set_noise_source(source);
  }
  if (options.seed) request.set_seed(*options.seed);
  if (options.steps) request.set_steps(*options.steps);
  if (options.shift) request.set_shift(*options.shift);
  if (options.video_guidance) request.set_video_guidance_scale(*options.video_guidance);
  if (options.audio_guidance) request.set_audio_guidance_scale(*options.audio_guidance);
  if (options.slg_layer) request.set_slg_layer(*options.slg_layer);
  if (options.negative) request.set_video_negative_prompt(*options.negative);
  if (options.audio_negative) request.set_audio_negative_prompt(*options.audio_negative);
  if (options.preview_interval) request.set_preview_interval_steps(*options.preview_interval);
  OVI_RETURN_IF_ERROR(SetFormat(options, output, request));
  OVI_RETURN_IF_ERROR(AddLabels(options.labels, job));
  OVI_RETURN_IF_ERROR(AddWebhook(options, job));
  return job;
}

std::string ExtensionOf(const v1::ClipRequest& request) {
  for (const auto& [word, format] : kFormats) {
    if (format == request.output_format()) return "." + word;
  }
  return ".mp4";
}

}  // namespace ovi::client
