// ClipMetadata as files carry it. Private to engine/media.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/media/clip_writer.h"

namespace ovi {

// {"prompt": ..., "seed": ..., "checkpoint": ..., "version": ..., "settings": {...}}. Settings that are no JSON are
// kept as a string; bytes that are no UTF-8 become U+FFFD.
std::string MetadataJson(const ClipMetadata& metadata);

// Container tags: title (the prompt) and comment (MetadataJson) for any player, com.ovi.* for those who look for them.
std::vector<std::pair<std::string, std::string>> MetadataTags(const ClipMetadata& metadata);

}  // namespace ovi
