// ClipWriter for kPngZip: frame_00000.png, frame_00001.png ... stored in a ZIP. Private to engine/media.
#pragma once

#include <memory>
#include <string>

#include "engine/media/clip_writer.h"
#include "engine/media/output_file.h"

struct archive;

namespace ovi {

// PNG compresses already, so the ZIP stores. The first picture carries the clip's metadata as its comment: the archive
// holds pictures and nothing else.
class PngZipWriter final : public ClipWriter {
 public:
  static absl::StatusOr<std::unique_ptr<ClipWriter>> Open(const std::string& path, const ClipFormat& format);

  absl::Status AddFrames(absl::Span<const uint8_t> rgb) override;
  absl::Status AddAudio(absl::Span<const int16_t>) override { return status_; }
  absl::StatusOr<WrittenClip> Finish() override;

 private:
  struct ArchiveDeleter {
    void operator()(archive* zip) const;
  };
  using ArchivePtr = std::unique_ptr<archive, ArchiveDeleter>;

  PngZipWriter(OutputFile file, ArchivePtr zip, const ClipFormat& format)
      : file_(std::move(file)), zip_(std::move(zip)), format_(format) {}

  absl::Status AddFrame(const uint8_t* rgb);

  OutputFile file_;  // goes after zip_, which holds it open
  ArchivePtr zip_;
  ClipFormat format_;
  int64_t frames_ = 0;
  absl::Status status_;  // the first error
};

}  // namespace ovi
