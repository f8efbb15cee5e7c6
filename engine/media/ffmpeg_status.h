// FFmpeg's codes and the operating system's, as Status: the one translator of media/.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace ovi {

// `what` says what was being done, "writing the clip". OK if `error_number` is 0.
absl::Status ErrnoStatus(int error_number, std::string_view what);

// The same for what an FFmpeg function returned. OK if `code` is not negative.
absl::Status FfmpegStatus(int code, std::string_view what);

// Sends FFmpeg's own messages to base/log instead of stderr: its errors as warnings (the error itself is returned to
// whoever called), the rest as debug. Process-wide; calling again does nothing.
void ForwardFfmpegLog();

}  // namespace ovi
