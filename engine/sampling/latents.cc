#include "engine/sampling/latents.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/randn.h>

#include <mutex>

namespace ovi {
namespace {

at::Generator FreshGenerator(c10::Device device, uint64_t seed) {
  if (device.is_cpu()) return at::detail::createCPUGenerator(seed);
  at::Generator generator =
      at::globalContext().getAcceleratorHooksInterface(device.type()).getNewGenerator(device.index());
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_current_seed(seed);
  return generator;
}

}  // namespace

Latents DrawNoise(const LatentShape& shape, uint64_t seed, NoiseSource source, c10::Device device,
                  at::ScalarType dtype) {
  const bool on_device = source == NoiseSource::kDevice;
  const c10::Device drawn_on = on_device ? device : c10::Device(c10::kCPU);
  const at::TensorOptions options = at::TensorOptions(drawn_on).dtype(on_device ? dtype : at::kFloat);
  const auto draw = [&](at::IntArrayRef sizes) {
    return at::randn(sizes, FreshGenerator(drawn_on, seed), options).to(device, dtype);
  };
  return {.video = draw({shape.video_channels, shape.frames, shape.height, shape.width}),
          .audio = draw({shape.audio_length, shape.audio_channels})};
}

}  // namespace ovi
