// The only place that catches LibTorch's exceptions (FFmpeg's codes have one translator in media/).
//
//   absl::StatusOr<Latents> latents = Guard("diffusion", [&] { return Denoise(...); });
//
// `body` returns absl::Status or an absl::StatusOr. What it throws comes back as an error that names the stage and
// holds no stack trace: ResourceExhausted where memory ran out, Internal for the rest. Including this costs no LibTorch
// header.
#pragma once

#include <exception>
#include <string_view>

#include "absl/status/status.h"

namespace ovi {

// Only inside a catch block: the exception that is being handled, as a Status.
absl::Status StatusOfCurrentException(std::string_view stage);

template <typename Body>
auto Guard(std::string_view stage, Body&& body) -> decltype(body()) try {
  return body();
} catch (const std::exception&) {
  return StatusOfCurrentException(stage);
}

}  // namespace ovi
