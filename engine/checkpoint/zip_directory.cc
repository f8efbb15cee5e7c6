#include "engine/checkpoint/zip_directory.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

constexpr uint32_t kLocalMagic = 0x04034b50, kCentralMagic = 0x02014b50, kEndMagic = 0x06054b50;
constexpr uint32_t kEnd64Magic = 0x06064b50, kLocator64Magic = 0x07064b50;
constexpr uint64_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22, kEnd64Bytes = 56, kLocator64Bytes = 20;
constexpr uint64_t kMaxCommentBytes = 65535, kMaxDirectoryBytes = uint64_t{64} << 20;
constexpr uint32_t kIn64 = 0xffffffff;  // "the number is in the ZIP64 field"
constexpr uint16_t kZip64Field = 1;

template <typename Number>
Number At(const std::string& bytes, uint64_t offset) {
  Number number = 0;
  std::memcpy(&number, bytes.data() + offset, sizeof(number));
  return number;
}

struct Directory {
  uint64_t offset = 0, bytes = 0, entries = 0;
};

absl::Status Bad(const FileReader& reader, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrFormat("%s: damaged ZIP archive: %s", reader.path(), what));
}

absl::StatusOr<Directory> FindDirectory(const FileReader& reader) {
  const uint64_t tail_bytes = std::min(reader.size(), kEndBytes + kMaxCommentBytes);
  OVI_ASSIGN_OR_RETURN(const std::string tail, reader.Read(reader.size() - tail_bytes, tail_bytes));
  std::string magic(4, '\0');
  std::memcpy(magic.data(), &kEndMagic, 4);
  const size_t at = tail.rfind(magic);
  if (at == std::string::npos || tail.size() - at < kEndBytes) return Bad(reader, "no end record; the file is cut");
  Directory directory{At<uint32_t>(tail, at + 16), At<uint32_t>(tail, at + 12), At<uint16_t>(tail, at + 10)};
  const uint64_t end_offset = reader.size() - tail_bytes + at;
  if (end_offset < kLocator64Bytes) return directory;
  OVI_ASSIGN_OR_RETURN(const std::string locator, reader.Read(end_offset - kLocator64Bytes, kLocator64Bytes));
  if (At<uint32_t>(locator, 0) != kLocator64Magic) return directory;
  OVI_ASSIGN_OR_RETURN(const std::string end64, reader.Read(At<uint64_t>(locator, 8), kEnd64Bytes));
  if (At<uint32_t>(end64, 0) != kEnd64Magic) return Bad(reader, "its ZIP64 end record is not where it should be");
  return Directory{At<uint64_t>(end64, 48), At<uint64_t>(end64, 40), At<uint64_t>(end64, 32)};
}

// Nothing is unpacked, so a name cannot lead anywhere; but no honest writer makes one of these.
bool IsPlainName(const std::string& name) {
  if (name.empty() || name.front() == '/' || name.find_first_of(std::string("\\\0", 2)) != std::string::npos)
    return false;
  for (const absl::string_view part : absl::StrSplit(name, '/')) {
    if (part == "..") return false;
  }
  return true;
}

struct CentralEntry {
  std::string name;
  uint64_t local_offset = 0, bytes = 0, stored_bytes = 0;
};

// Numbers that did not fit 32 bits, in this order, as far as they did not fit.
absl::Status ReadZip64Field(const FileReader& reader, const std::string& extra, CentralEntry& entry) {
  for (uint64_t at = 0; at + 4 <= extra.size();) {
    const auto id = At<uint16_t>(extra, at);
    uint64_t left = At<uint16_t>(extra, at + 2);
    at += 4;
    if (left > extra.size() - at) return Bad(reader, "an extra field is longer than its entry");
    if (id == kZip64Field) {
      for (uint64_t* const number : {&entry.bytes, &entry.stored_bytes, &entry.local_offset}) {
        if (*number != kIn64) continue;
        if (left < 8) return Bad(reader, "a ZIP64 field is too short");
        *number = At<uint64_t>(extra, at);
        at += 8;
        left -= 8;
      }
    }
    at += left;
  }
  return absl::OkStatus();
}

absl::StatusOr<CentralEntry> ReadCentralEntry(const FileReader& reader, const std::string& directory, uint64_t& at) {
  if (directory.size() - at < kCentralBytes || At<uint32_t>(directory, at) != kCentralMagic) {
    return Bad(reader, "its directory ends early");
  }
  const auto flags = At<uint16_t>(directory, at + 8);
  const auto method = At<uint16_t>(directory, at + 10);
  const uint64_t name_bytes = At<uint16_t>(directory, at + 28), extra_bytes = At<uint16_t>(directory, at + 30);
  const uint64_t comment_bytes = At<uint16_t>(directory, at + 32);
  if (directory.size() - at - kCentralBytes < name_bytes + extra_bytes + comment_bytes) {
    return Bad(reader, "its directory ends early");
  }
  CentralEntry entry{directory.substr(at + kCentralBytes, name_bytes), At<uint32_t>(directory, at + 42),
                     At<uint32_t>(directory, at + 24), At<uint32_t>(directory, at + 20)};
  OVI_RETURN_IF_ERROR(ReadZip64Field(reader, directory.substr(at + kCentralBytes + name_bytes, extra_bytes), entry));
  if (method != 0 || (flags & 1) != 0 || entry.bytes != entry.stored_bytes) {
    return Bad(reader,
               absl::StrFormat("record %s is compressed or encrypted; save it again with torch.save", entry.name));
  }
  at += kCentralBytes + name_bytes + extra_bytes + comment_bytes;
  return entry;
}

absl::StatusOr<ZipRecord> LocateData(const FileReader& reader, const CentralEntry& entry) {
  OVI_ASSIGN_OR_RETURN(const std::string local, reader.Read(entry.local_offset, kLocalBytes));
  if (At<uint32_t>(local, 0) != kLocalMagic) return Bad(reader, absl::StrFormat("record %s has no header", entry.name));
  const uint64_t begin = entry.local_offset + kLocalBytes + At<uint16_t>(local, 26) + At<uint16_t>(local, 28);
  if (begin > reader.size() || entry.bytes > reader.size() - begin) {
    return Bad(reader, absl::StrFormat("record %s of %d bytes lies beyond the file's end", entry.name, entry.bytes));
  }
  return ZipRecord{begin, entry.bytes};
}

absl::Status CheckDisjoint(const FileReader& reader, const std::map<std::string, ZipRecord>& records) {
  std::vector<std::pair<ZipRecord, const std::string*>> by_place;
  for (const auto& [name, record] : records) by_place.emplace_back(record, &name);
  std::sort(by_place.begin(), by_place.end(),
            [](const auto& a, const auto& b) { return a.first.offset < b.first.offset; });
  for (size_t i = 1; i < by_place.size(); ++i) {
    if (by_place[i].first.offset < by_place[i - 1].first.offset + by_place[i - 1].first.bytes) {
      return Bad(reader, absl::StrFormat("records %s and %s overlap", *by_place[i - 1].second, *by_place[i].second));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::map<std::string, ZipRecord>> ReadZipDirectory(const FileReader& reader) {
  OVI_ASSIGN_OR_RETURN(const Directory place, FindDirectory(reader));
  if (place.bytes > kMaxDirectoryBytes) return Bad(reader, absl::StrFormat("a directory of %d bytes", place.bytes));
  OVI_ASSIGN_OR_RETURN(const std::string directory, reader.Read(place.offset, place.bytes));
  std::map<std::string, ZipRecord> records;
  uint64_t at = 0;
  for (uint64_t i = 0; i < place.entries; ++i) {
    OVI_ASSIGN_OR_RETURN(const CentralEntry entry, ReadCentralEntry(reader, directory, at));
    if (!IsPlainName(entry.name)) {
      return Bad(reader, absl::StrFormat("record name \"%s\" leaves the archive", absl::CHexEscape(entry.name)));
    }
    OVI_ASSIGN_OR_RETURN(const ZipRecord record, LocateData(reader, entry));
    if (!records.emplace(entry.name, record).second) {
      return Bad(reader, absl::StrFormat("two records are named %s", entry.name));
    }
  }
  if (at != directory.size()) {
    return Bad(reader, absl::StrFormat("its directory holds more than the %d records it states", place.entries));
  }
  OVI_RETURN_IF_ERROR(CheckDisjoint(reader, records));
  return records;
}

}  // namespace ovi
