#include "server/artifacts/s3/early_upload.h"

#include <sys/stat.h>

#include <utility>

#include "base/log.h"
#include "base/status_macros.h"
#include "server/artifacts/posix_file.h"

namespace ovi {
namespace {

constexpr absl::Duration kLookEvery = absl::Milliseconds(200);

}  // namespace

EarlyUpload::EarlyUpload(const S3Client& client, std::string path, S3Object object)
    : client_(client), path_(std::move(path)), object_(std::move(object)), thread_([this] { Run(); }) {}

EarlyUpload::~EarlyUpload() {
  Take([] { return true; });
}

std::unique_ptr<MultipartUpload> EarlyUpload::Take(const ShouldStop& should_stop) {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
    while (!changed_.WaitFor(lock, kLookEvery, [this] { return ended_; })) {
      if (should_stop != nullptr && should_stop()) broken_off_ = true;
    }
  }
  if (thread_.joinable()) thread_.join();
  return std::move(upload_);
}

void EarlyUpload::Run() {
  while (true) {
    const bool sent = SendNext();
    MutexLock lock(mutex_);
    if (changed_.WaitFor(lock, sent ? absl::ZeroDuration() : kLookEvery, [this] { return stopping_; })) {
      ended_ = true;
      changed_.NotifyAll();
      return;
    }
  }
}

bool EarlyUpload::SendNext() {
  struct stat status = {};
  // A part is sent once there is one more behind it.
  const int64_t needed = std::max(kMultipartFromBytes, (next_part_ + 1) * kPartBytes);
  if (next_part_ == 0 || stat(path_.c_str(), &status) != 0 || status.st_size < needed) return false;
  const auto stopped = [this] { return broken_off_.load(); };
  const auto send = [&]() -> absl::Status {
    OVI_ASSIGN_OR_RETURN(const PosixFile file, PosixFile::OpenToRead(path_));
    OVI_ASSIGN_OR_RETURN(const std::string part, file.Read((next_part_ - 1) * kPartBytes, kPartBytes));
    if (upload_ == nullptr) {
      OVI_ASSIGN_OR_RETURN(upload_, MultipartUpload::Begin(client_, object_, {}, stopped));
    }
    return upload_->SendPart(next_part_, part, stopped);
  };
  const absl::Status sent = send();
  if (!sent.ok()) {
    // Whoever completes the upload meets it again, if it lasts, and tells.
    log::Debug("a clip is not sent while it is made: %s", std::string(sent.message()));
    next_part_ = 0;
    return false;
  }
  ++next_part_;
  return true;
}

}  // namespace ovi
