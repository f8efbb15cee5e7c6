// Cases of kind "sizes": a table of requested sizes and pictures, and what becomes of them. Exact.
#include <fstream>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "engine/parity/parity_case.h"
#include "engine/request/sizes.h"

namespace ovi {
namespace {

using SizeRule = PixelSize (*)(PixelSize, int64_t area, int64_t multiple);

void RunTable(std::string_view name, const nlohmann::json& rows, SizeRule rule, CaseOutcome& outcome) {
  for (const nlohmann::json& row : rows) {
    const PixelSize asked = {.height = row.at("h").get<int64_t>(), .width = row.at("w").get<int64_t>()};
    const int64_t area = row.at("area").is_null() ? 0 : row.at("area").get<int64_t>();
    const PixelSize used = rule(asked, area, row.value("multiple", int64_t{32}));
    const nlohmann::json& expected = row.at("out");
    ++outcome.rows;
    if (expected.at(0) == used.height && expected.at(1) == used.width) continue;
    if (outcome.wrong_rows++ > 0) continue;
    outcome.first_wrong_row =
        absl::StrFormat("%s: %dx%d to area %d gives %dx%d, not %s", std::string(name), asked.height, asked.width, area,
                        used.height, used.width, expected.dump());
  }
}

}  // namespace

absl::StatusOr<CaseOutcome> RunSizesCase(const ParityContext&, const ParityCase& parity_case) {
  const std::string path = parity_case.directory + "/" + parity_case.file;
  std::ifstream file(path);
  const nlohmann::json tables = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (tables.is_discarded()) return absl::InvalidArgumentError(absl::StrFormat("%s is not JSON", path));
  CaseOutcome outcome;
  RunTable("text_to_video", tables.at("text_to_video").at("cases"), SnapToArea, outcome);
  RunTable("image_to_video", tables.at("image_to_video").at("cases"), BestSizeForPicture, outcome);
  RunTable("image_model", tables.at("image_model").at("cases"), ScaleToArea, outcome);
  return outcome;
}

}  // namespace ovi
