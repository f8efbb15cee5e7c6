// The table as JSON, for programs and for a later comparison, and as Markdown, for docs/performance.md.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/device/floors.h"
#include "bench/device/rows.h"

namespace ovi::bench {

struct Report {
  std::string device, libtorch, bundle, attention;
  Floors floors;
  std::vector<Row> rows;
};

std::string ToJson(const Report& report);
std::string ToMarkdown(const Report& report);

// Rows of `ours` beside those of the same name in `other`, the JSON of another program: {"device": ..., "rows":
// [{"name", "unit", "value"}, ...]}; more keys do no harm. InvalidArgument: not such a file.
absl::StatusOr<std::string> ComparisonMarkdown(const Report& ours, const std::string& other);

}  // namespace ovi::bench
