#include "server/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/jobs/step_times_file.h"
#include "server/listen_address.h"
#include "server/telemetry/live_metrics.h"

namespace ovi {
namespace {

// Streams that are sending a result may finish it; who does not read for this long is not waited for.
constexpr absl::Duration kStreamsTimeout = absl::Seconds(5);
constexpr auto kShutdownTimeout = std::chrono::seconds(2);

void SetServing(grpc::Server& server, bool serving) {
  grpc::HealthCheckServiceInterface* health = server.GetHealthCheckService();
  health->SetServingStatus(serving);
  health->SetServingStatus(v1::OviService::service_full_name(), serving);
}

// Estimates hold for this alone.
std::string MeasuredOn(const EngineInfo& info) {
  return absl::StrFormat("%s on %s, %s", info.bundle_name, info.device, info.dtype);
}

}  // namespace

std::string_view Version() { return OVI_VERSION; }

absl::StatusOr<std::unique_ptr<OviServer>> OviServer::Start(Engine& engine, JobStore& store, ArtifactStore& artifacts,
                                                            const Clock& clock, const ServerOptions& options) {
  std::unique_ptr<OviServer> server(new OviServer(engine, store, artifacts, clock, options));
  OVI_RETURN_IF_ERROR(server->queue_.Restore(options.max_attempts));
  OVI_RETURN_IF_ERROR(server->Listen(options));
  OVI_RETURN_IF_ERROR(server->ServeMetrics(options));
  if (store.shared()) {
    // As long as three renewals take.
    const StoreWatchOptions watch = {.grace = 3 * HeartbeatInterval(options.lease)};
    server->store_watch_ = std::make_unique<StoreWatch>(store, server->queue_, clock, watch);
  }
  server->worker_ = std::make_unique<Worker>(
      engine, server->parts_, server->queue_,
      [server = server.get()](const absl::Status& why) { server->LoseDevice(why); },
      HeartbeatOptions{.interval = HeartbeatInterval(options.lease), .stall_timeout = options.stall_timeout});
  server->webhooks_ = std::make_unique<WebhookThreads>(server->courier_);
  server->janitor_ = std::make_unique<Janitor>(LifecycleParts{clock, store, artifacts, server->events_});
  return server;
}

OviServer::OviServer(Engine& engine, JobStore& store, ArtifactStore& artifacts, const Clock& clock,
                     const ServerOptions& options)
    : engine_(engine),
      on_device_lost_(options.on_device_lost),
      metrics_(engine.Info(), Version()),
      events_(clock),
      times_(KeptStepTimes(options.step_times_file, MeasuredOn(engine.Info()))),
      parts_{clock, store, artifacts, events_, times_, running_, metrics_},
      queue_(parts_, {.limits = {.jobs = options.max_queued, .stored_bytes = options.max_storage_bytes},
                      .default_ttl = options.default_ttl}),
      open_door_(clock),
      service_(StreamParts{clock, engine, queue_, events_, artifacts, live_calls_},
               options.door == nullptr ? open_door_ : *options.door,
               ServerFacts{.version = std::string(Version()),
                           .start_time = clock.Now(),
                           .max_message_bytes = options.transport.max_message_bytes,
                           .max_queued_jobs = options.max_queued,
                           .max_storage_bytes = options.max_storage_bytes,
                           .spec_rules = {.max_image_bytes = options.max_image_bytes,
                                          .webhook_addresses = options.webhooks.private_addresses}}),
      webhook_transport_(MakeWebhookTransport(options.webhooks)),
      courier_(clock, store, *webhook_transport_, options.webhooks) {}

OviServer::~OviServer() {
  if (!stopped_) Stop();
}

absl::Status OviServer::Listen(const ServerOptions& options) {
  OVI_ASSIGN_OR_RETURN(ListenAddress listen, ParseListenAddress(options.listen));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  options.transport.ApplyTo(builder);
  // Linux would give two servers the same port, and each half of the clients.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  int port = 0;
  builder.AddListeningPort(listen.ToString(),
                           options.credentials == nullptr ? grpc::InsecureServerCredentials() : options.credentials,
                           &port);
  builder.RegisterService(&service_);
  grpc_server_ = builder.BuildAndStart();
  if (grpc_server_ == nullptr || port == 0) return WhyNotListening(listen, "--listen");
  listen.port = port;
  address_ = listen.ToString();
  liveness_ = std::make_unique<Liveness>(parts_.clock, running_, queue_,
                                         grpc_server_->InProcessChannel(grpc::ChannelArguments()),
                                         Liveness::Limits{.stall = options.stall_timeout});
  SetServing(*grpc_server_, true);
  return absl::OkStatus();
}

absl::Status OviServer::ServeMetrics(const ServerOptions& options) {
  if (options.metrics_listen.empty()) return absl::OkStatus();
  auto live = std::make_shared<LiveMetrics>(engine_, queue_, [this] { return device_is_healthy_.load(); });
  OVI_ASSIGN_OR_RETURN(metrics_endpoint_,
                       MetricsEndpoint::Start(options.metrics_listen, {metrics_.source(), std::move(live)}));
  return absl::OkStatus();
}

void OviServer::LoseDevice(const absl::Status& why) {
  log::Error("the device is lost, no job is taken any more: %s", std::string(why.message()));
  device_is_healthy_ = false;
  BeginDrain();
  on_device_lost_(why);
}

void OviServer::BeginDrain() {
  SetServing(*grpc_server_, false);
  queue_.Close();
}

bool OviServer::WaitDrained(absl::Duration timeout) { return worker_->WaitUntilEnded(timeout); }

void OviServer::StopRunningJob() { running_.StopAny(StopReason::kShutdown); }

void OviServer::Stop() {
  stopped_ = true;
  if (grpc_server_ == nullptr || worker_ == nullptr) return;
  BeginDrain();
  StopRunningJob();
  worker_.reset();  // its outcome is announced
  webhooks_.reset();
  janitor_.reset();
  live_calls_.StopEndless(ServerDraining());
  if (!live_calls_.WaitUntilNone(kStreamsTimeout)) {
    log::Warning("%d streams are still open and are cut off", live_calls_.size());
  }
  live_calls_.StopAll(ServerDraining());
  store_watch_.reset();
  grpc_server_->Shutdown(std::chrono::system_clock::now() + kShutdownTimeout);
  grpc_server_->Wait();
  metrics_endpoint_.reset();
}

}  // namespace ovi
