#include "engine/sampling/velocity_model.h"

namespace ovi {

FusionVelocityModel::FusionVelocityModel(const FusionModel& model, FusionText positive, FusionText negative,
                                         const ForwardOptions& options)
    : model_(model), positive_(std::move(positive)), negative_(std::move(negative)), options_(options) {}

Velocity FusionVelocityModel::Positive(const Latents& latents, double timestep) const {
  ForwardOptions options = options_;
  options.slg_layer = 0;
  return model_.Forward(latents.video, latents.audio, timestep, positive_, options);
}

Velocity FusionVelocityModel::Negative(const Latents& latents, double timestep) const {
  return model_.Forward(latents.video, latents.audio, timestep, negative_, options_);
}

std::pair<Velocity, Velocity> FusionVelocityModel::Both(const Latents& latents, double timestep) const {
  return model_.ForwardPair(latents.video, latents.audio, timestep, positive_, negative_, options_);
}

}  // namespace ovi
