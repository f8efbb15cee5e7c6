// The mel front end of the audio VAE: waveform -> log10 of mel band magnitudes, as librosa's and upstream's defaults
// make it: samples clamped to [-1, 1], reflected at both ends, Hann windows, sqrt(re^2 + im^2 + 1e-9), Slaney bands,
// floor 1e-5. Always float32.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>

namespace ovi {

// The published 16 kHz front end.
struct MelOptions {
  int64_t sample_rate = 16000, fft_size = 1024, hop = 256;
  int64_t num_mels = 80;
  double lowest_hz = 0, highest_hz = 8000;
};

// Triangular filters [num_mels, fft_size / 2 + 1], evenly spaced on Slaney's mel scale (linear to 1 kHz, logarithmic
// above), each of unit area. Computed in double, float32, on the CPU.
at::Tensor MelFilterBank(const MelOptions& options);

// 0.5 - 0.5 cos(2 pi n / size), n = 0 ... size - 1, computed in double, float32, on the CPU.
at::Tensor PeriodicHannWindow(int64_t size);

// Immutable.
class MelSpectrogram {
 public:
  MelSpectrogram(const MelOptions& options, c10::Device device);

  // waveform [B, samples] on the device, samples > (fft_size - hop) / 2 -> [B, num_mels, samples / hop rounded down].
  at::Tensor Forward(const at::Tensor& waveform) const;

  const MelOptions& options() const { return options_; }
  const at::Tensor& filter_bank() const { return filter_bank_; }
  const at::Tensor& window() const { return window_; }

 private:
  MelOptions options_;
  at::Tensor filter_bank_, window_;
};

}  // namespace ovi
