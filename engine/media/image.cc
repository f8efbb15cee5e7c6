#include "engine/media/image.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/media/exif.h"
#include "engine/media/image_codecs.h"

namespace ovi {
namespace {

absl::Status DecodeStored(std::string_view bytes, const ImageHeader& header, uint8_t* pixels) {
  switch (header.type) {
    case ImageFileType::kPng:
      return DecodePng(bytes, header, pixels);
    case ImageFileType::kJpeg:
      return DecodeJpeg(bytes, header, pixels);
    case ImageFileType::kWebp:
      return DecodeWebp(bytes, header, pixels);
  }
  return absl::InternalError("unknown image type");
}

// EXIF names where the stored first row and first column are to be seen: 1 top-left, 2 top-right, 3 bottom-right,
// 4 bottom-left, 5 left-top, 6 right-top, 7 right-bottom, 8 left-bottom (CIPA DC-008, orientation).
std::vector<uint8_t> Upright(const std::vector<uint8_t>& stored, const ImageHeader& header) {
  const bool swap = SwapsSides(header.orientation);
  const bool from_right =
      header.orientation == 2 || header.orientation == 3 || header.orientation == 7 || header.orientation == 8;
  const bool from_bottom =
      header.orientation == 3 || header.orientation == 4 || header.orientation == 6 || header.orientation == 7;
  std::vector<uint8_t> upright(stored.size());
  uint8_t* out = upright.data();
  for (int64_t y = 0; y < header.height; ++y) {
    for (int64_t x = 0; x < header.width; ++x, out += 3) {
      int64_t column = swap ? y : x, row = swap ? x : y;
      if (from_right) column = header.stored_width - 1 - column;
      if (from_bottom) row = header.stored_height - 1 - row;
      const uint8_t* in = stored.data() + (row * header.stored_width + column) * 3;
      out[0] = in[0];
      out[1] = in[1];
      out[2] = in[2];
    }
  }
  return upright;
}

}  // namespace

absl::Status DamagedImage(ImageFileType type, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrFormat(
      "first_frame: the %s file is damaged or cut short (%s); send it whole", ImageFileTypeName(type), what));
}

absl::StatusOr<RgbImage> DecodeImage(std::string_view bytes, const ImageLimits& limits) {
  OVI_ASSIGN_OR_RETURN(const ImageHeader header, InspectImage(bytes, limits));
  std::vector<uint8_t> stored(static_cast<size_t>(header.width * header.height * 3));
  OVI_RETURN_IF_ERROR(DecodeStored(bytes, header, stored.data()));
  if (header.orientation != 1) stored = Upright(stored, header);
  return RgbImage{.width = header.width, .height = header.height, .pixels = std::move(stored)};
}

}  // namespace ovi
