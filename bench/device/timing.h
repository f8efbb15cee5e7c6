// Times work on a device: the host's clock around it, with everything queued before and after waited for.
#pragma once

#include <c10/core/Device.h>

#include <algorithm>
#include <vector>

#include "bench/compare.h"
#include "engine/device/device.h"

namespace ovi::bench {

template <typename Body>
double SecondsOn(c10::Device device, Body&& body) {
  Synchronize(device);
  return Seconds([&] {
    body();
    Synchronize(device);
  });
}

// Two warm-ups, then the median of `runs`: what a device does that was idle before and may still draw what it likes.
template <typename Body>
double MedianSeconds(c10::Device device, Body&& body, int runs = 7) {
  for (int i = 0; i < 2; ++i) SecondsOn(device, body);
  std::vector<double> seconds;
  for (int i = 0; i < runs; ++i) seconds.push_back(SecondsOn(device, body));
  return Median(seconds);
}

// The mean in the last two of three seconds of nothing else: what a device does for as long as a clip takes. Power
// limits pull clocks down within the first.
template <typename Body>
double SustainedSeconds(c10::Device device, Body&& body) {
  const double once = MedianSeconds(device, body, 1);
  const auto repeat = [&](double seconds) {
    const int times = std::max(1, static_cast<int>(seconds / once));
    return SecondsOn(device,
                     [&] {
                       for (int i = 0; i < times; ++i) body();
                     }) /
           times;
  };
  repeat(1.0);
  return repeat(2.0);
}

}  // namespace ovi::bench
