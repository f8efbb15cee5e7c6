// The sampling loop: noise in, the latents of a clip out (section 10 of the model's description).
//
// For each step: put the clean first frame back, predict with the positive and with the negative prompt, guide, and let
// the two solvers, video's and audio's, take their step. After the last step the first frame is put back once more.
//   guided = negative + scale (positive - negative), also at scale 1, each operation rounding to the latents' dtype
// Nothing inside a step waits for the device. At the end of a step the loop waits once, so that progress and the
// observer's answer are about work done, not about work queued.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "engine/clip.h"
#include "engine/observer.h"
#include "engine/sampling/latents.h"
#include "engine/sampling/velocity_model.h"

namespace ovi {

// How the two passes of a step are run. kTogether asks VelocityModel::Both.
enum class Passes { kOneByOne, kTogether };

struct DenoiseOptions {
  Solver solver = Solver::kUniPc;
  int steps = 50;
  double shift = 5;
  double video_guidance_scale = 4, audio_guidance_scale = 3;
  Passes passes = Passes::kOneByOne;
  int preview_interval_steps = 0;  // 0: no preview
  // Called after every so many steps, the last included, with the number of steps done and the video latent [C, F, h,
  // w] that the model foresees. An error ends the loop.
  std::function<absl::Status(int step, const at::Tensor& video)> on_preview = nullptr;
  // Is offered of step i, from 0: `steps.<i>.` followed by {video,audio} (what the network is given, first frame in
  // place) and {video,audio}_{positive,negative} (what it predicts).
  Probe* probe = nullptr;
};

// `first_frame` is the clean first latent frame [C, 1, h, w], or undefined; it and `noise` are not written to.
// Calls observer.OnStep after each step with the time it took on `clock`, and asks observer.ShouldStop before every
// call to the model.
// Errors: Cancelled (the observer said stop; names the step), InvalidArgument (steps, shift; see MakeSchedule), what
// on_preview returned. LibTorch exceptions are let through.
absl::StatusOr<Latents> Denoise(const VelocityModel& model, const Latents& noise, const at::Tensor& first_frame,
                                const DenoiseOptions& options, GenerateObserver& observer, const Clock& clock);

}  // namespace ovi
