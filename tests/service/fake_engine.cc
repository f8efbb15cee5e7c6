#include "tests/service/fake_engine.h"

#include <cerrno>
#include <fstream>
#include <utility>

#include "base/status_macros.h"
#include "engine/request/admission.h"
#include "engine/request/resolve.h"

namespace ovi {
namespace {

constexpr uint64_t kDrawnSeed = 4711;

CheckpointInfo FakeCheckpoint(const std::string& name) {
  CheckpointInfo info;
  info.name = name;
  info.frames = 121;
  info.frames_per_second = 24;
  info.audio_samples = 80384;
  info.sample_rate_hz = 16000;
  info.video_area = 128 * 128;
  info.size_multiple = 32;
  info.num_layers = 6;
  info.default_height = info.default_width = 128;
  info.default_steps = 4;
  info.default_shift = 5;
  info.default_video_guidance_scale = 2.5;
  info.default_audio_guidance_scale = 2;
  info.default_video_negative_prompt = "jitter";
  info.default_audio_negative_prompt = "muffled";
  info.max_steps = 1000;
  info.max_side = 4096;
  info.max_prompt_bytes = 10000;
  info.max_image_bytes = 20 << 20;
  info.max_image_pixels = 50'000'000;
  return info;
}

}  // namespace

FakeEngine::FakeEngine() : checkpoints_{FakeCheckpoint("demo"), FakeCheckpoint("other")} {
  info_ = {.bundle_name = "fake",
           .device = "cpu",
           .dtype = "float32",
           .libtorch_version = "",
           .video_encoder = "none",
           .attention_backend = "flash",
           .convolution_backend = "vendor",
           .memory_budget_bytes = 0};
}

void FakeEngine::HoldSteps() {
  MutexLock lock(mutex_);
  hold_ = true;
  allowed_ = 0;
}

void FakeEngine::LetThrough(int steps) {
  MutexLock lock(mutex_);
  allowed_ += steps;
  at_gate_ = at_gate_ && allowed_ == 0;  // so that AwaitHeldStep waits for the next one that is held
  changed_.NotifyAll();
}

void FakeEngine::ReleaseSteps() {
  MutexLock lock(mutex_);
  hold_ = false;
  changed_.NotifyAll();
}

void FakeEngine::AwaitHeldStep() {
  MutexLock lock(mutex_);
  changed_.Wait(lock, [this] { return at_gate_; });
}

void FakeEngine::PassGate() {
  MutexLock lock(mutex_);
  at_gate_ = hold_ && allowed_ == 0;
  changed_.NotifyAll();
  changed_.Wait(lock, [this] { return !hold_ || allowed_ > 0; });
  at_gate_ = false;
  if (hold_) --allowed_;
}

void FakeEngine::SlowSteps(absl::Duration step) {
  MutexLock lock(mutex_);
  step_ = step;
}

void FakeEngine::RepeatFirstStep() {
  MutexLock lock(mutex_);
  repeat_ = true;
}

bool FakeEngine::FinishStep() {
  MutexLock lock(mutex_);
  if (step_ > absl::ZeroDuration()) changed_.WaitFor(lock, step_, [] { return false; });
  return repeat_;
}

void FakeEngine::FailNextWith(absl::Status error) {
  MutexLock lock(mutex_);
  next_error_ = std::move(error);
}

absl::Status FakeEngine::TakeError() {
  MutexLock lock(mutex_);
  return std::exchange(next_error_, absl::OkStatus());
}

void FakeEngine::FailWhenStopped(absl::Status error) {
  MutexLock lock(mutex_);
  stop_error_ = std::move(error);
}

absl::Status FakeEngine::StopError() const {
  MutexLock lock(mutex_);
  return stop_error_;
}

void FakeEngine::BreakDevice(absl::Status status) {
  MutexLock lock(mutex_);
  device_ = std::move(status);
}

absl::Status FakeEngine::CheckDevice() {
  MutexLock lock(mutex_);
  return device_;
}

void FakeEngine::SetOutputBytes(size_t bytes) {
  MutexLock lock(mutex_);
  output_bytes_ = bytes;
}

std::string FakeEngine::OutputFor(uint64_t seed, size_t bytes) {
  std::string out(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<char>((i * 31 + i / 251 + seed) & 0xff);
  return out;
}

int FakeEngine::generate_calls() const {
  MutexLock lock(mutex_);
  return generate_calls_;
}

absl::StatusOr<ClipSpec> FakeEngine::Resolve(const ClipRequest& request) const {
  OVI_ASSIGN_OR_RETURN(const CheckpointInfo* checkpoint, FindCheckpoint(checkpoints_, request.checkpoint));
  ResolveContext context;
  context.draw_seed = [] { return kDrawnSeed; };
  // Without picture codecs: every picture is square.
  if (request.first_frame.has_value()) context.picture = PixelSize{128, 128};
  OVI_ASSIGN_OR_RETURN(ClipSpec spec, ResolveRequest(request, *checkpoint, context));
  const auto peak_of = [](PixelSize size) { return size.height * size.width * kPeakPerPixel; };
  spec.predicted_peak_bytes = peak_of({spec.height, spec.width});
  OVI_RETURN_IF_ERROR(AdmitClip(spec, *checkpoint, info_.memory_budget_bytes, peak_of));
  return spec;
}

absl::StatusOr<ClipResult> FakeEngine::Generate(const ClipSpec& spec, const std::string& output_path,
                                                GenerateObserver& observer) {
  size_t bytes = 0;
  {
    MutexLock lock(mutex_);
    ++generate_calls_;
    bytes = output_bytes_;
  }
  const auto memory = [&](MemoryPoint point) {
    MemorySample sample = Memory();
    sample.point = point;
    observer.OnMemory(sample);
  };
  memory(MemoryPoint::kLoaded);
  observer.OnStage(Stage::kTextEncode);
  memory(MemoryPoint::kTextEncoded);
  observer.OnStage(Stage::kDiffusion);
  for (int step = 1; step <= spec.steps; ++step) {
    PassGate();
    if (observer.ShouldStop()) return StopError();
    observer.OnStep({.step = step, .steps = spec.steps, .step_seconds = 0.5});
    if (spec.preview_interval_steps > 0 && step % spec.preview_interval_steps == 0) observer.OnPreview({step, "png"});
    OVI_RETURN_IF_ERROR(TakeError());
    if (FinishStep()) --step;
  }
  memory(MemoryPoint::kDiffusionPeak);
  observer.OnStage(Stage::kCleanup);
  memory(MemoryPoint::kAfterCleanup);
  observer.OnStage(Stage::kVideoDecode);
  observer.OnDecode({.frames_done = spec.frames, .frames = spec.frames});
  memory(MemoryPoint::kDecodePeak);
  observer.OnStage(Stage::kFinish);
  errno = 0;
  if (std::ofstream file(output_path, std::ios::binary); !(file << OutputFor(spec.seed, bytes)).flush()) {
    return absl::ErrnoToStatus(errno, "write the clip");
  }
  memory(MemoryPoint::kDone);
  ClipResult result;
  result.frames = spec.frames;
  result.height = spec.height;
  result.width = spec.width;
  result.audio_samples = 80384;
  result.frames_per_second = 24;
  result.sample_rate_hz = 16000;
  result.media_type = "video/mp4";
  result.total_time = absl::Seconds(2);
  return result;
}

MemorySample FakeEngine::Memory() const {
  return {.point = MemoryPoint::kLoaded,
          .allocated_bytes = 1000,
          .reserved_bytes = 2000,
          .peak_bytes = 1500,
          .system_bytes = 4000,
          .system_vram_bytes = 1000,
          .system_gtt_bytes = 3000,
          .device_total_bytes = 9000,
          .device_free_bytes = 8000,
          .budget_bytes = info_.memory_budget_bytes};
}

}  // namespace ovi
