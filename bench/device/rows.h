// The rows of the table: each one piece of work that a server does, timed on real sizes, with its floor and its goal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/device/floors.h"
#include "engine/pipeline/models.h"

namespace ovi::bench {

struct Row {
  std::string name;
  std::string unit;  // "s" or "GB"
  double value = 0;
  std::optional<double> floor;  // the least that this device could need, in the same unit
  std::optional<double> goal;   // on one NVIDIA H200
};

struct RowOptions {
  std::string filter;   // rows whose name holds this; empty: all
  std::string scratch;  // folder for the clip that the last row makes
};

// `load_seconds` was measured by the caller, who loaded `models`.
absl::StatusOr<std::vector<Row>> MeasureRows(const Models& models, const Floors& floors, double load_seconds,
                                             const RowOptions& options);

}  // namespace ovi::bench
