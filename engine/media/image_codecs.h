// The three decoders behind DecodeImage, and the PNG encoder. Private to engine/media.
//
// Each fills rows of exactly `width` x `height` RGB pixels, as they lie in the file, and refuses a file whose own idea
// of its size differs from what the header inspection said. libpng and libjpeg leave by longjmp: what they can jump
// over lives outside the function that calls setjmp, and everything inside it is trivially destructible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/media/image_header.h"

namespace ovi {

// `pixels` has room for stored_width * stored_height * 3 bytes.
absl::Status DecodePng(std::string_view bytes, const ImageHeader& header, uint8_t* pixels);
absl::Status DecodeJpeg(std::string_view bytes, const ImageHeader& header, uint8_t* pixels);
absl::Status DecodeWebp(std::string_view bytes, const ImageHeader& header, uint8_t* pixels);

// "first_frame: the PNG file is damaged (<what the library said>); ...".
absl::Status DamagedImage(ImageFileType type, std::string_view what);

}  // namespace ovi
