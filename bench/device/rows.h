// The rows of the table: each one piece of work that a server does, timed on real sizes, with its floor and its goal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/device/floors.h"
#include "bench/device/profile.h"
#include "engine/pipeline/models.h"

namespace ovi::bench {

struct Row {
  std::string name;
  std::string unit;  // "s" or "GB"
  double value = 0;
  std::optional<double> floor;  // the least that this device could need, in the same unit
  std::optional<double> goal;   // on one NVIDIA H200
};

struct Measurements {
  std::vector<Row> rows;
  std::vector<Profile> profiles;  // empty unless asked for
};

struct RowOptions {
  std::vector<std::string> only;  // rows whose name holds one of these; empty: all
  bool profile = false;           // also which kernels the networks' rows spend their time in
  std::string scratch;            // folder for the clip that the last row makes
};

// `load_seconds` was measured by the caller, who loaded `models`.
absl::StatusOr<Measurements> MeasureRows(const Models& models, const Floors& floors, double load_seconds,
                                         const RowOptions& options);

}  // namespace ovi::bench
