// What the sampling loop asks of a network, so that the loop can be tested with any velocity field.
#pragma once

#include <utility>

#include "engine/fusion/fusion_model.h"
#include "engine/sampling/latents.h"

namespace ovi {

// The positive and the negative prediction for one state. Implementations hold the prompts, the skipped layer and
// whether the first frame is clean. Results are new tensors, shaped like the latents.
class VelocityModel {
 public:
  virtual ~VelocityModel() = default;
  virtual Velocity Positive(const Latents& latents, double timestep) const = 0;
  virtual Velocity Negative(const Latents& latents, double timestep) const = 0;
  // Positive first. Both at once may be faster, takes the memory of both, and cannot be stopped half-way.
  virtual std::pair<Velocity, Velocity> Both(const Latents& latents, double timestep) const {
    return {Positive(latents, timestep), Negative(latents, timestep)};
  }
};

// The fusion model under a positive and a negative prompt. The skipped layer (`options.slg_layer`) concerns the
// negative pass alone. `model` must outlive it; the prompts are held.
class FusionVelocityModel final : public VelocityModel {
 public:
  FusionVelocityModel(const FusionModel& model, FusionText positive, FusionText negative,
                      const ForwardOptions& options);

  Velocity Positive(const Latents& latents, double timestep) const override;
  Velocity Negative(const Latents& latents, double timestep) const override;
  std::pair<Velocity, Velocity> Both(const Latents& latents, double timestep) const override;

 private:
  const FusionModel& model_;
  const FusionText positive_, negative_;
  const ForwardOptions options_;
};

}  // namespace ovi
