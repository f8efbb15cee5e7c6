#include "engine/media/ffmpeg_status.h"

extern "C" {
#include <libavutil/error.h>
#include <libavutil/log.h>
}

#include <cerrno>
#include <cstdarg>
#include <mutex>
#include <string>
#include <system_error>

#include "absl/strings/str_format.h"
#include "base/log.h"

namespace ovi {
namespace {

void OnFfmpegMessage(void* source, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_VERBOSE) return;
  const log::Level ours = level <= AV_LOG_ERROR ? log::Level::kWarning : log::Level::kDebug;
  if (!log::Enabled(ours)) return;
  char line[512];
  int print_prefix = 1;
  av_log_format_line2(source, level, format, arguments, line, sizeof(line), &print_prefix);
  std::string_view text(line);
  while (text.ends_with('\n')) text.remove_suffix(1);
  log::Write(ours, absl::StrFormat("ffmpeg: %s", text));
}

}  // namespace

absl::Status ErrnoStatus(int error_number, std::string_view what) {
  const std::string reason = std::generic_category().message(error_number);
  switch (error_number) {
    case 0:
      return absl::OkStatus();
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(
          absl::StrFormat("%s: the disk is full (%s); free space or ask for a shorter or smaller clip", what, reason));
    case EFBIG:
      return absl::ResourceExhaustedError(absl::StrFormat(
          "%s: the file would be larger than this server may write (%s); raise the limit or ask for a shorter clip",
          what, reason));
    case ENOMEM:
      return absl::ResourceExhaustedError(
          absl::StrFormat("%s: out of memory; ask for a shorter or smaller clip", what));
    case EEXIST:
      return absl::AlreadyExistsError(absl::StrFormat("%s: the file exists already; it is never overwritten", what));
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(absl::StrFormat("%s: the output folder does not exist; create it", what));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(
          absl::StrFormat("%s: the output folder cannot be written to (%s); check its owner and mode", what, reason));
    default:
      return absl::InternalError(absl::StrFormat("%s: %s", what, reason));
  }
}

absl::Status FfmpegStatus(int code, std::string_view what) {
  if (code >= 0) return absl::OkStatus();
  // FFmpeg's own codes are four letters, negated, and far from every errno.
  constexpr int kLargestErrno = 4095;
  if (AVUNERROR(code) <= kLargestErrno) return ErrnoStatus(AVUNERROR(code), what);
  char text[AV_ERROR_MAX_STRING_SIZE] = "";
  av_strerror(code, text, sizeof(text));
  return absl::InternalError(absl::StrFormat("%s: %s", what, text));
}

void ForwardFfmpegLog() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(OnFfmpegMessage); });
}

}  // namespace ovi
