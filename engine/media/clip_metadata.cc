#include "engine/media/clip_metadata.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"

namespace ovi {

std::string MetadataJson(const ClipMetadata& metadata) {
  nlohmann::ordered_json json;
  if (!metadata.prompt.empty()) json["prompt"] = metadata.prompt;
  json["seed"] = metadata.seed;
  if (!metadata.checkpoint.empty()) json["checkpoint"] = metadata.checkpoint;
  if (!metadata.version.empty()) json["version"] = metadata.version;
  if (!metadata.settings.empty()) {
    auto settings = nlohmann::ordered_json::parse(metadata.settings, nullptr, /*allow_exceptions=*/false);
    if (settings.is_discarded()) settings = metadata.settings;
    json["settings"] = std::move(settings);
  }
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<std::pair<std::string, std::string>> MetadataTags(const ClipMetadata& metadata) {
  std::vector<std::pair<std::string, std::string>> tags = {{"title", metadata.prompt},
                                                           {"comment", MetadataJson(metadata)},
                                                           {"com.ovi.prompt", metadata.prompt},
                                                           {"com.ovi.seed", absl::StrFormat("%d", metadata.seed)},
                                                           {"com.ovi.checkpoint", metadata.checkpoint},
                                                           {"com.ovi.version", metadata.version},
                                                           {"com.ovi.settings", metadata.settings}};
  std::erase_if(tags, [](const auto& tag) { return tag.second.empty(); });
  return tags;
}

}  // namespace ovi
