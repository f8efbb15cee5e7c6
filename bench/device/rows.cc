#include "bench/device/rows.h"

#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "bench/device/timing.h"
#include "engine/device/memory_ledger.h"
#include "engine/pipeline/generate.h"
#include "engine/pipeline/stages.h"

namespace ovi::bench {
namespace {

constexpr double kGigabyte = 1e9;

struct Size {
  const char* name;
  int64_t pixels, frames, audio;     // frames of the latent
  double forward_goal, memory_goal;  // 0: none
};
constexpr Size kSizes[] = {{"704x704x121", 704, 31, 157, 0.350, 1.5},
                           {"960x960x121", 960, 31, 157, 0.850, 0},
                           {"960x960x241", 960, 61, 314, 2.750, 4}};

class Table {
 public:
  Table(const Models& models, const Floors& floors, const RowOptions& options)
      : models_(models), floors_(floors), options_(options), ledger_(models.device) {}

  bool Wants(std::string_view name) const {
    return options_.only.empty() ||
           std::any_of(options_.only.begin(), options_.only.end(),
                       [&](const std::string& part) { return absl::StrContains(std::string(name), part); });
  }
  void Add(Row row) { results.rows.push_back(std::move(row)); }

  // After the row `name` was timed: in a row, so that clocks settle as they do in a job.
  void MaybeProfile(const std::string& name, int runs, const std::function<void()>& body) {
    if (options_.profile) results.profiles.push_back(ProfileWork(name, models_.device, runs, body));
  }

  // The most that `body` holds over what was there before, in GB.
  double PeakOver(const std::function<void()>& body) {
    ledger_.ReleaseCaches();
    const int64_t before = ledger_.Point(MemoryPoint::kLoaded).allocated_bytes;
    body();
    Synchronize(models_.device);
    return static_cast<double>(ledger_.Point(MemoryPoint::kDone).peak_bytes - before) / kGigabyte;
  }

  at::Tensor Random(at::IntArrayRef shape) const {
    return at::randn(shape, at::TensorOptions().device(models_.device).dtype(models_.dtype));
  }

  void Text() {
    if (!Wants("text")) return;
    const TextEncoderConfig& config = models_.bundle.text_encoder;
    const int64_t length = models_.bundle.fusion.video.text_len;
    std::string prompt;
    for (int64_t i = 0; i < length; ++i) prompt += "a b ";  // more tokens than fit: cut to text_len
    const std::vector<std::string> prompts(3, prompt);
    const auto encode = [&] { models_.text.Encode(prompts); };
    const std::string name = "text encoder, 3 x 512 tokens";
    Add({name, "s", SustainedSeconds(models_.device, encode), floors_.SecondsFor(TextEncoding(config, 3, length)),
         0.023});
    MaybeProfile(name, 20, encode);
  }

  void Forward(const Size& size) {
    const std::string name = absl::StrFormat("forward %s", size.name);
    if (!Wants(name)) return;
    const int64_t side = size.pixels / models_.video.decoder.stride();
    double peak = 0, seconds = 0;
    peak = PeakOver([&] {
      const at::Tensor video = Random({models_.bundle.fusion.video.in_dim, size.frames, side, side});
      const at::Tensor audio = Random({size.audio, models_.bundle.fusion.audio.in_dim});
      const at::Tensor rows = Random({120, models_.bundle.fusion.video.text_dim});
      const FusionText text = models_.fusion.PrepareText(rows, rows);
      const auto forward = [&] { models_.fusion.Forward(video, audio, 500, text); };
      seconds = SustainedSeconds(models_.device, forward);
      MaybeProfile(name, 10, forward);
    });
    const auto goal = [](double value) { return value > 0 ? std::optional<double>(value) : std::nullopt; };
    Add({name, "s", seconds,
         floors_.SecondsFor(ForwardPass(models_.bundle.fusion, size.frames, side, side, size.audio)),
         goal(size.forward_goal)});
    Add({name + ", memory over weights", "GB", peak, std::nullopt, goal(size.memory_goal)});
  }

  absl::Status Decode() {
    if (!Wants("decode")) return absl::OkStatus();
    const int64_t side = 704 / models_.video.decoder.stride(), frames = 31;
    const at::Tensor latent = Random({models_.bundle.video_vae.z_dim, frames, side, side});
    GenerateObserver observer;
    absl::Status status;
    const auto decode = [&] {
      status = DecodeVideo(models_, latent, observer, [](const at::Tensor&) { return absl::OkStatus(); });
    };
    const double peak = PeakOver(decode);
    const double seconds = SustainedSeconds(models_.device, decode);
    OVI_RETURN_IF_ERROR(status);
    Add({"video decode 704x704x121 to frames", "s", seconds,
         floors_.SecondsFor(VideoDecoding(models_.bundle.video_vae, frames, side, side)), 1.8});
    MaybeProfile("video decode 704x704x121", 2, decode);
    Add({"video decode 704x704x121, memory over weights", "GB", peak, std::nullopt, 2.5});
    const at::Tensor sound = Random({157, models_.bundle.fusion.audio.in_dim});
    Add({"sound decode, 5 s", "s",
         MedianSeconds(
             models_.device, [&] { status = DecodeAudio(models_, sound, observer).status(); }, 3),
         std::nullopt, std::nullopt});
    return status;
  }

  absl::Status Clip() {
    if (!Wants("clip")) return absl::OkStatus();
    ClipSpec spec;
    spec.checkpoint = models_.checkpoint.name;
    spec.prompt = spec.effective_prompt = "A lighthouse above a grey sea. <S>Good evening.<E>";
    spec.video_negative_prompt = "jitter, bad hands, blur, distortion";
    spec.audio_negative_prompt = "robotic, muffled, echo, distorted";
    spec.height = spec.width = 704;
    spec.frames = 121;
    spec.steps = 50;
    spec.shift = 5;
    spec.video_guidance_scale = 4;
    spec.audio_guidance_scale = 3;
    spec.slg_layer = 11;
    GenerateObserver observer;
    OVI_ASSIGN_OR_RETURN(const ClipResult clip, GenerateClip(models_, spec, options_.scratch + "/clip.mp4",
                                                             GenerateSettings{}, ledger_, observer));
    const Arithmetic pass = ForwardPass(models_.bundle.fusion, 31, 44, 44, 157);
    const double skipped = 1 / static_cast<double>(models_.bundle.fusion.video.num_layers);
    const double steps_floor = floors_.SecondsFor(pass) * 50 * (2 - skipped);
    Add({"clip: 50 steps, UniPC, two guidances, SLG", "s", absl::ToDoubleSeconds(clip.diffusion_time), steps_floor,
         36});
    Add({"clip: prompt to MP4, 704x704x121, 50 steps", "s", absl::ToDoubleSeconds(clip.total_time),
         steps_floor + floors_.SecondsFor(VideoDecoding(models_.bundle.video_vae, 31, 44, 44)), 39});
    return absl::OkStatus();
  }

  Measurements results;

 private:
  const Models& models_;
  const Floors& floors_;
  const RowOptions& options_;
  MemoryLedger ledger_;
};

}  // namespace

absl::StatusOr<Measurements> MeasureRows(const Models& models, const Floors& floors, double load_seconds,
                                         const RowOptions& options) {
  const c10::InferenceMode no_gradients;
  Table table(models, floors, options);
  MemoryLedger ledger(models.device);
  const auto weights = static_cast<double>(ledger.Now().allocated_bytes);
  table.Add({"load", "s", load_seconds, weights / floors.upload_bytes_per_second, 12});
  table.Add({"weights", "GB", weights / kGigabyte, std::nullopt, std::nullopt});
  table.Text();
  for (const Size& size : kSizes) table.Forward(size);
  OVI_RETURN_IF_ERROR(table.Decode());
  OVI_RETURN_IF_ERROR(table.Clip());
  return std::move(table.results);
}

}  // namespace ovi::bench
