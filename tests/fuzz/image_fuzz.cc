// A first frame: what its header says, and its pixels. The limit of pixels is low, so that an input takes milliseconds.
#include "engine/media/image.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const ovi::ImageLimits limits = {.max_pixels = 1 << 16, .min_side = 1};
  const absl::StatusOr<ovi::ImageHeader> header = ovi::InspectImage(bytes, limits);
  const absl::StatusOr<ovi::RgbImage> image = ovi::DecodeImage(bytes, limits);
  ovi::Require(header.ok() || !image.ok(), "what inspection refuses is not decoded");
  for (const absl::Status& status : {header.status(), image.status()}) {
    ovi::Require(status.ok() || status.message().substr(0, 11) == "first_frame", "an error names its field");
  }
  if (image.ok()) {
    ovi::Require(image->width == header->width && image->height == header->height, "the header told the size");
    ovi::Require(image->width * image->height <= limits.max_pixels, "the size is within limits");
    ovi::Require(image->pixels.size() == static_cast<size_t>(image->width * image->height * 3), "every pixel is there");
  }
  return 0;
}
