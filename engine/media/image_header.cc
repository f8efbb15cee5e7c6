#include "engine/media/image_header.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/media/byte_view.h"
#include "engine/media/exif.h"

namespace ovi {
namespace {

constexpr std::string_view kPngMagic("\x89PNG\r\n\x1a\n", 8);
constexpr std::string_view kJpegMagic("\xff\xd8\xff", 3);

absl::Status CutShort(ImageFileType type) {
  return absl::InvalidArgumentError(
      absl::StrFormat("first_frame: the %s file is cut short or damaged before its picture begins; send the whole file",
                      ImageFileTypeName(type)));
}

absl::Status Animated(ImageFileType type) {
  return absl::InvalidArgumentError(
      absl::StrFormat("first_frame is an animated %s; send a still picture", ImageFileTypeName(type)));
}

// Chunks of length, name, data, CRC (PNG, third edition, section 5.3). EXIF may come after the picture data.
absl::StatusOr<ImageHeader> InspectPng(std::string_view bytes) {
  const ByteView file(bytes, ByteOrder::kBig);
  ImageHeader header{.type = ImageFileType::kPng};
  if (file.Slice(12, 4) != "IHDR" || !file.Has(16, 8)) return CutShort(header.type);
  header.stored_width = file.U32(16);
  header.stored_height = file.U32(20);
  for (size_t chunk = kPngMagic.size(); file.Has(chunk, 8); chunk += size_t{12} + file.U32(chunk)) {
    const std::string_view name = file.Slice(chunk + 4, 4);
    if (name == "acTL") return Animated(header.type);
    if (name == "eXIf") header.orientation = ExifOrientation(file.Slice(chunk + 8, file.U32(chunk)));
  }
  return header;
}

// Markers up to the frame header (ITU T.81, annex B). APP1 with EXIF lies before it.
absl::StatusOr<ImageHeader> InspectJpeg(std::string_view bytes) {
  const ByteView file(bytes, ByteOrder::kBig);
  ImageHeader header{.type = ImageFileType::kJpeg};
  for (size_t at = 2; file.Has(at, 4);) {
    if (file.U8(at) != 0xff) return CutShort(header.type);
    const uint32_t marker = file.U8(at + 1);
    if (marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0xda || marker == 0xd9) break;  // picture data or end, and no frame header so far
    const uint32_t length = file.U16(at + 2);
    if (length < 2) return CutShort(header.type);
    // C4, C8 and CC lie in the range of the frame headers and are tables.
    if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
      if (!file.Has(at, 9)) break;
      header.stored_height = file.U16(at + 5);
      header.stored_width = file.U16(at + 7);
      return header;
    }
    const std::string_view segment = file.Slice(at + 4, length - 2);
    if (marker == 0xe1 && segment.starts_with("Exif")) header.orientation = ExifOrientation(segment);
    at += 2 + length;
  }
  return CutShort(header.type);
}

// RIFF: VP8 (lossy), VP8L (lossless) or VP8X (extended: canvas size, flags, then chunks). RFC 9649, section 2.
absl::StatusOr<ImageHeader> InspectWebp(std::string_view bytes) {
  const ByteView file(bytes, ByteOrder::kLittle);
  ImageHeader header{.type = ImageFileType::kWebp};
  const std::string_view first = file.Slice(12, 4);
  if (!file.Has(20, 10)) return CutShort(header.type);
  if (first == "VP8 " && file.Slice(23, 3) == "\x9d\x01\x2a") {
    header.stored_width = file.U16(26) & 0x3fff;
    header.stored_height = file.U16(28) & 0x3fff;
  } else if (first == "VP8L" && file.U8(20) == 0x2f) {
    const uint32_t sides = file.U32(21);
    header.stored_width = (sides & 0x3fff) + 1;
    header.stored_height = (sides >> 14 & 0x3fff) + 1;
  } else if (first == "VP8X") {
    constexpr uint32_t kAnimation = 0x02;
    if ((file.U8(20) & kAnimation) != 0) return Animated(header.type);
    header.stored_width = int64_t{file.U24(24)} + 1;
    header.stored_height = int64_t{file.U24(27)} + 1;
    for (size_t chunk = 12; file.Has(chunk, 8);) {
      const size_t size = file.U32(chunk + 4);
      if (file.Slice(chunk, 4) == "EXIF") header.orientation = ExifOrientation(file.Slice(chunk + 8, size));
      chunk += 8 + size + (size & 1);  // chunks lie at even offsets
    }
  } else {
    return CutShort(header.type);
  }
  return header;
}

absl::StatusOr<ImageHeader> InspectKnown(std::string_view bytes) {
  if (bytes.starts_with(kPngMagic)) return InspectPng(bytes);
  if (bytes.starts_with(kJpegMagic)) return InspectJpeg(bytes);
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return InspectWebp(bytes);
  return absl::InvalidArgumentError("first_frame is neither a PNG nor a JPEG nor a WebP file; send one of these");
}

}  // namespace

std::string_view ImageFileTypeName(ImageFileType type) {
  switch (type) {
    case ImageFileType::kPng:
      return "PNG";
    case ImageFileType::kJpeg:
      return "JPEG";
    case ImageFileType::kWebp:
      return "WebP";
  }
  return "";
}

absl::StatusOr<ImageHeader> InspectImage(std::string_view bytes, const ImageLimits& limits) {
  if (bytes.empty()) return absl::InvalidArgumentError("first_frame is empty; send a PNG, JPEG or WebP file");
  if (const auto size = static_cast<int64_t>(bytes.size()); size > limits.max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrFormat("first_frame has %d bytes; send at most %d", size, limits.max_bytes));
  }
  OVI_ASSIGN_OR_RETURN(ImageHeader header, InspectKnown(bytes));
  header.width = header.stored_width;
  header.height = header.stored_height;
  if (SwapsSides(header.orientation)) std::swap(header.width, header.height);
  if (const int64_t least = std::max<int64_t>(limits.min_side, 1); std::min(header.width, header.height) < least) {
    return absl::InvalidArgumentError(absl::StrFormat("first_frame is %dx%d pixels; both sides must have at least %d",
                                                      header.width, header.height, least));
  }
  // By division: a PNG may claim 2^32 - 1 by 2^32 - 1.
  if (header.width > limits.max_pixels / header.height) {
    return absl::InvalidArgumentError(
        absl::StrFormat("first_frame is %dx%d pixels; send a picture of at most %d pixels", header.width, header.height,
                        limits.max_pixels));
  }
  return header;
}

}  // namespace ovi
