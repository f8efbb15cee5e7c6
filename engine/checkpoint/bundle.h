// A checkpoint folder as one value: which files, which numbers.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/checkpoint/config.h"

namespace ovi {

// Files that replace the bundle's, per component; empty: as the bundle says.
struct ComponentFiles {
  std::string fusion, text_encoder, tokenizer, video_vae, audio_vae, vocoder;
};

// Reads ovi-bundle.json of `folder`; without one, takes the folder for upstream's layout (Ovi/, Wan2.2-TI2V-5B/,
// MMAudio/) with the published numbers and those of its checkpoints that are there. No tensor file is opened. NotFound:
// the folder, or files of it (all of them are named). InvalidArgument: the manifest, by JSON path and value.
absl::StatusOr<BundleConfig> OpenBundle(const std::string& folder, const ComponentFiles& replacements = {});

// What OpenBundle makes of `folder` once it holds upstream's files with that checkpoint alone. NotFound names the
// checkpoints that were published.
absl::StatusOr<BundleConfig> PublishedBundle(const std::string& folder, const std::string& checkpoint);

// The checkpoint of that name; empty: the first. NotFound names those there are.
absl::StatusOr<CheckpointConfig> FindCheckpoint(const BundleConfig& bundle, const std::string& name);

}  // namespace ovi
