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
#include "engine/media/clip_writer.h"
#include "engine/pipeline/clip_resolver.h"
#include "engine/pipeline/generate.h"
#include "engine/pipeline/models.h"

namespace ovi {
namespace {

class OviEngine final : public Engine {
 public:
  OviEngine(std::unique_ptr<const Models> models, EngineInfo info)
      : models_(std::move(models)),
        info_(std::move(info)),
        resolver_(models_->bundle, models_->checkpoint, models_->text.tokenizer()),
        ledger_(models_->device) {}

  absl::StatusOr<ClipSpec> Resolve(const ClipRequest& request) const override { return resolver_.Resolve(request); }

  absl::StatusOr<ClipResult> Generate(const ClipSpec& spec, const std::string& output_path,
                                      GenerateObserver& observer) override {
    return GenerateClip(*models_, spec, output_path, ledger_, observer);
  }

  MemorySample Memory() const override { return ledger_.Now(); }
  const std::vector<CheckpointInfo>& Checkpoints() const override { return resolver_.checkpoints(); }
  const EngineInfo& Info() const override { return info_; }

 private:
  const std::unique_ptr<const Models> models_;
  const EngineInfo info_;
  const ClipResolver resolver_;
  MemoryLedger ledger_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> LoadEngine(const EngineOptions& options) {
  OVI_ASSIGN_OR_RETURN(const int threads, SetThreads(options.threads));
  OVI_ASSIGN_OR_RETURN(const std::string video_encoder, H264EncoderName());
  OVI_ASSIGN_OR_RETURN(std::unique_ptr<Models> models, LoadModels(options));
  EngineInfo info{.bundle_name = models->bundle.name,
                  .device = DescribeDevice(models->device),
                  .dtype = DtypeName(models->dtype),
                  .libtorch_version = LibTorchVersion(),
                  .video_encoder = video_encoder};
  log::Info("loaded %s (%s) on %s in %s, %d threads, LibTorch %s, %s", info.bundle_name, models->checkpoint.name,
            info.device, info.dtype, threads, info.libtorch_version, info.video_encoder);
  return std::make_unique<OviEngine>(std::move(models), std::move(info));
}

}  // namespace ovi
