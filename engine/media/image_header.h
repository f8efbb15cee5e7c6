// What an encoded picture says about itself, read before a single pixel is decoded.
//
// A request carries its first frame as bytes from anybody. InspectImage walks the file's own structure (chunks,
// markers) without allocating, so that a 30000x30000 picture of a few kilobytes is refused while it is still a few
// kilobytes. It needs no codec library: the place that validates requests can link it alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace ovi {

enum class ImageFileType { kPng, kJpeg, kWebp };

// "PNG", "JPEG", "WebP".
std::string_view ImageFileTypeName(ImageFileType type);

struct ImageLimits {
  int64_t max_bytes = int64_t{32} << 20;
  int64_t max_pixels = int64_t{1} << 25;  // 8192x4096; decoding takes 3 bytes a pixel, preparing 12 more for a moment
  int64_t min_side = 16;                  // pixels; below it there is nothing a clip could start from
};

struct ImageHeader {
  ImageFileType type = ImageFileType::kPng;
  int64_t width = 0, height = 0;                // pixels as they are to be seen: after `orientation`
  int64_t stored_width = 0, stored_height = 0;  // pixels as they lie in the file
  int orientation = 1;                          // EXIF's 1 to 8; 1 is upright
};

// Recognises the type by its first bytes and reads the header. Any bytes are safe.
// InvalidArgument: not one of the three types, too many bytes or pixels, too small, animated, or no header where one
// must be. The message begins with "first_frame", the field of the request. OK does not promise that it decodes.
absl::StatusOr<ImageHeader> InspectImage(std::string_view bytes, const ImageLimits& limits = {});

}  // namespace ovi
