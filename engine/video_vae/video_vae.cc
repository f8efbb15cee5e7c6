#include "engine/video_vae/video_vae.h"

#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "engine/checkpoint/tensor_file.h"
#include "engine/video_vae/vae_stage.h"

namespace ovi {

absl::StatusOr<VideoVae> LoadVideoVae(const std::string& path, const VideoVaeConfig& config,
                                      const Placement& placement) {
  OVI_RETURN_IF_ERROR(CheckVideoVaeConfig(config));
  OVI_ASSIGN_OR_RETURN(std::shared_ptr<const TensorFile> file, OpenTensorFile(path));
  Weights weights(std::move(file), placement);
  VideoVae vae{.encoder = VideoVaeEncoder(weights.Root(), config), .decoder = VideoVaeDecoder(weights.Root(), config)};
  OVI_RETURN_IF_ERROR(weights.Finish());
  return vae;
}

}  // namespace ovi
