#include "engine/video_vae/channel_shortcut.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>

#include <cstddef>

#include "engine/video_vae/conv.h"

namespace ovi {

at::Tensor AverageDown(const at::Tensor& x, const VaeStage& stage) {
  const int64_t ft = stage.time_factor, fs = stage.space_factor;
  const int64_t missing = (ft - x.size(2) % ft) % ft;
  const at::Tensor whole = missing == 0 ? x : at::constant_pad_nd(x, {0, 0, 0, 0, missing, 0});
  const int64_t frames = whole.size(2) / ft, height = x.size(3) / fs, width = x.size(4) / fs;
  const at::Tensor cells = whole.reshape({stage.in, frames, ft, height, fs, width, fs});
  const at::Tensor means = cells.permute({0, 2, 4, 6, 1, 3, 5})
                               .reshape({1, stage.out, stage.in * stage.positions() / stage.out, frames, height, width})
                               .mean(2);
  return means.contiguous(ActivationFormat(x));
}

RepeatUp::RepeatUp(const VaeStage& stage, c10::Device device) : space_factor_(stage.space_factor) {
  const int64_t repeats = stage.out * stage.positions() / stage.in;
  for (int64_t position = 0; position < stage.positions(); ++position) {
    std::vector<int64_t> sources;
    bool identity = stage.in == stage.out;
    for (int64_t channel = 0; channel < stage.out; ++channel) {
      sources.push_back((channel * stage.positions() + position) / repeats);
      identity = identity && sources.back() == channel;
    }
    sources_.push_back(identity ? at::Tensor() : at::tensor(sources, at::kLong).to(device));
  }
}

at::Tensor RepeatUp::Position(const at::Tensor& x, int64_t t, int64_t row, int64_t column) const {
  const at::Tensor& sources = sources_[static_cast<size_t>((t * space_factor_ + row) * space_factor_ + column)];
  return sources.defined() ? at::index_select(x, 1, sources) : x;
}

}  // namespace ovi
