#include "engine/pipeline/generate.h"

#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "engine/device/device.h"
#include "engine/guard.h"
#include "engine/media/clip_writer.h"
#include "engine/media/frames.h"
#include "engine/pipeline/clip_format.h"
#include "engine/pipeline/memory_report.h"
#include "engine/pipeline/stages.h"

namespace ovi {
namespace {

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

// What a stage needs of the whole.
struct Job {
  const Models& models;
  const ClipSpec& spec;
  const GenerateSettings& settings;
  MemoryReport& memory;
  GenerateObserver& observer;

  std::string_view where() const { return models.device.is_cpu() ? "CPU" : "GPU"; }
  std::string_view mode() const { return models.device.is_cpu() ? "CPU" : "ALL-GPU MODE"; }
};

// Text to latents. Everything the loop needed (embeddings, keys and values, the first frame) ends with this scope.
absl::StatusOr<Latents> MakeLatents(const Job& job, StageClock& clock, ClipResult& result) {
  const auto& [models, spec, settings, memory, observer] = job;
  clock.Enter(Stage::kTextEncode);
  if (observer.ShouldStop()) return StoppedIn("text_encode");
  OVI_ASSIGN_OR_RETURN(const EncodedPrompts prompts, EncodePrompts(models, spec));
  result.text_time = clock.InStage();
  OVI_RETURN_IF_ERROR(memory.Pass(MemoryPoint::kTextEncoded));
  if (!spec.first_frame.empty()) {
    clock.Enter(Stage::kFirstFrameEncode);
    if (observer.ShouldStop()) return StoppedIn("first_frame_encode");
  }
  OVI_ASSIGN_OR_RETURN(const at::Tensor first_frame, EncodeFirstFrame(models, spec));
  clock.Enter(Stage::kDiffusion);
  if (settings.debug_engine) {
    log::Info("[OVI][ENGINE][DEBUG] Starting diffusion - %d steps, %dx%d, %d latent frames, dtype=torch.%s", spec.steps,
              spec.height, spec.width, models.checkpoint.video_latent_frames, DtypeName(models.dtype));
  }
  OVI_ASSIGN_OR_RETURN(const Latents noise,
                       Guard("diffusion", [&]() -> absl::StatusOr<Latents> { return DrawClipNoise(models, spec); }));
  OVI_ASSIGN_OR_RETURN(Latents latents, Diffuse(models, spec, prompts, first_frame, noise, observer));
  result.diffusion_time = clock.InStage();
  OVI_RETURN_IF_ERROR(memory.Pass(MemoryPoint::kDiffusionPeak));
  return latents;
}

absl::Status WriteAudio(const Job& job, const Latents& latents, ClipWriter& writer) {
  if (job.settings.debug_vae) log::Info("[OVI][VAE][DEBUG] Audio VAE and vocoder decode on %s", job.where());
  OVI_ASSIGN_OR_RETURN(const at::Tensor waveform, DecodeAudio(job.models, latents.audio, job.observer));
  return writer.AddAudio(ToPcm(waveform));
}

absl::Status WriteVideo(const Job& job, const Latents& latents, ClipWriter& writer) {
  if (job.settings.debug_vae) {
    const at::ScalarType dtype = VideoPlacementOf(job.models.device, job.models.dtype).compute;
    log::Info("[OVI][VAE][DEBUG] Video VAE decode on %s - dtype=torch.%s", job.where(), DtypeName(dtype));
  }
  OVI_RETURN_IF_ERROR(DecodeVideo(job.models, latents.video, job.observer, [&](const at::Tensor& frames) {
    return writer.AddFrames({frames.const_data_ptr<uint8_t>(), static_cast<size_t>(frames.numel())});
  }));
  if (job.settings.debug_vae) log::Info("[OVI][VAE][DEBUG] Video VAE decode complete");
  return absl::OkStatus();
}

absl::StatusOr<ClipResult> Generate(const Job& job, const std::string& output_path) {
  const auto& [models, spec, settings, memory, observer] = job;
  StageClock clock(observer);
  ClipResult result;
  result.height = spec.height;
  result.width = spec.width;
  result.frames_per_second = models.checkpoint.frames_per_second;
  result.sample_rate_hz = static_cast<int>(models.checkpoint.sample_rate);
  result.media_type = MediaType(spec.output_format);
  // First of all, so that a full disk is found before the work.
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<ClipWriter> writer,
                       OpenClipWriter(output_path, ClipFormatOf(models, spec)));
  OVI_RETURN_IF_ERROR(memory.Pass(MemoryPoint::kLoaded));
  OVI_ASSIGN_OR_RETURN(const Latents latents, MakeLatents(job, clock, result));

  clock.Enter(Stage::kCleanup);
  OVI_RETURN_IF_ERROR(memory.CleanUp(settings.release_caches, job.where()));
  OVI_RETURN_IF_ERROR(memory.Pass(MemoryPoint::kAfterCleanup));

  if (settings.debug_engine) log::Info("[OVI][ENGINE][DEBUG] Starting VAE decode - %s", job.mode());
  if (spec.output_format != OutputFormat::kPngZip) {
    clock.Enter(Stage::kAudioDecode);
    OVI_RETURN_IF_ERROR(WriteAudio(job, latents, *writer));
    result.audio_decode_time = clock.InStage();
  }
  if (spec.output_format != OutputFormat::kWav) {
    clock.Enter(Stage::kVideoDecode);
    OVI_RETURN_IF_ERROR(WriteVideo(job, latents, *writer));
    result.video_decode_time = clock.InStage();
  }
  OVI_RETURN_IF_ERROR(memory.Pass(MemoryPoint::kDecodePeak));
  clock.Enter(Stage::kFinish);
  OVI_ASSIGN_OR_RETURN(const WrittenClip written, writer->Finish());
  result.frames = static_cast<int>(written.frames);
  result.audio_samples = written.audio_samples;
  result.total_time = clock.Total();
  return result;
}

}  // namespace

absl::StatusOr<ClipResult> GenerateClip(const Models& models, const ClipSpec& spec, const std::string& output_path,
                                        const GenerateSettings& settings, MemoryLedger& ledger,
                                        GenerateObserver& observer) {
  MemoryReport memory(ledger, observer);
  absl::StatusOr<ClipResult> result = Guard("generate", [&] {
    return Generate({models, spec, settings, memory, observer}, output_path);
  });
  // Here everything a job held is gone, whether it ended well or not. After a failure the caches go too, whatever the
  // settings say: what ran out may be in pieces that are of no use to the next clip.
  const absl::Status released = Guard("cleanup", [&] {
    if (settings.release_caches || !result.ok()) ledger.ReleaseCaches();
    return absl::OkStatus();
  });
  if (!released.ok() && !result.ok()) log::Warning("after the failure: %s", std::string(released.message()));
  absl::Status status = result.ok() ? released : result.status();
  if (status.ok()) status = memory.Pass(MemoryPoint::kDone);
  memory.LogTable();
  if (!status.ok()) return status;
  memory.LogPrediction(spec.predicted_peak_bytes, !models.device.is_cpu());
  return result;
}

}  // namespace ovi
