// The real engine: models, resolver and ledger behind the interface.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/status_macros.h"
#include "engine/device/device.h"
#include "engine/device/memory_ledger.h"
#include "engine/engine.h"
#include "engine/guard.h"
#include "engine/media/clip_writer.h"
#include "engine/pipeline/clip_resolver.h"
#include "engine/pipeline/generate.h"
#include "engine/pipeline/memory_model.h"
#include "engine/pipeline/models.h"
#include "engine/pipeline/warm_up.h"
#include "engine/request/admission.h"
#include "engine/request/resolve.h"

namespace ovi {
namespace {

class OviEngine final : public Engine {
 public:
  OviEngine(std::unique_ptr<const Models> models, EngineInfo info, const EngineOptions& options)
      : models_(std::move(models)),
        info_(std::move(info)),
        settings_{options.release_caches, options.debug_engine, options.debug_vae},
        resolver_(models_->bundle, models_->checkpoint, models_->text.tokenizer()),
        ledger_(models_->device, options.memory_budget_bytes) {}

  absl::StatusOr<ClipSpec> Resolve(const ClipRequest& request) const override {
    OVI_ASSIGN_OR_RETURN(ClipSpec spec, resolver_.Resolve(request));
    const PeakOfSize peak_of = [&](PixelSize size) { return PeakOf(spec, size); };
    spec.predicted_peak_bytes = peak_of({spec.height, spec.width});
    OVI_ASSIGN_OR_RETURN(const CheckpointInfo* const checkpoint, FindCheckpoint(Checkpoints(), spec.checkpoint));
    OVI_RETURN_IF_ERROR(AdmitClip(spec, *checkpoint, info_.memory_budget_bytes, peak_of));
    return spec;
  }

  absl::StatusOr<ClipResult> Generate(const ClipSpec& spec, const std::string& output_path,
                                      GenerateObserver& observer) override {
    return GenerateClip(*models_, spec, output_path, settings_, ledger_, observer);
  }

  absl::Status CheckDevice() override {
    return Guard("device check", [&] {
      TryDevice(models_->device);
      return absl::OkStatus();
    });
  }

  // A device that does not answer any more has nothing to tell.
  MemorySample Memory() const override {
    return Guard("memory", [&]() -> absl::StatusOr<MemorySample> { return ledger_.Now(); })
        .value_or(MemorySample{.budget_bytes = info_.memory_budget_bytes});
  }

  const std::vector<CheckpointInfo>& Checkpoints() const override { return resolver_.checkpoints(); }
  const EngineInfo& Info() const override { return info_; }

  // Call once, when everything that stays is there: weights, and the workspaces that the first clip makes.
  void NoteModels() {
    ledger_.ReleaseCaches();
    models_bytes_ = ledger_.Now().allocated_bytes;
  }

  absl::Status WarmUpDefaultClip() const {
    ClipRequest request;
    request.prompt = "warm-up";
    OVI_ASSIGN_OR_RETURN(ClipSpec spec, resolver_.Resolve(request));
    return WarmUp(*models_, std::move(spec));
  }

 private:
  int64_t PeakOf(const ClipSpec& spec, PixelSize size) const {
    const auto value_bytes = [](at::ScalarType dtype) { return static_cast<int64_t>(c10::elementSize(dtype)); };
    return PredictPeak(models_->bundle, models_->checkpoint,
                       {.height = size.height,
                        .width = size.width,
                        .has_first_frame = !spec.first_frame.empty(),
                        .has_previews = spec.preview_interval_steps > 0},
                       {.on_cpu = models_->device.is_cpu(),
                        .value_bytes = value_bytes(models_->dtype),
                        .vae_value_bytes = value_bytes(VideoPlacementOf(models_->device, models_->dtype).compute)},
                       models_bytes_)
        .peak();
  }

  const std::unique_ptr<const Models> models_;
  const EngineInfo info_;
  const GenerateSettings settings_;
  const ClipResolver resolver_;
  MemoryLedger ledger_;
  int64_t models_bytes_ = 0;  // allocated when no clip is made
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> LoadEngine(const EngineOptions& options) {
  OVI_ASSIGN_OR_RETURN(const int threads, SetThreads(options.threads));
  EngineInfo info;
  OVI_ASSIGN_OR_RETURN(info.video_encoder, H264EncoderName());
  OVI_ASSIGN_OR_RETURN(const c10::Device device, ParseDevice(options.device));
  if (!device.is_cpu()) log::Info("[OVI] ALL-GPU MODE: All models will remain on GPU permanently");
  const std::string miopen = PrepareMiopen();  // before the first convolution
  if (!miopen.empty()) log::Info("%s", miopen);
  OVI_ASSIGN_OR_RETURN(std::unique_ptr<Models> models, LoadModels(options));
  log::Info("%s", models->attention.line);
  log::Info("%s", models->convolution.line);
  info.attention_backend = AttentionBackendName(models->attention.choice.many_queries);
  info.convolution_backend = models->convolution.backend == ConvolutionBackend::kVendor ? "vendor" : "native";
  info.bundle_name = models->bundle.name;
  info.device = DescribeDevice(device);
  info.dtype = DtypeName(models->dtype);
  info.libtorch_version = LibTorchVersion();
  info.memory_budget_bytes = options.memory_budget_bytes;
  log::Info("loaded %s (%s) on %s in %s, %d threads, LibTorch %s, %s", info.bundle_name, models->checkpoint.name,
            info.device, info.dtype, threads, info.libtorch_version, info.video_encoder);
  return Guard("load", [&]() -> absl::StatusOr<std::unique_ptr<Engine>> {
    auto engine = std::make_unique<OviEngine>(std::move(models), std::move(info), options);
    // A CPU has nothing to search for.
    if (options.warm_up && !device.is_cpu()) OVI_RETURN_IF_ERROR(engine->WarmUpDefaultClip());
    engine->NoteModels();
    return engine;
  });
}

}  // namespace ovi
