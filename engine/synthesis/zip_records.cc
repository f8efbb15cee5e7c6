#include "engine/synthesis/zip_records.h"

#include <algorithm>
#include <concepts>
#include <limits>

namespace ovi {
namespace {

constexpr uint64_t kAlignment = 64;
constexpr uint64_t kLocalBytes = 30, kCentralBytes = 46, kEnd64Bytes = 56, kLocator64Bytes = 20, kEndBytes = 22;
constexpr uint64_t kLocalField64Bytes = 20, kCentralField64Bytes = 28, kPaddingFieldBytes = 4;
constexpr uint16_t kVersion = 45;              // the first that knows ZIP64
constexpr uint16_t kMidnight = 0, kDate = 33;  // 1980-01-01: the same tensors are the same bytes on any day
constexpr uint32_t kIn64 = 0xffffffff;         // "the number is in the ZIP64 field"

class Bytes {
 public:
  template <std::integral... Numbers>
  Bytes& Add(Numbers... numbers) {
    (bytes_.append(reinterpret_cast<const char*>(&numbers), sizeof(numbers)), ...);
    return *this;
  }
  Bytes& Add(const std::string& text) {
    bytes_ += text;
    return *this;
  }
  const std::string& str() const { return bytes_; }

 private:
  std::string bytes_;
};

uint16_t Short(uint64_t number) { return static_cast<uint16_t>(number); }

}  // namespace

ZipEntry PlaceEntry(const std::string& name, uint64_t offset, uint64_t bytes) {
  const uint64_t earliest = offset + kLocalBytes + name.size() + kLocalField64Bytes + kPaddingFieldBytes;
  const uint64_t data = (earliest + kAlignment - 1) / kAlignment * kAlignment;
  return {.name = name, .header_offset = offset, .data_offset = data, .bytes = bytes};
}

std::string LocalHeader(const ZipEntry& entry) {
  const uint64_t extra = entry.data_offset - entry.header_offset - kLocalBytes - entry.name.size();
  const uint64_t padding = extra - kLocalField64Bytes - kPaddingFieldBytes;
  return Bytes()
      .Add(uint32_t{0x04034b50}, kVersion, /*flags=*/uint16_t{0}, /*method=*/uint16_t{0}, kMidnight, kDate)
      .Add(entry.checksum, kIn64, kIn64, Short(entry.name.size()), Short(extra))
      .Add(entry.name)
      .Add(/*id=*/uint16_t{1}, /*bytes=*/uint16_t{16}, entry.bytes, entry.bytes)
      .Add(std::string("FB"))  // the field that torch.save pads with
      .Add(Short(padding))
      .Add(std::string(padding, 'Z'))
      .str();
}

uint64_t DirectoryBytes(const std::vector<ZipEntry>& entries) {
  uint64_t bytes = kEnd64Bytes + kLocator64Bytes + kEndBytes;
  for (const ZipEntry& entry : entries) bytes += kCentralBytes + entry.name.size() + kCentralField64Bytes;
  return bytes;
}

std::string Directory(const std::vector<ZipEntry>& entries, uint64_t offset) {
  Bytes out;
  for (const ZipEntry& entry : entries) {
    out.Add(uint32_t{0x02014b50}, kVersion, kVersion, /*flags=*/uint16_t{0}, /*method=*/uint16_t{0}, kMidnight, kDate)
        .Add(entry.checksum, kIn64, kIn64, Short(entry.name.size()), Short(kCentralField64Bytes))
        .Add(/*comment=*/uint16_t{0}, /*disk=*/uint16_t{0}, /*attributes=*/uint16_t{0}, uint32_t{0}, kIn64)
        .Add(entry.name)
        .Add(/*id=*/uint16_t{1}, /*bytes=*/uint16_t{24}, entry.bytes, entry.bytes, entry.header_offset);
  }
  const uint64_t count = entries.size(), bytes = out.str().size();
  const uint16_t short_count = Short(std::min<uint64_t>(count, std::numeric_limits<uint16_t>::max()));
  out.Add(uint32_t{0x06064b50}, kEnd64Bytes - 12, kVersion, kVersion, /*disks=*/uint32_t{0}, uint32_t{0})
      .Add(count, count, bytes, offset)
      .Add(uint32_t{0x07064b50}, /*disk=*/uint32_t{0}, /*end record=*/offset + bytes, /*disks=*/uint32_t{1})
      .Add(uint32_t{0x06054b50}, /*disks=*/uint16_t{0}, uint16_t{0}, short_count, short_count, kIn64, kIn64)
      .Add(/*comment=*/uint16_t{0});
  return out.str();
}

}  // namespace ovi
