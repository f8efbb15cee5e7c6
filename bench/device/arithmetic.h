// How much arithmetic a piece of work needs, counted from the sizes of its products: two operations for each
// multiplication with its addition. What is not a product (norms, activations) is not counted: a floor, not a forecast.
#pragma once

#include <cstdint>

#include "engine/checkpoint/config.h"

namespace ovi::bench {

struct Arithmetic {
  double products = 0;   // of linear layers and convolutions
  double attention = 0;  // of q k^T and of the weights with v
};

// One pass of the fusion model over a video latent of `frames` x `height` x `width` latent pixels and `audio` latent
// steps, with the prompt's keys and values at hand.
Arithmetic ForwardPass(const FusionConfig& config, int64_t frames, int64_t height, int64_t width, int64_t audio);

// The text encoder over `prompts` of `length` tokens.
Arithmetic TextEncoding(const TextEncoderConfig& config, int64_t prompts, int64_t length);

// The video decoder over a latent of `frames` x `height` x `width`, a first frame and then one at a time.
Arithmetic VideoDecoding(const VideoVaeConfig& config, int64_t frames, int64_t height, int64_t width);

}  // namespace ovi::bench
