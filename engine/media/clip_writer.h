// Writes one clip to one file as its frames and its sound come out of the decoders.
//
//   OVI_ASSIGN_OR_RETURN(std::unique_ptr<ClipWriter> writer, OpenClipWriter(path, format));
//   OVI_RETURN_IF_ERROR(writer->AddAudio(pcm));                 // once or in pieces, before, between or after frames
//   while (...) OVI_RETURN_IF_ERROR(writer->AddFrames(group));  // as the video decoder yields them
//   OVI_ASSIGN_OR_RETURN(WrittenClip written, writer->Finish());
//
// What is put in is what the file holds: N frames are N frames, and sound is neither padded nor cut to their length
// (one differs from the other by some milliseconds in every Ovi clip). Same input, same bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/clip.h"

namespace ovi {

// What a clip says about how it was made. UTF-8; empty strings are left out.
struct ClipMetadata {
  std::string prompt;
  uint64_t seed = 0;
  std::string checkpoint;
  std::string version;   // of ovi
  std::string settings;  // a JSON object of everything else that would make the clip again
};

struct ClipFormat {
  OutputFormat output = OutputFormat::kMp4;
  int width = 0, height = 0;  // pixels; even for kMp4, whose colour is stored for 2x2 pixels
  double frames_per_second = 0;
  int sample_rate_hz = 0;  // mono; for kMp4 one that AAC knows (16000, 44100, 48000, ...)
  ClipMetadata metadata = {};
  // Of the video encoder. The bytes depend on it, so it is the same on every machine; two held up a GPU's pictures.
  int encoder_threads = 8;
};

struct WrittenClip {
  int64_t bytes = 0;
  int64_t frames = 0;
  int64_t audio_samples = 0;
};

// One thread at a time. After an error every further call returns it again. A writer that goes away before Finish
// succeeded takes its file with it.
// Errors: InvalidArgument (sizes that do not fit the format), ResourceExhausted (disk full, memory), Internal (the
// encoder). No message holds the path: it goes to a client.
class ClipWriter {
 public:
  virtual ~ClipWriter() = default;

  // Whole frames, [n, height, width, 3], red first. Ignored by kWav.
  virtual absl::Status AddFrames(absl::Span<const uint8_t> rgb) = 0;
  // Mono samples. Ignored by kPngZip.
  virtual absl::Status AddAudio(absl::Span<const int16_t> samples) = 0;
  // Writes what is still to be written. Call once. FailedPrecondition if a track of the format never got anything.
  virtual absl::StatusOr<WrittenClip> Finish() = 0;
};

// `path` must not exist (AlreadyExists) and its folder must (NotFound).
absl::StatusOr<std::unique_ptr<ClipWriter>> OpenClipWriter(const std::string& path, const ClipFormat& format);

// "video/mp4", "video/x-matroska", "audio/wav", "application/zip".
std::string MediaType(OutputFormat output);

// The H.264 encoder that kMp4 will use, by FFmpeg's name: "libx264", or "libopenh264" where a build has only that.
// FailedPrecondition if there is neither; found out by opening it, as a build may list what it cannot load.
absl::StatusOr<std::string> H264EncoderName();

}  // namespace ovi
