// Tells webhooks that jobs have ended: at least once each, and again after failures, across restarts.
//
// A delivery is counted and dated in the job store before it is tried, so that one which ended with the process is
// tried again 20 seconds later. An answer of 2xx ends it, and so does 410 (gone). Anything else, redirects included, is
// tried again after `first_wait`, doubled each time up to an hour, less up to half of it by chance; kAttempts times in
// all, which takes some nine hours with the default.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/repeating_thread.h"
#include "server/http/http.h"
#include "server/jobs/job_store.h"
#include "server/webhooks/webhook_uri.h"

namespace ovi {

struct WebhookOptions {
  PrivateAddresses private_addresses = PrivateAddresses::kRefused;
  std::string ca_file;  // PEM, instead of the system's authorities; empty: those
  absl::Duration first_wait = absl::Seconds(10);
  std::string agent = "ovi-server";
};

// Over libcurl: https alone, certificates verified, no redirect, no proxy, 15 seconds for the whole of it.
std::unique_ptr<HttpTransport> MakeWebhookTransport(const WebhookOptions& options);

// Thread-safe.
class WebhookCourier {
 public:
  static constexpr int64_t kAttempts = 20;
  static constexpr absl::Duration kLongestWait = absl::Hours(1);
  // Who took a delivery and did not come back after so long is taken for dead.
  static constexpr absl::Duration kInHand = absl::Seconds(20);

  // Everything outlives it.
  WebhookCourier(const Clock& clock, JobStore& store, HttpTransport& transport, const WebhookOptions& options);

  // Tries the delivery that is due first. False if none is due. Errors: the store's.
  absl::StatusOr<bool> TellOne(const ShouldStop& should_stop);

 private:
  // OK if it was told, or will not ever be.
  absl::Status Tell(const WebhookDelivery& delivery, const ShouldStop& should_stop);
  absl::Duration WaitAfter(int64_t attempt) const;

  const Clock& clock_;
  JobStore& store_;
  HttpTransport& transport_;
  const WebhookOptions options_;
};

// The threads that do it, four at a time so that one receiver that does not answer keeps few waiting. They look every
// second.
class WebhookThreads {
 public:
  explicit WebhookThreads(WebhookCourier& courier);
  // What is being told is broken off, and told again by the next server.
  ~WebhookThreads();

 private:
  // Whether there was something to tell, so that there may be more.
  bool Work();

  WebhookCourier& courier_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::unique_ptr<RepeatingThread>> threads_;
};

}  // namespace ovi
