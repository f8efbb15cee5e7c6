#include "engine/pipeline/generate.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "engine/guard.h"
#include "engine/media/clip_writer.h"
#include "engine/media/frames.h"
#include "engine/pipeline/solver_name.h"
#include "engine/pipeline/stages.h"

namespace ovi {
namespace {

// Everything but prompt, seed and checkpoint that would make the clip again.
std::string SettingsJson(const ClipSpec& spec) {
  const nlohmann::ordered_json settings = {{"height", spec.height},
                                           {"width", spec.width},
                                           {"steps", spec.steps},
                                           {"solver", SolverName(spec.solver)},
                                           {"shift", spec.shift},
                                           {"video_guidance_scale", spec.video_guidance_scale},
                                           {"audio_guidance_scale", spec.audio_guidance_scale},
                                           {"slg_layer", spec.slg_layer},
                                           {"video_negative_prompt", spec.video_negative_prompt},
                                           {"audio_negative_prompt", spec.audio_negative_prompt},
                                           {"noise_source", spec.noise_source == NoiseSource::kCpu ? "cpu" : "device"},
                                           {"first_frame", !spec.first_frame.empty()}};
  return settings.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

ClipFormat FormatOf(const Models& models, const ClipSpec& spec) {
  return {.output = spec.output_format,
          .width = spec.width,
          .height = spec.height,
          .frames_per_second = models.checkpoint.frames_per_second,
          .sample_rate_hz = static_cast<int>(models.checkpoint.sample_rate),
          .metadata = {.prompt = spec.prompt,
                       .seed = spec.seed,
                       .checkpoint = spec.checkpoint,
                       .version = OVI_VERSION,
                       .settings = SettingsJson(spec)}};
}

// Announces stages and measures them.
class StageClock {
 public:
  explicit StageClock(GenerateObserver& observer) : observer_(observer), begin_(RealClock().Elapsed()), mark_(begin_) {}
  void Enter(Stage stage) {
    mark_ = RealClock().Elapsed();
    observer_.OnStage(stage);
  }
  absl::Duration InStage() const { return RealClock().Elapsed() - mark_; }
  absl::Duration Total() const { return RealClock().Elapsed() - begin_; }

 private:
  GenerateObserver& observer_;
  const absl::Duration begin_;
  absl::Duration mark_;
};

// A reading of the ledger, told to the observer and the log.
absl::Status Record(MemoryPoint point, MemoryLedger& ledger, GenerateObserver& observer) {
  return Guard("memory", [&] {
    const MemorySample sample = ledger.Point(point);
    log::Debug("memory %s: %d MB allocated, %d MB reserved, %d MB peak, %d MB system", MemoryPointName(point),
               sample.allocated_bytes >> 20, sample.reserved_bytes >> 20, sample.peak_bytes >> 20,
               sample.system_bytes >> 20);
    observer.OnMemory(sample);
    return absl::OkStatus();
  });
}

// Text to latents. Everything the loop needed (embeddings, keys and values, the first frame) ends with this scope.
absl::StatusOr<Latents> MakeLatents(const Models& models, const ClipSpec& spec, MemoryLedger& ledger,
                                    GenerateObserver& observer, StageClock& clock, ClipResult& result) {
  clock.Enter(Stage::kTextEncode);
  if (observer.ShouldStop()) return StoppedIn("text_encode");
  OVI_ASSIGN_OR_RETURN(const EncodedPrompts prompts, EncodePrompts(models, spec));
  result.text_time = clock.InStage();
  OVI_RETURN_IF_ERROR(Record(MemoryPoint::kTextEncoded, ledger, observer));
  if (!spec.first_frame.empty()) {
    clock.Enter(Stage::kFirstFrameEncode);
    if (observer.ShouldStop()) return StoppedIn("first_frame_encode");
  }
  OVI_ASSIGN_OR_RETURN(const at::Tensor first_frame, EncodeFirstFrame(models, spec));
  clock.Enter(Stage::kDiffusion);
  OVI_ASSIGN_OR_RETURN(const Latents noise,
                       Guard("diffusion", [&]() -> absl::StatusOr<Latents> { return DrawClipNoise(models, spec); }));
  OVI_ASSIGN_OR_RETURN(Latents latents, Diffuse(models, spec, prompts, first_frame, noise, observer));
  result.diffusion_time = clock.InStage();
  OVI_RETURN_IF_ERROR(Record(MemoryPoint::kDiffusionPeak, ledger, observer));
  return latents;
}

absl::Status WriteAudio(const Models& models, const Latents& latents, GenerateObserver& observer, ClipWriter& writer) {
  OVI_ASSIGN_OR_RETURN(const at::Tensor waveform, DecodeAudio(models, latents.audio, observer));
  return writer.AddAudio(ToPcm(waveform));
}

absl::Status WriteVideo(const Models& models, const Latents& latents, GenerateObserver& observer, ClipWriter& writer) {
  return DecodeVideo(models, latents.video, observer, [&](const at::Tensor& frames) {
    return writer.AddFrames({frames.const_data_ptr<uint8_t>(), static_cast<size_t>(frames.numel())});
  });
}

absl::StatusOr<ClipResult> Generate(const Models& models, const ClipSpec& spec, const std::string& output_path,
                                    MemoryLedger& ledger, GenerateObserver& observer) {
  StageClock clock(observer);
  ClipResult result;
  result.height = spec.height;
  result.width = spec.width;
  result.frames_per_second = models.checkpoint.frames_per_second;
  result.sample_rate_hz = static_cast<int>(models.checkpoint.sample_rate);
  result.media_type = MediaType(spec.output_format);
  // First of all, so that a full disk is found before the work.
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<ClipWriter> writer, OpenClipWriter(output_path, FormatOf(models, spec)));
  OVI_RETURN_IF_ERROR(Record(MemoryPoint::kLoaded, ledger, observer));
  OVI_ASSIGN_OR_RETURN(const Latents latents, MakeLatents(models, spec, ledger, observer, clock, result));

  clock.Enter(Stage::kCleanup);
  OVI_RETURN_IF_ERROR(Guard("cleanup", [&] {
    ledger.ReleaseCaches();
    return absl::OkStatus();
  }));
  OVI_RETURN_IF_ERROR(Record(MemoryPoint::kAfterCleanup, ledger, observer));

  if (spec.output_format != OutputFormat::kPngZip) {
    clock.Enter(Stage::kAudioDecode);
    OVI_RETURN_IF_ERROR(WriteAudio(models, latents, observer, *writer));
    result.audio_decode_time = clock.InStage();
  }
  if (spec.output_format != OutputFormat::kWav) {
    clock.Enter(Stage::kVideoDecode);
    OVI_RETURN_IF_ERROR(WriteVideo(models, latents, observer, *writer));
    result.video_decode_time = clock.InStage();
  }
  OVI_RETURN_IF_ERROR(Record(MemoryPoint::kDecodePeak, ledger, observer));
  clock.Enter(Stage::kFinish);
  OVI_ASSIGN_OR_RETURN(const WrittenClip written, writer->Finish());
  result.frames = static_cast<int>(written.frames);
  result.audio_samples = written.audio_samples;
  result.total_time = clock.Total();
  return result;
}

}  // namespace

absl::StatusOr<ClipResult> GenerateClip(const Models& models, const ClipSpec& spec, const std::string& output_path,
                                        MemoryLedger& ledger, GenerateObserver& observer) {
  absl::StatusOr<ClipResult> result = Generate(models, spec, output_path, ledger, observer);
  // Here everything a job held is gone, whether it ended well or not.
  OVI_RETURN_IF_ERROR(Guard("cleanup", [&] {
    ledger.ReleaseCaches();
    return absl::OkStatus();
  }));
  if (result.ok()) OVI_RETURN_IF_ERROR(Record(MemoryPoint::kDone, ledger, observer));
  return result;
}

}  // namespace ovi
