#include "bench/plain_fusion.h"

#include <ATen/ATen.h>

#include <cmath>
#include <vector>

namespace ovi::bench {
namespace {

// Complex128 [positions, n / 2].
at::Tensor Angles(int64_t positions, int64_t n, double scale) {
  const at::Tensor w = scale * at::pow(10000.0, -at::arange(0, n, 2, at::kDouble) / static_cast<double>(n));
  const at::Tensor angles = at::outer(at::arange(positions, at::kDouble), w);
  return at::polar(at::ones_like(angles), angles);
}

at::Tensor Rotate(const at::Tensor& x, const at::Tensor& rope) {
  const at::Tensor pairs = at::view_as_complex(x.to(at::kDouble).unflatten(-1, {-1, 2}));
  const int64_t turned = rope.size(-1);
  const at::Tensor rotated =
      at::cat({pairs.narrow(-1, 0, turned) * rope.unsqueeze(1), pairs.narrow(-1, turned, pairs.size(-1) - turned)}, -1);
  return at::view_as_real(rotated).flatten(-2).to(x.scalar_type());
}

at::Tensor Attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  return at::scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)).transpose(1, 2);
}

}  // namespace

struct PlainFusion::Side {
  std::string prefix;
  TowerConfig config;
  at::Tensor x{}, rope{}, context{}, e{}, e0{};
  std::vector<at::Tensor> m{};
};

at::Tensor PlainFusion::Linear(const std::string& name, const at::Tensor& x) const {
  return at::linear(x, W(name + ".weight"), W(name + ".bias"));
}

at::Tensor PlainFusion::Rms(const std::string& name, const at::Tensor& x) const {
  return x * at::rsqrt(x.pow(2).mean(-1, true) + config_.video.eps) * W(name + ".weight");
}

at::Tensor PlainFusion::Heads(const at::Tensor& x) const { return x.unflatten(-1, {config_.video.num_heads, -1}); }

void PlainFusion::Prepare(Side& side, double timestep, const at::Tensor& text) const {
  const TowerConfig& c = side.config;
  const at::Tensor padded = at::constant_pad_nd(text, {0, 0, 0, c.text_len - text.size(0)}).unsqueeze(0);
  side.context =
      Linear(side.prefix + "text_embedding.2", at::gelu(Linear(side.prefix + "text_embedding.0", padded), "tanh"));
  const at::Tensor t = at::full({side.x.size(1)}, timestep, at::kDouble);
  const int64_t half = c.freq_dim / 2;
  const at::Tensor angles = at::outer(t, at::pow(10000.0, -at::arange(half, at::kDouble) / static_cast<double>(half)));
  const at::Tensor sinusoid = at::cat({at::cos(angles), at::sin(angles)}, 1).to(at::kFloat).unsqueeze(0);
  side.e = Linear(side.prefix + "time_embedding.2", at::silu(Linear(side.prefix + "time_embedding.0", sinusoid)));
  side.e0 = Linear(side.prefix + "time_projection.1", at::silu(side.e)).unflatten(-1, {6, c.dim});
}

void PlainFusion::SelfAttention(Side& side, const std::string& block) const {
  side.m = (W(block + "modulation.modulation").unsqueeze(0) + side.e0).chunk(6, 2);
  const auto m = [&](size_t i) { return side.m[i].squeeze(2); };
  const at::Tensor y = at::layer_norm(side.x, {side.config.dim}, {}, {}, side.config.eps) * (1 + m(1)) + m(0);
  const std::string a = block + "self_attn.";
  const at::Tensor q = Heads(Rms(a + "norm_q", Linear(a + "q", y))), k = Heads(Rms(a + "norm_k", Linear(a + "k", y)));
  const at::Tensor out = Attend(Rotate(q, side.rope), Rotate(k, side.rope), Heads(Linear(a + "v", y)));
  side.x = side.x + Linear(a + "o", out.flatten(2)) * m(2);
}

void PlainFusion::CrossAttentionAndFfn(Side& side, const Side& other, const at::Tensor& other_x,
                                       const std::string& block) const {
  const auto affine = [&](const std::string& name, const at::Tensor& x) {
    return at::layer_norm(x, {side.config.dim}, W(name + ".weight"), W(name + ".bias"), side.config.eps);
  };
  const auto m = [&](size_t i) { return side.m[i].squeeze(2); };
  const std::string a = block + "cross_attn.";
  const at::Tensor q = Heads(Rms(a + "norm_q", Linear(a + "q", affine(block + "norm3", side.x))));
  const at::Tensor k = Heads(Rms(a + "norm_k", Linear(a + "k", side.context)));
  const at::Tensor from_text = Attend(q, k, Heads(Linear(a + "v", side.context)));
  const at::Tensor z = affine(a + "pre_attn_norm_fusion", other_x);
  const at::Tensor other_k = Rotate(Heads(Rms(a + "norm_k_fusion", Linear(a + "k_fusion", z))), other.rope);
  const at::Tensor from_other = Attend(Rotate(q, side.rope), other_k, Heads(Linear(a + "v_fusion", z)));
  side.x = side.x + Linear(a + "o", (from_text + from_other).flatten(2));
  const at::Tensor y = at::layer_norm(side.x, {side.config.dim}, {}, {}, side.config.eps) * (1 + m(4)) + m(3);
  side.x = side.x + Linear(block + "ffn.2", at::gelu(Linear(block + "ffn.0", y), "tanh")) * m(5);
}

at::Tensor PlainFusion::Head(const Side& side) const {
  const std::vector<at::Tensor> m = (W(side.prefix + "head.modulation").unsqueeze(0) + side.e.unsqueeze(2)).chunk(2, 2);
  const at::Tensor y = at::layer_norm(side.x, {side.config.dim}, {}, {}, side.config.eps);
  return Linear(side.prefix + "head.head", y * (1 + m[1].squeeze(2)) + m[0].squeeze(2));
}

Velocity PlainFusion::Forward(const at::Tensor& video, const at::Tensor& audio, double timestep,
                              const at::Tensor& video_text, const at::Tensor& audio_text) const {
  Side v{.prefix = "video_model.", .config = config_.video}, a{.prefix = "audio_model.", .config = config_.audio};
  const at::Tensor patches = at::conv3d(video.unsqueeze(0), W("video_model.patch_embedding.weight"),
                                        W("video_model.patch_embedding.bias"), v.config.patch_size);
  const int64_t f = patches.size(2), h = patches.size(3), w = patches.size(4), d = v.config.head_dim();
  v.x = patches.flatten(2).transpose(1, 2);
  const auto axis = [&](int64_t size, int64_t n, at::IntArrayRef view) {
    return Angles(size, n, 1.0).reshape(view).expand({f, h, w, n / 2});
  };
  const int64_t time = d - 4 * (d / 6), space = 2 * (d / 6);
  v.rope = at::cat({axis(f, time, {f, 1, 1, -1}), axis(h, space, {1, h, 1, -1}), axis(w, space, {1, 1, w, -1})}, -1)
               .flatten(0, 2);
  a.rope = Angles(audio.size(0), time, a.config.temporal_rope_scaling_factor);
  const std::string p = "audio_model.patch_embedding.";
  const auto conv = [&](const std::string& name, const at::Tensor& x) {
    return at::conv1d(x.transpose(1, 2), W(p + name), {}, 1, 3).transpose(1, 2);
  };
  const at::Tensor s = at::silu(conv("0.weight", audio.unsqueeze(0)) + W(p + "0.bias"));
  a.x = conv("2.w2.weight", at::silu(conv("2.w1.weight", s)) * conv("2.w3.weight", s));
  Prepare(v, timestep, video_text);
  Prepare(a, timestep, audio_text);
  for (int64_t i = 0; i < v.config.num_layers; ++i) {
    const std::string block = "blocks." + std::to_string(i) + ".";
    SelfAttention(a, a.prefix + block);
    SelfAttention(v, v.prefix + block);
    const at::Tensor audio_before = a.x;
    CrossAttentionAndFfn(a, v, v.x, a.prefix + block);
    CrossAttentionAndFfn(v, a, audio_before, v.prefix + block);
  }
  const at::Tensor out = Head(v).reshape(
      {f, h, w, v.config.patch_size[0], v.config.patch_size[1], v.config.patch_size[2], v.config.out_dim});
  return {out.permute({6, 0, 3, 1, 4, 2, 5}).reshape_as(video), Head(a).squeeze(0)};
}

}  // namespace ovi::bench
