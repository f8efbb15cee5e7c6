#include "engine/audio_vae/mel_spectrogram.h"

#include <ATen/ops/add.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/log10.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/reflection_pad1d.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/square.h>
#include <ATen/ops/stft.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/view_as_real.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace ovi {
namespace {

// Slaney's Auditory Toolbox (1998): 3 mel per 200 Hz up to 1 kHz, then 27 mel for each factor of 6.4.
constexpr double kHzPerMel = 200.0 / 3;
constexpr double kBreakHz = 1000;
constexpr double kBreakMel = kBreakHz / kHzPerMel;
double LogStep() { return std::log(6.4) / 27; }

double HzToMel(double hz) { return hz < kBreakHz ? hz / kHzPerMel : kBreakMel + std::log(hz / kBreakHz) / LogStep(); }

double MelToHz(double mel) {
  return mel < kBreakMel ? mel * kHzPerMel : kBreakHz * std::exp(LogStep() * (mel - kBreakMel));
}

// Corners of the triangles: band i rises from corner i to i + 1 and falls to i + 2.
std::vector<double> BandCorners(const MelOptions& options) {
  const double lowest = HzToMel(options.lowest_hz), highest = HzToMel(options.highest_hz);
  std::vector<double> corners;
  for (int64_t i = 0; i < options.num_mels + 2; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(options.num_mels + 1);
    corners.push_back(MelToHz(lowest + share * (highest - lowest)));
  }
  return corners;
}

}  // namespace

at::Tensor MelFilterBank(const MelOptions& options) {
  const int64_t bins = options.fft_size / 2 + 1;
  const double bin_hz = static_cast<double>(options.sample_rate) / static_cast<double>(options.fft_size);
  const std::vector<double> corners = BandCorners(options);
  at::Tensor bank = at::zeros({options.num_mels, bins}, at::kFloat);
  float* out = bank.mutable_data_ptr<float>();
  for (int64_t band = 0; band < options.num_mels; ++band) {
    const double* corner = corners.data() + band;
    const double area = 2 / (corner[2] - corner[0]);
    for (int64_t bin = 0; bin < bins; ++bin) {
      const double hz = static_cast<double>(bin) * bin_hz;
      const double rise = (hz - corner[0]) / (corner[1] - corner[0]);
      const double fall = (corner[2] - hz) / (corner[2] - corner[1]);
      // librosa rounds the triangle to float32 before it scales it.
      const float height = static_cast<float>(std::max(0.0, std::min(rise, fall)));
      *out++ = static_cast<float>(static_cast<double>(height) * area);
    }
  }
  return bank;
}

at::Tensor PeriodicHannWindow(int64_t size) {
  at::Tensor window = at::zeros({size}, at::kFloat);
  float* out = window.mutable_data_ptr<float>();
  for (int64_t n = 0; n < size; ++n) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(size);
    out[n] = static_cast<float>(0.5 - 0.5 * std::cos(turn));
  }
  return window;
}

MelSpectrogram::MelSpectrogram(const MelOptions& options, c10::Device device)
    : options_(options),
      filter_bank_(MelFilterBank(options).to(device)),
      window_(PeriodicHannWindow(options.fft_size).to(device)) {}

at::Tensor MelSpectrogram::Forward(const at::Tensor& waveform) const {
  const int64_t margin = (options_.fft_size - options_.hop) / 2;
  const at::Tensor clamped = at::clamp(waveform.to(at::kFloat), -1, 1);
  const at::Tensor padded = at::reflection_pad1d(clamped.unsqueeze(1), {margin, margin}).squeeze(1);
  const at::Tensor spectrum = at::stft(padded, options_.fft_size, options_.hop, options_.fft_size, window_,
                                       /*normalized=*/false, /*onesided=*/true, /*return_complex=*/true);
  const at::Tensor power = at::sum(at::square(at::view_as_real(spectrum)), -1);
  const at::Tensor mel = at::matmul(filter_bank_, at::sqrt(at::add(power, 1e-9)));
  return at::log10(at::clamp_min(mel, 1e-5));
}

}  // namespace ovi
