// Cases of kind "image": a picture file made into what the video VAE encodes.
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/media/first_frame.h"
#include "engine/media/image.h"
#include "engine/parity/parity_case.h"
#include "engine/request/sizes.h"

namespace ovi {

absl::StatusOr<CaseOutcome> RunImageCase(const ParityContext& context, const ParityCase& parity_case) {
  const nlohmann::json& args = parity_case.args;
  const std::string path = parity_case.directory + "/" + args.at("file").get<std::string>();
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  // A golden may be smaller than what a server has use for.
  OVI_ASSIGN_OR_RETURN(const RgbImage image, DecodeImage(bytes, {.min_side = 1}));
  const PixelSize size = BestSizeForPicture({.height = image.height, .width = image.width},
                                            args.at("area").get<int64_t>(), args.at("multiple").get<int64_t>());
  const at::Tensor frame = PrepareFirstFrame(image, size.height, size.width, ImageFit::kStretch, context.dtype);
  return CaseOutcome{.tensors = {{"first_frame", frame}}};
}

}  // namespace ovi
