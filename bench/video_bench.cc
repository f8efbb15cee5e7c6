// Decoding the clip's latent to frames, ours group by group against plain eager calls (plain_video_decoder.h), on the
// CPU:
//   video_bench FOLDER...        such as models/demo; a bundle each
#include <ATen/ops/cat.h>
#include <ATen/ops/randn.h>

#include <optional>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "bench/compare.h"
#include "bench/plain_video_decoder.h"
#include "bench/run_bundles.h"
#include "engine/checkpoint/bundle.h"
#include "engine/video_vae/video_vae.h"

namespace ovi::bench {
namespace {

at::Tensor Decode(const VideoVaeDecoder& decoder, const at::Tensor& latent) {
  VideoDecodeStream stream = decoder.Start(latent).value();
  std::vector<at::Tensor> groups;
  while (const std::optional<at::Tensor> frames = stream.Next()) groups.push_back(*frames);
  return at::cat(groups, 1);
}

absl::Status Run(const std::string& folder) {
  OVI_ASSIGN_OR_RETURN(const BundleConfig bundle, OpenBundle(folder));
  OVI_ASSIGN_OR_RETURN(const VideoVae ours, LoadVideoVae(bundle.video_vae_file, bundle.video_vae, Placement{}));
  OVI_ASSIGN_OR_RETURN(PlainWeights weights, LoadPlainWeights(bundle.video_vae_file));
  const PlainVideoDecoder plain(std::move(weights), bundle.video_vae);
  const int64_t stride = ours.decoder.stride(), frames = bundle.checkpoints.front().video_latent_frames;
  const at::Tensor latent =
      at::randn({1, bundle.video_vae.z_dim, frames, bundle.defaults.height / stride, bundle.defaults.width / stride});

  const at::Tensor expected = plain.Forward(latent), got = Decode(ours.decoder, latent);
  std::printf("%s: relative difference to plain: %.1e\n", bundle.name.c_str(), RelativeDifference(got, expected));
  PrintRow(absl::StrFormat("%s: latent to %d frames %dx%d", bundle.name, got.size(1), got.size(2), got.size(3)),
           Compare([&] { Decode(ours.decoder, latent); }, [&] { plain.Forward(latent); }, 3));
  return absl::OkStatus();
}

}  // namespace
}  // namespace ovi::bench

int main(int argc, char** argv) { return ovi::bench::RunBundles(argc, argv, ovi::bench::Run); }
