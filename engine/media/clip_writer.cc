#include "engine/media/clip_writer.h"

#include <cmath>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/media/ffmpeg_status.h"
#include "engine/media/movie_writer.h"
#include "engine/media/png_zip_writer.h"

namespace ovi {
namespace {

absl::Status CheckFormat(const ClipFormat& format) {
  const bool pictures = format.output != OutputFormat::kWav, sound = format.output != OutputFormat::kPngZip;
  if (pictures && (format.width < 1 || format.height < 1 || format.width > 16384 || format.height > 16384)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("a clip cannot be %dx%d pixels; both sides are 1 to 16384", format.width, format.height));
  }
  if (format.output == OutputFormat::kMp4 && (format.width % 2 != 0 || format.height % 2 != 0)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "an MP4 cannot be %dx%d pixels; make both sides even or ask for a lossless MKV", format.width, format.height));
  }
  // Also catches NaN.
  if (pictures && !(format.frames_per_second >= 1 && format.frames_per_second <= 1000)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("a clip cannot have %g frames per second; 1 to 1000 are possible", format.frames_per_second));
  }
  if (sound && (format.sample_rate_hz < 1 || format.sample_rate_hz > 655350)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("a clip cannot have %d samples per second; 1 to 655350 are possible", format.sample_rate_hz));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClipWriter>> OpenClipWriter(const std::string& path, const ClipFormat& format) {
  ForwardFfmpegLog();
  OVI_RETURN_IF_ERROR(CheckFormat(format));
  return format.output == OutputFormat::kPngZip ? PngZipWriter::Open(path, format) : MovieWriter::Open(path, format);
}

std::string MediaType(OutputFormat output) {
  switch (output) {
    case OutputFormat::kMp4:
      return "video/mp4";
    case OutputFormat::kMkvLossless:
      return "video/x-matroska";
    case OutputFormat::kWav:
      return "audio/wav";
    case OutputFormat::kPngZip:
      return "application/zip";
  }
  return "application/octet-stream";
}

}  // namespace ovi
