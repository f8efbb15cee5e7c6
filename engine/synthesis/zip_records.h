// The bytes that make a file a ZIP archive of stored records, all in the ZIP64 form, so that no size has a limit.
// Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ovi {

struct ZipEntry {
  std::string name;
  uint64_t header_offset = 0, data_offset = 0, bytes = 0;
  uint32_t checksum = 0;  // CRC-32 of the data
};

// The next record of an archive that reached `offset`. Its data begins at a multiple of 64, as torch.save aligns it.
ZipEntry PlaceEntry(const std::string& name, uint64_t offset, uint64_t bytes);

// What lies between header_offset and data_offset.
std::string LocalHeader(const ZipEntry& entry);

// How many bytes Directory will return for these entries.
uint64_t DirectoryBytes(const std::vector<ZipEntry>& entries);

// The directory and the end records, which lie at `offset`, behind the last record.
std::string Directory(const std::vector<ZipEntry>& entries, uint64_t offset);

}  // namespace ovi
