// Whether numbers that are each in range fit together. Private to engine/checkpoint.
#pragma once

#include "absl/status/status.h"
#include "engine/checkpoint/config.h"

namespace ovi {

// Where a manifest names no statistics and the published ones fit (z_dim 48, data_dim 80), takes those.
void FillPublishedStatistics(BundleConfig& bundle);

// InvalidArgument names the JSON path, the values and what would fit.
absl::Status CheckConfig(const BundleConfig& bundle);

}  // namespace ovi
