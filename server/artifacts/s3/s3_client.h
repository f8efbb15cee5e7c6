// Signed requests to one bucket, repeated while there is hope.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/artifacts/artifact_store.h"
#include "server/artifacts/s3/s3_settings.h"
#include "server/http/http.h"

namespace ovi {

void SleepUnlessStopped(absl::Duration wait, const ShouldStop& should_stop);

// When S3 is away or overloaded: 22 seconds of waiting at most, as a clip took minutes to make.
struct RetryPolicy {
  int attempts = 8;
  absl::Duration first_wait = absl::Milliseconds(200);  // doubled each time
  absl::Duration longest_wait = absl::Seconds(10);
  // Returns early when told to stop.
  std::function<void(absl::Duration, const ShouldStop&)> wait = SleepUnlessStopped;
};

struct S3Call {
  std::string method;
  std::string key;  // below the settings' prefix; empty: the bucket itself
  QueryParameters query = {};
  HttpHeaders headers = {};
  std::string_view body = {};
  int64_t max_response_bytes = 1 << 20;
  ShouldStop should_stop = {};                       // asked while it sends, waits and repeats
  absl::Duration within = absl::InfiniteDuration();  // Unavailable without an answer until then
};

// Thread-safe. Refers to transport and clock, which must outlive it.
class S3Client {
 public:
  S3Client(S3Settings settings, HttpTransport& transport, Clock& clock, RetryPolicy retries);

  // An answer that succeeded, or an error that names the object and the remedy: the codes of ArtifactStore. Cancelled
  // if the call should stop.
  absl::StatusOr<HttpResponse> Send(const S3Call& call) const;

  // With which anybody may read the object for `valid_for` from now. Sends nothing; does not look whether it is there.
  std::string PresignGet(const std::string& key, absl::Duration valid_for) const;

  // s3://bucket/prefix/key
  std::string Uri(const std::string& key) const;

  // Before every key; empty, or ends with '/'.
  const std::string& key_prefix() const { return settings_.key_prefix; }

 private:
  absl::StatusOr<HttpResponse> SendOnce(const S3Call& call, const std::string& payload_sha256,
                                        const ShouldStop& should_stop) const;
  S3Request Describe(const S3Call& call) const;
  SigningScope Scope() const;
  absl::Duration WaitBefore(int attempt) const;
  absl::StatusOr<HttpResponse> SendUntil(const S3Call& call, const ShouldStop& should_stop) const;

  const S3Settings settings_;
  HttpTransport& transport_;
  Clock& clock_;
  const RetryPolicy retries_;
};

}  // namespace ovi
