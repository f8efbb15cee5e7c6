// jpeglib.h needs size_t and FILE before it, jerror.h needs jpeglib.h.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <csetjmp>

#include "engine/media/image_codecs.h"

namespace ovi {
namespace {

// A progressive file may ask for the whole picture to be gone over again and again: 10 scans are usual, 64 coefficients
// times any number possible.
constexpr int kMaxScans = 32;

struct JpegSession {
  jpeg_decompress_struct decoder;
  jpeg_error_mgr errors;
  jpeg_progress_mgr progress;
  char message[JMSG_LENGTH_MAX] = "no details";
  std::jmp_buf on_error;
};

JpegSession& SessionOf(j_common_ptr decoder) { return *static_cast<JpegSession*>(decoder->client_data); }

[[noreturn]] void OnError(j_common_ptr decoder) {
  JpegSession& session = SessionOf(decoder);
  decoder->err->format_message(decoder, session.message);
  std::longjmp(session.on_error, 1);
}

// libjpeg conceals damage and goes on with grey; a first frame that is half grey is not what anybody asked for.
// Warnings about the data itself end the decode; those about harmless oddities do not.
void OnMessage(j_common_ptr decoder, int level) {
  if (level >= 0) return;
  const int code = decoder->err->msg_code;
  if (code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR) OnError(decoder);
}

void OnProgress(j_common_ptr decoder) {
  JpegSession& session = SessionOf(decoder);
  if (session.decoder.input_scan_number > kMaxScans) ERREXIT(decoder, JERR_BAD_PROGRESSION);
}

// Adobe's CMYK lies inverted in the file: 255 is no ink.
void CmykToRgb(const uint8_t* cmyk, int64_t width, bool inverted, uint8_t* rgb) {
  const unsigned flip = inverted ? 0 : 255;
  for (int64_t x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const unsigned key = cmyk[3] ^ flip;
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<uint8_t>(((cmyk[c] ^ flip) * key + 127) / 255);
  }
}

bool ReadRows(std::string_view bytes, const ImageHeader& header, JpegSession& session, uint8_t* pixels) {
  jpeg_decompress_struct& decoder = session.decoder;
  if (setjmp(session.on_error) != 0) return false;
  jpeg_create_decompress(&decoder);
  decoder.client_data = &session;
  decoder.progress = &session.progress;
  jpeg_mem_src(&decoder, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&decoder, TRUE);
  if (decoder.image_width != header.stored_width || decoder.image_height != header.stored_height) {
    ERREXIT(&decoder, JERR_BAD_LENGTH);
  }
  const bool cmyk = decoder.num_components == 4;
  decoder.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&decoder);
  // One row of CMYK, from libjpeg's own pool: freed with the decoder, jump or no jump.
  const JDIMENSION row_samples = decoder.output_width * static_cast<JDIMENSION>(decoder.output_components);
  JSAMPARRAY cmyk_row =
      (*decoder.mem->alloc_sarray)(reinterpret_cast<j_common_ptr>(&decoder), JPOOL_IMAGE, row_samples, 1);
  while (decoder.output_scanline < decoder.output_height) {
    uint8_t* row = pixels + size_t{decoder.output_scanline} * decoder.output_width * 3;
    jpeg_read_scanlines(&decoder, cmyk ? cmyk_row : &row, 1);
    if (cmyk) CmykToRgb(cmyk_row[0], header.stored_width, decoder.saw_Adobe_marker != FALSE, row);
  }
  jpeg_finish_decompress(&decoder);
  return true;
}

}  // namespace

absl::Status DecodeJpeg(std::string_view bytes, const ImageHeader& header, uint8_t* pixels) {
  JpegSession session = {};
  session.decoder.err = jpeg_std_error(&session.errors);
  session.decoder.client_data = &session;  // jpeg_create_decompress may fail, and keeps it
  session.errors.error_exit = OnError;
  session.errors.emit_message = OnMessage;
  session.progress.progress_monitor = OnProgress;
  const bool done = ReadRows(bytes, header, session, pixels);
  jpeg_destroy_decompress(&session.decoder);
  return done ? absl::OkStatus() : DamagedImage(header.type, session.message);
}

}  // namespace ovi
