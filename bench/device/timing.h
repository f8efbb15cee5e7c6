// Times work on a device: the host's clock around it, with everything queued before and after waited for.
#pragma once

#include <c10/core/Device.h>

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

// Two warm-ups, then the median of `runs`.
template <typename Body>
double MedianSeconds(c10::Device device, Body&& body, int runs = 7) {
  for (int i = 0; i < 2; ++i) SecondsOn(device, body);
  std::vector<double> seconds;
  for (int i = 0; i < runs; ++i) seconds.push_back(SecondsOn(device, body));
  return Median(seconds);
}

}  // namespace ovi::bench
