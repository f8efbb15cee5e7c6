#include "engine/sampling/denoise.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/device/device.h"
#include "engine/device/probe.h"
#include "engine/sampling/guidance.h"
#include "engine/sampling/schedule.h"
#include "engine/sampling/solver_run.h"

namespace ovi {
namespace {

class Loop {
 public:
  Loop(const VelocityModel& model, const at::Tensor& first_frame, const DenoiseOptions& options,
       GenerateObserver& observer, Schedule schedule)
      : model_(model),
        first_frame_(first_frame),
        options_(options),
        observer_(observer),
        schedule_(std::move(schedule)),
        video_(StartSolver(options.solver, schedule_)),
        audio_(StartSolver(options.solver, schedule_)) {}

  absl::StatusOr<Latents> Step(Latents latents) {
    latents.video = WithFirstFrame(latents.video);
    Record("video", latents.video);
    Record("audio", latents.audio);
    OVI_ASSIGN_OR_RETURN(const Velocity velocity, Predict(latents));
    if (PreviewIsDue()) {
      const at::Tensor foreseen = WithFirstFrame(video_->PredictData(velocity.video, latents.video));
      OVI_RETURN_IF_ERROR(options_.on_preview(step() + 1, foreseen));
    }
    latents.video = video_->Step(velocity.video, latents.video);
    latents.audio = audio_->Step(velocity.audio, latents.audio);
    return latents;
  }

  // A copy: the solver may have kept `video` in its history.
  at::Tensor WithFirstFrame(const at::Tensor& video) const {
    if (!first_frame_.defined()) return video;
    at::Tensor copy = video.clone();
    copy.narrow(1, 0, 1).copy_(first_frame_);
    return copy;
  }

  int step() const { return video_->step(); }
  bool done() const { return video_->done(); }

 private:
  absl::StatusOr<Velocity> Predict(const Latents& latents) const {
    const double timestep = schedule_.timesteps[static_cast<size_t>(step())];
    std::pair<Velocity, Velocity> both;
    OVI_RETURN_IF_ERROR(AskObserver());
    if (options_.passes == Passes::kTogether) {
      both = model_.Both(latents, timestep);
    } else {
      both.first = model_.Positive(latents, timestep);
      OVI_RETURN_IF_ERROR(AskObserver());
      both.second = model_.Negative(latents, timestep);
    }
    const auto& [positive, negative] = both;
    Record("video_positive", positive.video);
    Record("audio_positive", positive.audio);
    Record("video_negative", negative.video);
    Record("audio_negative", negative.audio);
    return Velocity{Guide(positive.video, negative.video, options_.video_guidance_scale),
                    Guide(positive.audio, negative.audio, options_.audio_guidance_scale)};
  }

  absl::Status AskObserver() const {
    if (!observer_.ShouldStop()) return absl::OkStatus();
    return absl::CancelledError(absl::StrFormat("stopped in step %d of %d", step() + 1, schedule_.steps()));
  }

  bool PreviewIsDue() const {
    return options_.on_preview && options_.preview_interval_steps > 0 &&
           (step() + 1) % options_.preview_interval_steps == 0;
  }

  void Record(std::string_view name, const at::Tensor& value) const {
    if (options_.probe != nullptr) {
      options_.probe->Record(absl::StrFormat("steps.%d.%s", step(), std::string(name)), value);
    }
  }

  const VelocityModel& model_;
  const at::Tensor& first_frame_;
  const DenoiseOptions& options_;
  GenerateObserver& observer_;
  const Schedule schedule_;
  const std::unique_ptr<SolverRun> video_, audio_;
};

}  // namespace

absl::StatusOr<Latents> Denoise(const VelocityModel& model, const Latents& noise, const at::Tensor& first_frame,
                                const DenoiseOptions& options, GenerateObserver& observer, const Clock& clock) {
  OVI_ASSIGN_OR_RETURN(Schedule schedule, MakeSchedule(options.solver, options.steps, options.shift));
  Loop loop(model, first_frame, options, observer, std::move(schedule));
  Latents latents = noise;
  while (!loop.done()) {
    const absl::Duration start = clock.Elapsed();
    OVI_ASSIGN_OR_RETURN(latents, loop.Step(std::move(latents)));
    Synchronize(latents.video.device());
    observer.OnStep(
        {.step = loop.step(), .steps = options.steps, .step_seconds = absl::ToDoubleSeconds(clock.Elapsed() - start)});
  }
  latents.video = loop.WithFirstFrame(latents.video);
  return latents;
}

}  // namespace ovi
