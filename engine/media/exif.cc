#include "engine/media/exif.h"

#include <algorithm>

#include "engine/media/byte_view.h"

namespace ovi {

int ExifOrientation(std::string_view block) {
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  if (block.starts_with(kPrefix)) block.remove_prefix(kPrefix.size());
  if (!block.starts_with("II") && !block.starts_with("MM")) return 1;
  const ByteView tiff(block, block[0] == 'I' ? ByteOrder::kLittle : ByteOrder::kBig);
  if (tiff.U16(2) != 42) return 1;

  // Directory: count, then entries of tag, type, count and a value of up to four bytes. Types: 3 is SHORT.
  constexpr uint32_t kOrientationTag = 0x0112, kShort = 3;
  constexpr size_t kEntrySize = 12;
  const size_t directory = tiff.U32(4);
  const size_t entries = tiff.U16(directory);
  for (size_t i = 0; i < entries && tiff.Has(directory + 2 + i * kEntrySize, kEntrySize); ++i) {
    const size_t entry = directory + 2 + i * kEntrySize;
    if (tiff.U16(entry) != kOrientationTag) continue;
    const uint32_t value = tiff.U16(entry + 8);
    return tiff.U16(entry + 2) == kShort && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace ovi
