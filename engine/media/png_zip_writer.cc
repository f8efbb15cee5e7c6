#include "engine/media/png_zip_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/media/clip_metadata.h"
#include "engine/media/ffmpeg_status.h"
#include "engine/media/image.h"

namespace ovi {
namespace {

absl::Status ArchiveStatus(archive* zip, la_ssize_t code) {
  if (code >= ARCHIVE_OK) return absl::OkStatus();
  if (const int error_number = archive_errno(zip); error_number > 0)
    return ErrnoStatus(error_number, "writing the clip");
  const char* text = archive_error_string(zip);
  return absl::InternalError(absl::StrFormat("writing the clip: %s", text != nullptr ? text : "the archive failed"));
}

}  // namespace

void PngZipWriter::ArchiveDeleter::operator()(archive* zip) const { archive_write_free(zip); }

absl::StatusOr<std::unique_ptr<ClipWriter>> PngZipWriter::Open(const std::string& path, const ClipFormat& format) {
  OVI_ASSIGN_OR_RETURN(OutputFile file, OutputFile::Create(path));
  ArchivePtr zip(archive_write_new());
  if (zip == nullptr) return ErrnoStatus(ENOMEM, "writing the clip");
  OVI_RETURN_IF_ERROR(ArchiveStatus(zip.get(), archive_write_set_format_zip(zip.get())));
  OVI_RETURN_IF_ERROR(ArchiveStatus(zip.get(), archive_write_zip_set_compression_store(zip.get())));
  OVI_RETURN_IF_ERROR(ArchiveStatus(zip.get(), archive_write_set_bytes_in_last_block(zip.get(), 1)));
  OVI_RETURN_IF_ERROR(ArchiveStatus(zip.get(), archive_write_open_filename(zip.get(), path.c_str())));
  return std::unique_ptr<ClipWriter>(new PngZipWriter(std::move(file), std::move(zip), format));
}

absl::Status PngZipWriter::AddFrames(absl::Span<const uint8_t> rgb) {
  const size_t frame_bytes = static_cast<size_t>(format_.width) * static_cast<size_t>(format_.height) * 3;
  if (rgb.size() % frame_bytes != 0) {
    status_.Update(absl::InvalidArgumentError(
        absl::StrFormat("%d bytes are no whole number of frames of %d bytes", rgb.size(), frame_bytes)));
  }
  for (size_t at = 0; at < rgb.size() && status_.ok(); at += frame_bytes) status_.Update(AddFrame(rgb.data() + at));
  return status_;
}

absl::Status PngZipWriter::AddFrame(const uint8_t* rgb) {
  const std::string comment = frames_ == 0 ? MetadataJson(format_.metadata) : std::string();
  OVI_ASSIGN_OR_RETURN(const std::string png, EncodePng(rgb, format_.width, format_.height, comment));
  const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), absl::StrFormat("frame_%05d.png", frames_).c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(png.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), 946684800, 0);  // 2000-01-01: the same clip is the same bytes on any day
  OVI_RETURN_IF_ERROR(ArchiveStatus(zip_.get(), archive_write_header(zip_.get(), entry.get())));
  OVI_RETURN_IF_ERROR(ArchiveStatus(zip_.get(), archive_write_data(zip_.get(), png.data(), png.size())));
  OVI_RETURN_IF_ERROR(ArchiveStatus(zip_.get(), archive_write_finish_entry(zip_.get())));
  ++frames_;
  return absl::OkStatus();
}

absl::StatusOr<WrittenClip> PngZipWriter::Finish() {
  if (status_.ok() && frames_ == 0) status_ = absl::FailedPreconditionError("the clip has no frames");
  if (status_.ok()) status_.Update(ArchiveStatus(zip_.get(), archive_write_close(zip_.get())));
  if (!status_.ok()) return status_;
  status_ = absl::FailedPreconditionError("the clip is finished");
  OVI_ASSIGN_OR_RETURN(const int64_t bytes, file_.Keep());
  return WrittenClip{.bytes = bytes, .frames = frames_};
}

}  // namespace ovi
