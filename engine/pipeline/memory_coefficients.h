// How many tensors of each kind are alive at once, counted in the code and corrected by what was measured: the one
// table to change when a stage learns to do with less, or when the log says that prediction and measurement part.
#pragma once

#include <cstdint>

namespace ovi {

struct MemoryCoefficients {
  // Text encoder: [prompts, text_len, dim] tensors beside the widest step of a block; [.., dim_ffn] tensors in the
  // feed-forward (two products and the parts of GELU); [prompts, heads, text_len, text_len] score tensors in the dtype
  // of the weights (product, sum, cast weights, bias), beside the float32 softmax.
  double text_rows, text_feed_forward, text_scores;
  // Loop: [channels, frames, h, w] latents: noise, state, two predictions, the guided one, the solvers' history.
  double latents;
  // A block of the transformer, per video token and pass. Its widest step is self-attention: x, its norm, q k v (3),
  // the normalised q and k (2), rotation in float32 (2 in bfloat16), output, output heads-last, projection; or the
  // feed-forward: `feed_forward_rows` of [tokens, dim] beside [tokens, ffn_dim].
  double attention_rows, feed_forward_rows, feed_forward_hidden;
  // Video VAE: copies of a layer's input beside its padded window (the norm out of place), and of the fourfold tensor
  // of a step up.
  double vae_norm_copies, vae_upsample_copies;
  // Vocoder: copies of the widest [channels, samples] tensor, most of them in the anti-aliased activation.
  double vocoder_copies;
  // Finished pictures that the H.264 encoder holds in the memory that is counted: on a CPU the process's, else none.
  double encoder_pictures;
  // Workspaces of the vendor's libraries, and what the allocator's rounding costs.
  int64_t fixed_bytes;
};

// One pass after another, everything out of place.
inline constexpr MemoryCoefficients kAcceleratorMemory = {.text_rows = 4,
                                                          .text_feed_forward = 6,
                                                          .text_scores = 5,
                                                          .latents = 12,
                                                          .attention_rows = 12,
                                                          .feed_forward_rows = 3,
                                                          .feed_forward_hidden = 1,
                                                          .vae_norm_copies = 1,
                                                          .vae_upsample_copies = 1,
                                                          .vocoder_copies = 12,
                                                          .encoder_pictures = 0,
                                                          .fixed_bytes = 64 << 20};

// Both passes together; norms and activations of the VAE are written where they are needed.
inline constexpr MemoryCoefficients kCpuMemory = {.text_rows = 4,
                                                  .text_feed_forward = 6,
                                                  .text_scores = 5,
                                                  .latents = 12,
                                                  .attention_rows = 10,
                                                  .feed_forward_rows = 3,
                                                  .feed_forward_hidden = 1,
                                                  .vae_norm_copies = 0,
                                                  .vae_upsample_copies = 1,
                                                  .vocoder_copies = 12,
                                                  .encoder_pictures = 60,
                                                  .fixed_bytes = 16 << 20};

}  // namespace ovi
