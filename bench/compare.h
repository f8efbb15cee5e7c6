// Timing two ways of doing the same work in turn, so that a drifting machine slows both: A B A B ...
//
//   const Comparison result = Compare([&] { ours.Forward(x); }, [&] { plain.Forward(x); });
//   PrintRow("fusion forward, demo", result);
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace ovi::bench {

struct Comparison {
  double ours_seconds = 0;  // medians
  double rival_seconds = 0;
  double ratio() const { return ours_seconds / rival_seconds; }
};

template <typename Body>
double Seconds(Body&& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

// One warm-up of each, then `runs` of each in turn.
template <typename Ours, typename Rival>
Comparison Compare(Ours&& ours, Rival&& rival, int runs = 7) {
  ours();
  rival();
  std::vector<double> a, b;
  for (int run = 0; run < runs; ++run) {
    a.push_back(Seconds(ours));
    b.push_back(Seconds(rival));
  }
  return {Median(a), Median(b)};
}

inline void PrintHeader() { std::printf("%-44s %12s %12s %8s\n", "work", "ours ms", "plain ms", "ratio"); }

inline void PrintRow(const std::string& work, const Comparison& result) {
  std::printf("%-44s %12.2f %12.2f %8.2f\n", work.c_str(), result.ours_seconds * 1e3, result.rival_seconds * 1e3,
              result.ratio());
}

}  // namespace ovi::bench
