// Bundles of random weights: every file, name, shape and dtype as published, and numbers that keep the activations
// finite. For trying out loading, memory and speed at full size where the published weights are not at hand.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "engine/checkpoint/config.h"

namespace ovi {

// Writes every file that `bundle` names, all of which lie below `folder`: the towers in bfloat16, or in float8 where
// the file's name says fp8, the text encoder in bfloat16, the rest in float32, and a tokenizer of few pieces. No
// manifest. The same bundle and seed give the same bytes on any machine. Takes some 100 MB of memory and all cores.
//
// Errors leave nothing behind: AlreadyExists (`folder` holds something), ResourceExhausted (too little room, in GB; a
// full disk), InvalidArgument (numbers that no network can have; a vocabulary smaller than the tokenizer's),
// PermissionDenied.
absl::Status Synthesize(const BundleConfig& bundle, const std::string& folder, uint64_t seed);

}  // namespace ovi
