// What is asked for, what will really be made, and what came out: plain values, no behaviour.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace ovi {

enum class Solver { kUniPc, kDpmPlusPlus, kEuler };

// Where initial noise is drawn. kCpu gives the same clip on every device; kDevice is what upstream does (another GPU
// model, another clip). Sources: at::randn, one fresh generator per modality, both from the seed.
enum class NoiseSource { kCpu, kDevice };

enum class OutputFormat {
  kMp4,          // H.264 yuv420p BT.709 + AAC, faststart
  kMkvLossless,  // FFV1 (RGB) + FLAC
  kWav,          // 16 bit PCM, the sound alone
  kPngZip,       // frame_00000.png ... in a ZIP, the pictures alone
};

// How a first frame is brought to the clip's size: upstream stretches; cropping keeps the aspect ratio.
enum class ImageFit { kStretch, kCenterCrop };

// A request as a client makes it: what is absent takes the checkpoint's default.
struct ClipRequest {
  std::string checkpoint;                  // empty: the served default
  std::string prompt;                      // UTF-8
  std::optional<std::string> first_frame;  // encoded PNG, JPEG or WebP; present: image to video
  ImageFit image_fit = ImageFit::kStretch;
  std::optional<int64_t> height, width;  // pixels; snapped to the checkpoint's area, ignored with a first frame
  std::optional<uint64_t> seed;          // absent: drawn
  std::optional<int64_t> steps;
  std::optional<Solver> solver;
  std::optional<double> shift;
  std::optional<double> video_guidance_scale, audio_guidance_scale;
  std::optional<int64_t> slg_layer;  // block skipped in the negative pass; 0: none
  std::optional<std::string> video_negative_prompt, audio_negative_prompt;
  NoiseSource noise_source = NoiseSource::kCpu;
  OutputFormat output_format = OutputFormat::kMp4;
  int64_t preview_interval_steps = 0;  // every so many steps a preview picture; 0: none
};

// The effective request: what Generate does, with nothing left open.
struct ClipSpec {
  std::string checkpoint;
  std::string prompt;            // as asked
  std::string effective_prompt;  // tags rewritten and text cleaned: what the tokenizer sees
  std::string video_negative_prompt, audio_negative_prompt;
  std::string first_frame;  // encoded bytes; empty: text to video
  ImageFit image_fit = ImageFit::kStretch;
  int height = 0, width = 0;  // pixels, snapped
  int frames = 0;             // pictures in the clip
  uint64_t seed = 0;
  int steps = 0;
  Solver solver = Solver::kUniPc;
  double shift = 0;
  double video_guidance_scale = 0, audio_guidance_scale = 0;
  int slg_layer = 0;
  NoiseSource noise_source = NoiseSource::kCpu;
  OutputFormat output_format = OutputFormat::kMp4;
  int preview_interval_steps = 0;
  int64_t predicted_peak_bytes = 0;   // of the device's memory, models included; 0: not predicted
  std::vector<std::string> warnings;  // e.g. a literal <s> in the prompt, which the tokenizer takes for a special token
  bool operator==(const ClipSpec&) const = default;
};

struct ClipResult {
  int frames = 0;
  int height = 0, width = 0;
  int64_t audio_samples = 0;
  double frames_per_second = 0;
  int sample_rate_hz = 0;
  std::string media_type;  // "video/mp4"
  absl::Duration text_time, diffusion_time, audio_decode_time, video_decode_time, total_time;
};

// What a checkpoint can do, with its defaults and limits.
struct CheckpointInfo {
  std::string name;
  int frames = 0;  // 4 (F - 1) + 1 for F latent frames
  double frames_per_second = 0;
  int64_t audio_samples = 0;
  int sample_rate_hz = 0;
  int64_t video_area = 0;  // pixels a picture is scaled to
  int size_multiple = 0;   // both sides are multiples of it
  int num_layers = 0;      // slg_layer is below it
  int default_height = 0, default_width = 0, default_steps = 0, default_slg_layer = 0;
  Solver default_solver = Solver::kUniPc;
  double default_shift = 0, default_video_guidance_scale = 0, default_audio_guidance_scale = 0;
  std::string default_video_negative_prompt, default_audio_negative_prompt;
  int max_steps = 0;
  int max_side = 0;  // longest side that may be asked for, in pixels
  int64_t max_prompt_bytes = 0;
  int64_t max_image_bytes = 0;
  int64_t max_image_pixels = 0;
};

}  // namespace ovi
