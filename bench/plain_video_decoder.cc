#include "bench/plain_video_decoder.h"

#include <ATen/ATen.h>

#include <cmath>

namespace ovi::bench {
namespace {

at::Tensor Norm(const at::Tensor& x, const at::Tensor& gamma) {
  const at::Tensor length = at::linalg_vector_norm(x, 2, at::IntArrayRef{1}, true).clamp_min(1e-12);
  return x / length * std::sqrt(static_cast<double>(x.size(1))) * gamma.reshape({1, -1, 1, 1, 1});
}

// The parameterless shortcut: channels repeated, then unfolded into time and space.
at::Tensor DupUp(const at::Tensor& x, int64_t out, int64_t ft, int64_t fs, bool first) {
  const int64_t repeats = out * ft * fs * fs / x.size(1);
  const at::Tensor wide =
      x.repeat_interleave(repeats, 1).reshape({1, out, ft, fs, fs, x.size(2), x.size(3), x.size(4)});
  const at::Tensor y =
      wide.permute({0, 1, 5, 2, 6, 3, 7, 4}).reshape({1, out, x.size(2) * ft, x.size(3) * fs, x.size(4) * fs});
  return first ? y.slice(2, ft - 1) : y;
}

}  // namespace

at::Tensor PlainVideoDecoder::CausalConv(const std::string& name, const at::Tensor& x, Caches& caches) const {
  at::Tensor& cache = caches[name];
  const int64_t cached = cache.defined() ? cache.size(2) : 0;
  const at::Tensor& weight = At(name + ".weight");
  const int64_t side = weight.size(3) / 2;
  const at::Tensor joined = cached > 0 ? at::cat({cache, x}, 2) : x;
  const at::Tensor padded = at::constant_pad_nd(joined, {side, side, side, side, 2 - cached, 0});
  cache = joined.slice(2, std::max<int64_t>(0, joined.size(2) - 2)).clone();
  return at::conv3d(padded, weight, At(name + ".bias"));
}

at::Tensor PlainVideoDecoder::NormSilu(const std::string& name, const at::Tensor& x) const {
  return at::silu(Norm(x, At(name + ".gamma")));
}

at::Tensor PlainVideoDecoder::ResidualBlock(const std::string& name, const at::Tensor& x, Caches& caches) const {
  at::Tensor y = CausalConv(name + ".residual.2", NormSilu(name + ".residual.0", x), caches);
  y = CausalConv(name + ".residual.6", NormSilu(name + ".residual.3", y), caches);
  const auto shortcut = weights_.find(name + ".shortcut.weight");
  return y + (shortcut == weights_.end() ? x : at::conv3d(x, shortcut->second, At(name + ".shortcut.bias")));
}

at::Tensor PlainVideoDecoder::Attention(const std::string& name, const at::Tensor& x) const {
  const int64_t frames = x.size(2), channels = x.size(1), height = x.size(3), width = x.size(4);
  const at::Tensor y = Norm(x, At(name + ".norm.gamma")).squeeze(0).transpose(0, 1);
  const at::Tensor qkv = at::conv2d(y, At(name + ".to_qkv.weight"), At(name + ".to_qkv.bias"))
                             .flatten(2)
                             .transpose(1, 2)
                             .unsqueeze(1);  // [frames, 1, tokens, 3 C]
  const std::vector<at::Tensor> parts = qkv.chunk(3, -1);
  const at::Tensor out = at::scaled_dot_product_attention(parts[0], parts[1], parts[2]);
  const at::Tensor picture = out.squeeze(1).transpose(1, 2).reshape({frames, channels, height, width});
  return at::conv2d(picture, At(name + ".proj.weight"), At(name + ".proj.bias")).transpose(0, 1).unsqueeze(0) + x;
}

at::Tensor PlainVideoDecoder::Upsample(const std::string& name, at::Tensor x, bool in_time, bool first,
                                       Caches& caches) const {
  if (in_time && !first) {
    const at::Tensor both = CausalConv(name + ".time_conv", x, caches);
    x = at::stack(both.chunk(2, 1), 3).flatten(2, 3);
  }
  const at::Tensor frames = at::_upsample_nearest_exact2d(x.squeeze(0).transpose(0, 1), at::OptionalIntArrayRef(),
                                                          std::array<double, 2>{2, 2});
  return at::conv2d(frames, At(name + ".resample.1.weight"), At(name + ".resample.1.bias"), 1, at::IntArrayRef{1})
      .transpose(0, 1)
      .unsqueeze(0);
}

at::Tensor PlainVideoDecoder::DecodeFrame(const at::Tensor& z, bool first, Caches& caches) const {
  at::Tensor x = CausalConv("decoder.conv1", z, caches);
  x = ResidualBlock("decoder.middle.0", x, caches);
  x = Attention("decoder.middle.1", x);
  x = ResidualBlock("decoder.middle.2", x, caches);
  const size_t stages = config_.dim_mult.size(), steps_up = config_.temporal_downsample.size();
  for (size_t i = 0; i < stages; ++i) {
    const std::string stage = "decoder.upsamples." + std::to_string(i) + ".upsamples.";
    const at::Tensor before = x;
    for (int64_t j = 0; j <= config_.num_res_blocks; ++j) x = ResidualBlock(stage + std::to_string(j), x, caches);
    if (i >= steps_up) continue;
    const bool in_time = config_.temporal_downsample[steps_up - 1 - i];
    const at::Tensor up = Upsample(stage + std::to_string(config_.num_res_blocks + 1), x, in_time, first, caches);
    x = up + DupUp(before, up.size(1), in_time ? 2 : 1, 2, first);
  }
  return CausalConv("decoder.head.2", NormSilu("decoder.head.0", x), caches);
}

at::Tensor PlainVideoDecoder::Forward(const at::Tensor& latent) const {
  const auto per_channel = [](const std::vector<double>& values) {
    return at::tensor(values, at::kFloat).reshape({1, -1, 1, 1, 1});
  };
  const at::Tensor unscaled = latent / per_channel(config_.latent_std).reciprocal() + per_channel(config_.latent_mean);
  const at::Tensor z = at::conv3d(unscaled, At("conv2.weight"), At("conv2.bias"));
  Caches caches;
  at::Tensor out;
  for (int64_t f = 0; f < z.size(2); ++f) {
    const at::Tensor frame = DecodeFrame(z.narrow(2, f, 1), f == 0, caches);
    out = f == 0 ? frame : at::cat({out, frame}, 2);
  }
  const int64_t count = out.size(2), height = out.size(3), width = out.size(4);
  return out.reshape({3, 2, 2, count, height, width})
      .permute({0, 3, 4, 2, 5, 1})
      .reshape({3, count, 2 * height, 2 * width})
      .clamp(-1, 1);
}

}  // namespace ovi::bench
