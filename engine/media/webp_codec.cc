#include <webp/decode.h>

#include <cstddef>

#include "engine/media/image_codecs.h"

namespace ovi {

absl::Status DecodeWebp(std::string_view bytes, const ImageHeader& header, uint8_t* pixels) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return absl::InternalError("libwebp has another version than its header");
  if (WebPGetFeatures(data, bytes.size(), &config.input) != VP8_STATUS_OK) {
    return DamagedImage(header.type, "no picture data");
  }
  if (config.input.has_animation != 0 || config.input.width != header.stored_width ||
      config.input.height != header.stored_height) {
    return DamagedImage(header.type, "its size is not what its header says");
  }
  config.output.colorspace = MODE_RGB;  // without alpha, and not multiplied by it
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = pixels;
  config.output.u.RGBA.stride = static_cast<int>(header.stored_width * 3);
  config.output.u.RGBA.size = static_cast<size_t>(header.stored_width * header.stored_height * 3);
  const VP8StatusCode code = WebPDecode(data, bytes.size(), &config);
  if (code == VP8_STATUS_OUT_OF_MEMORY)
    return absl::ResourceExhaustedError("first_frame: out of memory while decoding");
  if (code != VP8_STATUS_OK) {
    return DamagedImage(header.type, code == VP8_STATUS_SUSPENDED || code == VP8_STATUS_NOT_ENOUGH_DATA
                                         ? "the file ends early"
                                         : "its picture data is invalid");
  }
  return absl::OkStatus();
}

}  // namespace ovi
