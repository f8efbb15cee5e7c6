// One clip from spec to file.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/clip.h"
#include "engine/device/memory_ledger.h"
#include "engine/observer.h"
#include "engine/pipeline/models.h"

namespace ovi {

// As in EngineOptions.
struct GenerateSettings {
  bool release_caches = true;
  bool debug_engine = false, debug_vae = false;
};

// As Engine::Generate. What the loop needed is released before anything is decoded, and everything else before this
// returns, whatever it returns.
absl::StatusOr<ClipResult> GenerateClip(const Models& models, const ClipSpec& spec, const std::string& output_path,
                                        const GenerateSettings& settings, MemoryLedger& ledger,
                                        GenerateObserver& observer);

}  // namespace ovi
