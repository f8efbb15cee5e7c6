// The container: takes packets of its tracks and puts them in the file in the order of time. Private to engine/media.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/media/clip_writer.h"
#include "engine/media/ffmpeg_ptr.h"
#include "engine/media/output_file.h"

namespace ovi {

// Order of calls: Open, AddTrack for each, Begin, Write..., Finish. The file is removed unless Finish succeeds.
class Muxer {
 public:
  // Writes kMp4, kMkvLossless or kWav.
  static absl::StatusOr<std::unique_ptr<Muxer>> Open(const std::string& path, const ClipFormat& format);

  // A track for what the open `encoder` makes. Owned by the muxer.
  absl::StatusOr<AVStream*> AddTrack(const AVCodecContext& encoder);
  // Whether encoders must put their headers beside the data instead of into it. To be asked before they are opened.
  bool WantsGlobalHeader() const;
  // `movie_timescale`: ticks a second that both tracks' durations are whole numbers of (kMp4's edit lists).
  absl::Status Begin(int64_t movie_timescale);
  // Takes the packet's data; times in the stream's time base.
  absl::Status Write(AVPacket& packet);
  // Writes the index and closes the file. Returns its size in bytes.
  absl::StatusOr<int64_t> Finish();

 private:
  Muxer(OutputFile file, FormatContextPtr context, OutputFormat output)
      : file_(std::move(file)), context_(std::move(context)), output_(output) {}

  OutputFile file_;  // goes after context_, which holds it open
  FormatContextPtr context_;
  OutputFormat output_;
};

}  // namespace ovi
