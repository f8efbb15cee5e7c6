// What the device did during a piece of work, kernel by kernel, as LibTorch's profiler saw it: the kernels run one
// after the other as they do in a server, so that clocks, caches and gaps are those of real work.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ovi::bench {

struct KernelTime {
  std::string name;
  int64_t launches = 0;
  double seconds = 0;
};

struct Profile {
  std::string work;
  int runs = 1;
  double wall_seconds = 0;          // of all runs, by the host's clock
  double busy_seconds = 0;          // during which at least one kernel ran
  std::vector<KernelTime> kernels;  // of all runs; the longest first
};

// Runs `body` once to warm up, then `runs` times in a row under the profiler.
Profile ProfileWork(const std::string& work, c10::Device device, int runs, const std::function<void()>& body);

// Per run: the kernels that take the most time, with their launches and their share of the wall time.
std::string ToMarkdown(const Profile& profile);

}  // namespace ovi::bench
