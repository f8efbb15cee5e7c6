// ovi-server without its flags and its engine: everything wired, listening, and stopped in order.
//
//   OVI_ASSIGN_OR_RETURN(auto server, OviServer::Start(engine, store, artifacts, RealClock(), options));
//   ... server->address() ...
//   server->BeginDrain();                       // SIGTERM
//   if (!server->WaitDrained(timeout)) server->StopRunningJob();   // or a second SIGTERM
//   server->Stop();
#pragma once

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "engine/engine.h"
#include "server/access/door.h"
#include "server/artifacts/artifact_store.h"
#include "server/jobs/job_events.h"
#include "server/jobs/job_queue.h"
#include "server/jobs/job_store.h"
#include "server/jobs/store_watch.h"
#include "server/jobs/worker.h"
#include "server/lifecycle/janitor.h"
#include "server/service/live_calls.h"
#include "server/service/ovi_service.h"
#include "server/supervision/liveness.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/metrics_endpoint.h"
#include "server/transport_limits.h"
#include "server/webhooks/webhook_courier.h"

namespace ovi {

struct ServerOptions {
  std::string listen = "127.0.0.1:50051";  // port 0: one that is free
  // How the address is listened on; null: in the clear.
  std::shared_ptr<grpc::ServerCredentials> credentials;
  // Who may come in; null: everybody. Outlives the server.
  Door* door = nullptr;
  TransportLimits transport;
  int64_t max_image_bytes = std::numeric_limits<int64_t>::max();
  int64_t max_queued = 100;
  int max_attempts = 2;              // how often a job is begun that ends with the process
  std::string step_times_file = "";  // where measured times are kept; empty: nowhere
  // How long a clip may stand still: then CheckAlive says so, and its claim in a shared store is not renewed any more.
  absl::Duration stall_timeout = absl::InfiniteDuration();
  absl::Duration lease = absl::Minutes(1);    // in a store that several servers share: how long a claim holds
  std::string metrics_listen = "";            // empty: no metrics are served; port 0: one that is free
  std::optional<absl::Duration> default_ttl;  // of jobs without one of their own; absent: kept for ever
  int64_t max_storage_bytes = QueueLimits::kNone;
  WebhookOptions webhooks;
  // Called once, on a thread of the server's, when the device has failed for good: health says NOT_SERVING by then, no
  // job is taken any more, and all that is left to do is Stop. It must not call Stop itself.
  std::function<void(const absl::Status&)> on_device_lost = [](const absl::Status&) {};
};

// Thread-safe, but Stop is called once.
class OviServer {
 public:
  // Takes up the jobs that `store` holds. Everything passed outlives the server. Errors: Unavailable if an address
  // cannot be listened on, and the store's.
  static absl::StatusOr<std::unique_ptr<OviServer>> Start(Engine& engine, JobStore& store, ArtifactStore& artifacts,
                                                          const Clock& clock, const ServerOptions& options);
  ~OviServer();  // Stop, if nobody called it

  // Where it listens, with the port that was really taken: "127.0.0.1:50051".
  const std::string& address() const { return address_; }

  // Where metrics are served; empty if they are not.
  std::string metrics_address() const { return metrics_endpoint_ == nullptr ? "" : metrics_endpoint_->address(); }

  // Health says NOT_SERVING and no new job is taken; queued ones wait for the next server, or end where the store does
  // not last; the running one goes on.
  void BeginDrain();
  // Whether the running job, if any, ended within `timeout`.
  bool WaitDrained(absl::Duration timeout);
  // The running job ends after the network call it is in.
  void StopRunningJob();
  // Drains if need be, lets streams send what they still have for a few seconds, and closes the port.
  void Stop();

  // OK while calls are answered and the running job, if any, has given a sign of life within stall_timeout; else what
  // does not move. Blocks if the queue does. For one thread, until Stop.
  absl::Status CheckAlive() { return liveness_->Check(); }

  // How many streams are open.
  size_t open_streams() const { return live_calls_.size(); }

 private:
  OviServer(Engine& engine, JobStore& store, ArtifactStore& artifacts, const Clock& clock,
            const ServerOptions& options);
  absl::Status Listen(const ServerOptions& options);
  absl::Status ServeMetrics(const ServerOptions& options);
  void LoseDevice(const absl::Status& why);

  // In the order in which they need each other.
  Engine& engine_;
  const std::function<void(const absl::Status&)> on_device_lost_;
  std::atomic<bool> device_is_healthy_ = true;
  Metrics metrics_;
  JobEvents events_;
  StepTimes times_;
  RunningJob running_;
  const JobParts parts_;
  JobQueue queue_;
  LiveCalls live_calls_;
  Door open_door_;  // where nobody gave one
  OviServiceImpl service_;
  std::unique_ptr<grpc::Server> grpc_server_;
  std::string address_;
  std::unique_ptr<Liveness> liveness_;
  std::unique_ptr<MetricsEndpoint> metrics_endpoint_;
  std::unique_ptr<StoreWatch> store_watch_;  // of a shared store
  std::unique_ptr<Worker> worker_;
  const std::unique_ptr<HttpTransport> webhook_transport_;
  WebhookCourier courier_;
  std::unique_ptr<WebhookThreads> webhooks_;
  std::unique_ptr<Janitor> janitor_;
  bool stopped_ = false;
};

// "0.1.0".
std::string_view Version();

}  // namespace ovi
