// Runs the cases of kind "video_vae": a latent is decoded, frames are encoded.
#include <ATen/ops/empty.h>

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/device/probe.h"
#include "engine/parity/parity_case.h"
#include "engine/video_vae/video_vae.h"

namespace ovi {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

// One latent frame a group, so that the chunks are those of the golden.
absl::StatusOr<Tensors> DecodeLatent(const VideoVaeDecoder& decoder, const at::Tensor& latent) {
  OVI_ASSIGN_OR_RETURN(VideoDecodeStream stream, decoder.Start(latent, 1));
  const int64_t stride = decoder.stride();
  const at::Tensor clip = at::empty({1, 3, stream.frames(), stride * latent.size(3), stride * latent.size(4)},
                                    latent.options().dtype(at::kFloat));
  RecordingProbe probe;
  int64_t done = 0;
  while (const auto frames = stream.Next(&probe)) {
    clip[0].narrow(1, done, frames->size(1)).copy_(*frames);
    done += frames->size(1);
  }
  Tensors tensors = probe.values();
  tensors["frames"] = clip;
  return tensors;
}

absl::StatusOr<Tensors> EncodeFrames(const VideoVaeEncoder& encoder, const at::Tensor& frames) {
  RecordingProbe probe;
  OVI_ASSIGN_OR_RETURN(const at::Tensor latent, encoder.Encode(frames, &probe));
  Tensors tensors = probe.values();
  tensors["latent"] = latent;
  return tensors;
}

}  // namespace

absl::StatusOr<CaseOutcome> RunVideoVaeCase(const ParityContext& context, const ParityCase& parity_case) {
  const auto latent = parity_case.inputs.find("latent");
  const auto frames = parity_case.inputs.find("frames");
  if (latent == parity_case.inputs.end() && frames == parity_case.inputs.end()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: a video_vae case has one of the inputs latent, frames", parity_case.name));
  }
  const Placement placement{.device = context.device, .stored = context.dtype, .compute = context.dtype};
  OVI_ASSIGN_OR_RETURN(const VideoVae vae,
                       LoadVideoVae(context.bundle.video_vae_file, context.bundle.video_vae, placement));
  CaseOutcome outcome;
  if (latent != parity_case.inputs.end()) {
    OVI_ASSIGN_OR_RETURN(outcome.tensors, DecodeLatent(vae.decoder, latent->second.to(context.device)));
  } else {
    OVI_ASSIGN_OR_RETURN(outcome.tensors, EncodeFrames(vae.encoder, frames->second.to(context.device)));
  }
  return outcome;
}

}  // namespace ovi
