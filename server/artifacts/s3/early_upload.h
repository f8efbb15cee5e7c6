// Sends a file's parts to S3 while it is still being written, so that only the rest is left to send when it is whole.
//
// Containers rewrite their beginning when they are finished, so the first part is not sent early, nor what was written
// last. Nothing relies on that: whoever completes the upload holds every part to the finished file, and sends anew what
// has changed since.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "server/artifacts/s3/multipart_upload.h"
#include "server/artifacts/s3/s3_upload.h"

namespace ovi {

class EarlyUpload {
 public:
  // Starts at once; `path` need not exist yet. Nothing is sent before the file is so large that it goes in parts.
  EarlyUpload(const S3Client& client, std::string path, S3Object object);
  // Breaks off the part it is sending, and aborts what nobody took.
  ~EarlyUpload();

  // Ends sending, after the part it is at unless told to stop, and gives away what was begun; null if nothing was. Call
  // it once.
  std::unique_ptr<MultipartUpload> Take(const ShouldStop& should_stop);

 private:
  void Run();
  // False if there is nothing to send, or it cannot be sent.
  bool SendNext();

  const S3Client& client_;
  const std::string path_;
  const S3Object object_;
  std::atomic<bool> broken_off_ = false;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  int next_part_ = 2;                        // the thread's alone
  std::unique_ptr<MultipartUpload> upload_;  // the thread's until it has ended
  std::thread thread_;
};

}  // namespace ovi
