#include "server/artifacts/s3/s3_client.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "server/artifacts/s3/s3_errors.h"
#include "server/artifacts/sha256.h"

namespace ovi {

void SleepUnlessStopped(absl::Duration wait, const ShouldStop& should_stop) {
  constexpr absl::Duration kBetweenQuestions = absl::Milliseconds(100);
  for (; wait > absl::ZeroDuration(); wait -= kBetweenQuestions) {
    if (should_stop != nullptr && should_stop()) return;
    absl::SleepFor(std::min(wait, kBetweenQuestions));
  }
}

S3Client::S3Client(S3Settings settings, HttpTransport& transport, Clock& clock, RetryPolicy retries)
    : settings_(std::move(settings)), transport_(transport), clock_(clock), retries_(std::move(retries)) {}

absl::StatusOr<HttpResponse> S3Client::Send(const S3Call& call) const {
  if (call.within == absl::InfiniteDuration()) return SendUntil(call, call.should_stop);
  const absl::Duration deadline = RealClock().Elapsed() + call.within;
  bool late = false;
  const absl::StatusOr<HttpResponse> response = SendUntil(call, [&] {
    late = late || RealClock().Elapsed() > deadline;
    return late || (call.should_stop != nullptr && call.should_stop());
  });
  if (!late || !absl::IsCancelled(response.status())) return response;
  return absl::UnavailableError(
      absl::StrFormat("%s %s: no answer within %s", call.method, Uri(call.key), absl::FormatDuration(call.within)));
}

absl::StatusOr<HttpResponse> S3Client::SendUntil(const S3Call& call, const ShouldStop& should_stop) const {
  const std::string payload_sha256 = Sha256Of(call.body);
  absl::Status last;
  for (int attempt = 0; attempt < retries_.attempts; ++attempt) {
    if (attempt > 0) retries_.wait(WaitBefore(attempt), should_stop);
    if (should_stop != nullptr && should_stop()) return absl::CancelledError("stopped before it was sent");
    absl::StatusOr<HttpResponse> response = SendOnce(call, payload_sha256, should_stop);
    if (response.ok()) return response;
    last = response.status();
    if (!absl::IsUnavailable(last)) return last;
  }
  return absl::UnavailableError(absl::StrFormat("%s; tried %d times at %s: is it up, and is AWS_ENDPOINT_URL_S3 right?",
                                                std::string(last.message()), retries_.attempts, settings_.base_url));
}

// Signed anew each time: S3 refuses a signature that is 15 minutes old.
absl::StatusOr<HttpResponse> S3Client::SendOnce(const S3Call& call, const std::string& payload_sha256,
                                                const ShouldStop& should_stop) const {
  const S3Request described = Describe(call);
  const std::string query = EncodeQuery(call.query);
  const HttpRequest request{.method = call.method,
                            .url = absl::StrFormat("%s%s%s%s", settings_.base_url, EncodeUriPath(described.path),
                                                   query.empty() ? "" : "?", query),
                            .headers = SignHeaders(described, payload_sha256, Scope()),
                            .body = call.body,
                            .max_response_bytes = call.max_response_bytes,
                            .should_stop = should_stop};
  const std::string what = absl::StrFormat("%s %s", call.method, Uri(call.key));
  absl::StatusOr<HttpResponse> response = transport_.Send(request);
  if (!response.ok()) {
    return absl::Status(response.status().code(),
                        absl::StrFormat("%s: %s", what, std::string(response.status().message())));
  }
  if (!Succeeded(request, *response)) return S3Status(*response, what);
  return response;
}

std::string S3Client::PresignGet(const std::string& key, absl::Duration valid_for) const {
  const S3Request described = Describe({.method = "GET", .key = key});
  return absl::StrFormat("%s%s?%s", settings_.base_url, EncodeUriPath(described.path),
                         PresignQuery(described, valid_for, Scope()));
}

std::string S3Client::Uri(const std::string& key) const {
  return absl::StrFormat("s3://%s/%s%s", settings_.bucket, settings_.key_prefix, key);
}

S3Request S3Client::Describe(const S3Call& call) const {
  return {.method = call.method,
          .host = settings_.host,
          .path = settings_.path_prefix + (call.key.empty() ? "" : settings_.key_prefix + call.key),
          .query = call.query,
          .headers = call.headers};
}

SigningScope S3Client::Scope() const {
  return {.credentials = settings_.credentials, .region = settings_.region, .now = clock_.Now()};
}

// Half of it by chance, so that servers that failed together do not come back together.
absl::Duration S3Client::WaitBefore(int attempt) const {
  const absl::Duration full = std::min(retries_.first_wait * std::exp2(attempt - 1), retries_.longest_wait);
  absl::BitGen random;
  return full * absl::Uniform(random, 0.5, 1.0);
}

}  // namespace ovi
