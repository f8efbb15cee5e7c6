// The table of contents of a ZIP archive whose records are stored, not compressed: what torch.save writes.
// Format: PKWARE APPNOTE 6.3, sections 4.3 and 4.5 (with ZIP64).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "engine/checkpoint/file_reader.h"

namespace ovi {

struct ZipRecord {
  uint64_t offset = 0;  // of the first data byte in the file
  uint64_t bytes = 0;
};

// Records by name. InvalidArgument: no ZIP, a compressed or encrypted record, two of one name, one that overlaps
// another or lies outside the file.
absl::StatusOr<std::map<std::string, ZipRecord>> ReadZipDirectory(const FileReader& reader);

}  // namespace ovi
