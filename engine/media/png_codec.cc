#include <png.h>

#include <csetjmp>
#include <cstddef>
#include <cstring>
#include <limits>

#include "absl/strings/str_format.h"
#include "engine/media/image.h"
#include "engine/media/image_codecs.h"

namespace ovi {
namespace {

// What libpng's callbacks see. Outlives every jump.
struct PngSession {
  std::string_view unread;           // decoding
  std::string* written = nullptr;    // encoding
  char message[128] = "no details";  // fixed size: the error callback must not throw
  std::jmp_buf on_error;
};

[[noreturn]] void OnError(png_structp png, png_const_charp message) {
  auto* session = static_cast<PngSession*>(png_get_error_ptr(png));
  absl::SNPrintF(session->message, sizeof(session->message), "%s", message);
  std::longjmp(session->on_error, 1);
}

void OnWarning(png_structp, png_const_charp) {}

void ReadBytes(png_structp png, png_bytep out, size_t count) {
  auto* session = static_cast<PngSession*>(png_get_io_ptr(png));
  if (count > session->unread.size()) png_error(png, "the file ends early");
  std::memcpy(out, session->unread.data(), count);
  session->unread.remove_prefix(count);
}

void WriteBytes(png_structp png, png_bytep data, size_t count) {
  auto* session = static_cast<PngSession*>(png_get_io_ptr(png));
  try {
    session->written->append(reinterpret_cast<const char*>(data), count);
  } catch (const std::exception&) {  // must not pass through C
    png_error(png, "out of memory");
  }
}

// Everything to 8-bit RGB, without gamma. False after a jump.
bool ReadRows(png_structp png, png_infop info, PngSession& session, const ImageHeader& header, uint8_t* pixels) {
  if (setjmp(session.on_error) != 0) return false;
  png_set_read_fn(png, &session, ReadBytes);
  png_set_chunk_malloc_max(png, 1 << 20);  // text and profiles that we do not use
  png_read_info(png, info);
  if (png_get_image_width(png, info) != header.stored_width ||
      png_get_image_height(png, info) != header.stored_height) {
    png_error(png, "its size is not what its header says");
  }
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_16(png);
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  const auto row_bytes = static_cast<size_t>(header.stored_width) * 3;
  if (png_get_rowbytes(png, info) != row_bytes) png_error(png, "unknown kind of pixels");
  for (int pass = 0; pass < passes; ++pass) {
    for (size_t row = 0; row < static_cast<size_t>(header.stored_height); ++row) {
      png_read_row(png, pixels + row * row_bytes, nullptr);
    }
  }
  png_read_end(png, nullptr);
  return true;
}

bool WriteRows(png_structp png, png_infop info, PngSession& session, const uint8_t* rgb, png_uint_32 width,
               png_uint_32 height, png_textp comment) {
  if (setjmp(session.on_error) != 0) return false;
  png_set_write_fn(png, &session, WriteBytes, nullptr);
  png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (comment != nullptr) png_set_text(png, info, comment, 1);
  png_write_info(png, info);
  for (png_uint_32 row = 0; row < height; ++row) png_write_row(png, rgb + size_t{row} * width * 3);
  png_write_end(png, info);
  return true;
}

}  // namespace

absl::Status DecodePng(std::string_view bytes, const ImageHeader& header, uint8_t* pixels) {
  PngSession session;
  session.unread = bytes;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &session, OnError, OnWarning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  const bool done = info != nullptr && ReadRows(png, info, session, header, pixels);
  png_destroy_read_struct(&png, &info, nullptr);
  return done ? absl::OkStatus() : DamagedImage(header.type, session.message);
}

absl::StatusOr<std::string> EncodePng(const uint8_t* rgb, int64_t width, int64_t height, std::string_view comment) {
  constexpr int64_t kMaxSide = std::numeric_limits<int32_t>::max();
  if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide) {
    return absl::InvalidArgumentError(absl::StrFormat("a PNG cannot be %dx%d pixels", width, height));
  }
  std::string key = "Comment", value(comment), written;
  png_text text = {};
  text.compression = PNG_ITXT_COMPRESSION_NONE;
  text.key = key.data();
  text.text = value.data();
  PngSession session;
  session.written = &written;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &session, OnError, OnWarning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  const bool done = info != nullptr && WriteRows(png, info, session, rgb, static_cast<png_uint_32>(width),
                                                 static_cast<png_uint_32>(height), comment.empty() ? nullptr : &text);
  png_destroy_write_struct(&png, &info);
  if (!done) return absl::ResourceExhaustedError(absl::StrFormat("PNG encoding failed: %s", session.message));
  return written;
}

}  // namespace ovi
