// What `ovi-server --selftest` asks of the engine: does this device, with this bundle, do its work?
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/engine.h"

namespace ovi {

// One question and its answer.
struct SelfTestLine {
  std::string name;  // "device", "attention", "clip"
  bool ok = false;
  std::string detail;  // what was found, or what is wrong
  double seconds = 0;
};

// Probes the device, then loads `options` and makes a clip of a few steps. In the order of running; after a device that
// cannot be had at all nothing else is tried. An error only where the test itself cannot be run (no folder for the
// clip).
absl::StatusOr<std::vector<SelfTestLine>> RunSelfTest(const EngineOptions& options);

}  // namespace ovi
