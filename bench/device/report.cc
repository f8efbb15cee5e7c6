#include "bench/device/report.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"

namespace ovi::bench {
namespace {

std::string Number(std::optional<double> value) { return value ? absl::StrFormat("%.3g", *value) : "-"; }

nlohmann::ordered_json JsonOf(const Row& row) {
  nlohmann::ordered_json json = {{"name", row.name}, {"unit", row.unit}, {"value", row.value}};
  if (row.floor) json["floor"] = *row.floor;
  if (row.goal) json["goal"] = *row.goal;
  return json;
}

}  // namespace

std::string ToJson(const Report& report) {
  nlohmann::ordered_json json = {{"device", report.device},
                                 {"libtorch", report.libtorch},
                                 {"bundle", report.bundle},
                                 {"attention", report.attention},
                                 {"floors",
                                  {{"products_per_second", report.floors.products_per_second},
                                   {"attention_per_second", report.floors.attention_per_second},
                                   {"brief_products_per_second", report.floors.brief_products_per_second},
                                   {"brief_attention_per_second", report.floors.brief_attention_per_second},
                                   {"copy_bytes_per_second", report.floors.copy_bytes_per_second},
                                   {"upload_bytes_per_second", report.floors.upload_bytes_per_second}}},
                                 {"rows", nlohmann::ordered_json::array()}};
  for (const Row& row : report.rows) json["rows"].push_back(JsonOf(row));
  return json.dump(2) + "\n";
}

std::string ToMarkdown(const Report& report) {
  std::string text = absl::StrFormat(
      "%s, LibTorch %s, %s; %s\nfloors: products %.0f TFLOP/s (%.0f in the first moments), attention %.0f TFLOP/s "
      "(%.0f), copy %.2f TB/s, upload %.1f "
      "GB/s\n\n| work | measured | goal | floor | floor / measured |\n|---|---|---|---|---|\n",
      report.device, report.libtorch, report.bundle, report.attention, report.floors.products_per_second / 1e12,
      report.floors.brief_products_per_second / 1e12, report.floors.attention_per_second / 1e12,
      report.floors.brief_attention_per_second / 1e12, report.floors.copy_bytes_per_second / 1e12,
      report.floors.upload_bytes_per_second / 1e9);
  for (const Row& row : report.rows) {
    const std::string share = row.floor ? absl::StrFormat("%.0f %%", 100 * *row.floor / row.value) : "-";
    text += absl::StrFormat("| %s | %s %s | %s | %s | %s |\n", row.name, Number(row.value), row.unit, Number(row.goal),
                            Number(row.floor), share);
  }
  return text;
}

absl::StatusOr<std::string> ComparisonMarkdown(const Report& ours, const std::string& other) {
  const nlohmann::json json = nlohmann::json::parse(other, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("rows") || !json["rows"].is_array()) {
    return absl::InvalidArgumentError("the file to compare with has no array \"rows\"; write one with --json");
  }
  std::string text = absl::StrFormat("| work | ours (%s) | other (%s) | ours / other |\n|---|---|---|---|\n",
                                     ours.device, json.value("device", "unnamed"));
  for (const Row& row : ours.rows) {
    for (const nlohmann::json& rival : json["rows"]) {
      if (!rival.is_object() || rival.value("name", "") != row.name) continue;
      const double value = rival.value("value", 0.0);
      text +=
          absl::StrFormat("| %s | %.3g %s | %.3g | %.2f |\n", row.name, row.value, row.unit, value, row.value / value);
    }
  }
  return text;
}

}  // namespace ovi::bench
