#include "server/artifacts/s3/s3_reader.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

// Readers ask for 64 KiB or so at a time; a request costs some tens of milliseconds.
constexpr int64_t kWindowBytes = 4 << 20;

class S3Reader final : public ArtifactReader {
 public:
  S3Reader(const S3Client& client, std::string key) : client_(client), key_(std::move(key)) {}

  absl::StatusOr<std::string> Read(int64_t offset, int64_t limit) override {
    std::string bytes;
    while (limit > 0 && offset < size_) {
      if (offset < window_start_ || offset >= WindowEnd()) OVI_RETURN_IF_ERROR(Fetch(offset));
      const std::string piece = window_.substr(static_cast<size_t>(offset - window_start_), static_cast<size_t>(limit));
      bytes += piece;
      offset += static_cast<int64_t>(piece.size());
      limit -= static_cast<int64_t>(piece.size());
    }
    return bytes;
  }

  // The first one also learns the size, and which object it is: later ones must be of the same.
  absl::Status Fetch(int64_t offset) {
    HttpHeaders headers = {{"range", absl::StrFormat("bytes=%d-%d", offset, offset + kWindowBytes - 1)}};
    if (!etag_.empty()) headers.emplace_back("if-match", etag_);
    OVI_ASSIGN_OR_RETURN(
        HttpResponse response,
        client_.Send({.method = "GET", .key = key_, .headers = headers, .max_response_bytes = kWindowBytes}));
    const std::string range = response.headers["content-range"];  // bytes 0-99/1234
    int64_t size = 0;
    const std::string start = absl::StrFormat("bytes %d-", offset);
    if (response.status != 206 || range.compare(0, start.size(), start) != 0 || response.body.empty() ||
        !absl::SimpleAtoi(range.substr(range.rfind('/') + 1), &size)) {
      return absl::InternalError(
          absl::StrFormat("GET %s: S3 did not answer with the range it was asked for", client_.Uri(key_)));
    }
    size_ = size;
    etag_ = response.headers["etag"];
    window_start_ = offset;
    window_ = std::move(response.body);
    return absl::OkStatus();
  }

 private:
  int64_t WindowEnd() const { return window_start_ + static_cast<int64_t>(window_.size()); }

  const S3Client& client_;
  const std::string key_;
  int64_t size_ = 0;
  std::string etag_;
  int64_t window_start_ = 0;
  std::string window_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ArtifactReader>> OpenS3Object(const S3Client& client, const std::string& key) {
  auto reader = std::make_unique<S3Reader>(client, key);
  const absl::Status fetched = reader->Fetch(0);
  if (!fetched.ok() && !absl::IsOutOfRange(fetched)) return fetched;  // an empty object has no byte 0
  return reader;
}

}  // namespace ovi
