#include "server/webhooks/webhook_courier.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/random/random.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/webhooks/webhook_message.h"

namespace ovi {
namespace {

constexpr int kThreads = 4;
constexpr absl::Duration kLookEvery = absl::Seconds(1);
constexpr HttpTimeouts kTimeouts = {
    .connect = absl::Seconds(5), .stalled = absl::Seconds(10), .whole = absl::Seconds(15)};
constexpr int64_t kMaxAnswerBytes = 16 << 10;
constexpr int kGone = 410;

}  // namespace

std::unique_ptr<HttpTransport> MakeWebhookTransport(const WebhookOptions& options) {
  const bool any = options.private_addresses == PrivateAddresses::kAllowed;
  return MakeCurlTransport(kTimeouts, {.may_connect = [any](const sockaddr& to) { return any || IsPublicAddress(to); },
                                       .https_only = true,
                                       .ca_file = options.ca_file});
}

WebhookCourier::WebhookCourier(const Clock& clock, JobStore& store, HttpTransport& transport,
                               const WebhookOptions& options)
    : clock_(clock), store_(store), transport_(transport), options_(options) {}

absl::StatusOr<bool> WebhookCourier::TellOne(const ShouldStop& should_stop) {
  const absl::Time now = clock_.Now();
  OVI_ASSIGN_OR_RETURN(const std::optional<WebhookDelivery> delivery, store_.TakeWebhook(now, now + kInHand));
  if (!delivery.has_value()) return false;
  const log::JobScope about(delivery->job.id.value());
  const absl::Status told = Tell(*delivery, should_stop);
  std::optional<absl::Time> next;
  if (told.ok()) {
    log::Info("its webhook is told (attempt %d)", delivery->attempt);
  } else if (absl::IsCancelled(told)) {
    next = now;  // cut short by us
  } else {
    const bool last = delivery->attempt >= kAttempts || absl::IsAborted(told);
    if (!last) next = clock_.Now() + WaitAfter(delivery->attempt);
    log::Warning(
        "its webhook at %s cannot be told (attempt %d): %s; %s", OriginOf(delivery->job.spec.webhook->uri),
        delivery->attempt, std::string(told.message()),
        last ? std::string("given up") : absl::StrFormat("again in %s", absl::FormatDuration(*next - clock_.Now())));
  }
  const absl::Status noted = store_.SetWebhookTime(delivery->job.id, next);
  if (!noted.ok() && !absl::IsNotFound(noted)) return noted;  // not found: deleted meanwhile
  return true;
}

absl::Status WebhookCourier::Tell(const WebhookDelivery& delivery, const ShouldStop& should_stop) {
  const std::string body = WebhookBody(delivery.job);
  const HttpRequest request{
      .method = "POST",
      .url = delivery.job.spec.webhook->uri,
      .headers = WebhookHeaders(delivery.job, delivery.attempt, clock_.Now(), body, options_.agent),
      .body = body,
      .max_response_bytes = kMaxAnswerBytes,
      .cut_response = true,
      .should_stop = should_stop};
  OVI_ASSIGN_OR_RETURN(const HttpResponse response, transport_.Send(request));
  if (response.status >= 200 && response.status < 300) return absl::OkStatus();
  const std::string answer = absl::StrFormat("it answers HTTP %d", response.status);
  return response.status == kGone ? absl::AbortedError(answer) : absl::UnavailableError(answer);
}

absl::Duration WebhookCourier::WaitAfter(int64_t attempt) const {
  const double doubled = std::exp2(static_cast<double>(std::min<int64_t>(attempt, kAttempts) - 1));
  const absl::Duration full = std::min(options_.first_wait * doubled, kLongestWait);
  absl::BitGen random;
  return full * absl::Uniform(random, 0.5, 1.0);
}

WebhookThreads::WebhookThreads(WebhookCourier& courier) : courier_(courier) {
  for (int i = 0; i < kThreads; ++i) {
    threads_.push_back(std::make_unique<RepeatingThread>(
        absl::ZeroDuration(), [this] { return Work() ? absl::ZeroDuration() : kLookEvery; }));
  }
}

WebhookThreads::~WebhookThreads() { stopping_ = true; }

bool WebhookThreads::Work() {
  if (stopping_) return false;
  const absl::StatusOr<bool> told = courier_.TellOne([this] { return stopping_.load(); });
  if (!told.ok()) log::Warning("webhooks cannot be looked up or noted: %s", std::string(told.status().message()));
  return told.value_or(false);
}

}  // namespace ovi
