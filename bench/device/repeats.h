// Whether the device gives the same numbers each time: every network again and again on one input, in the order of a
// clip. A result that differs means a race, in a library or here; the first network that differs says where to look.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/pipeline/models.h"

namespace ovi::bench {

struct Repeat {
  std::string work;
  int runs = 0;
  int different = 0;              // runs whose result is not the first's to the bit
  double largest_difference = 0;  // of a number from the first's
};

absl::StatusOr<std::vector<Repeat>> MeasureRepeats(const Models& models, int runs);

std::string ToMarkdown(const std::vector<Repeat>& repeats);

}  // namespace ovi::bench
