// The main of a benchmark: what it does with each bundle it is given.
#pragma once

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>

#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "bench/compare.h"

namespace ovi::bench {

// |a - b| / |b|, in the Euclidean norm.
inline double RelativeDifference(const at::Tensor& a, const at::Tensor& b) {
  return a.sub(b).norm().div(b.norm()).item<double>();
}

// Threads are what OMP_NUM_THREADS says, every core without it. The exit status.
inline int RunBundles(int argc, char** argv, absl::Status (*run)(const std::string& folder)) {
  const c10::InferenceMode inference;
  at::manual_seed(1);
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s BUNDLE_FOLDER...\n", argv[0]);
    return 2;
  }
  std::printf("%d threads\n", at::get_num_threads());
  PrintHeader();
  for (int i = 1; i < argc; ++i) {
    if (const absl::Status status = run(argv[i]); !status.ok()) {
      std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace ovi::bench
