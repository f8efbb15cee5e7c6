#include "server/telemetry/metrics_endpoint.h"

#include <httplib.h>
#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <chrono>
#include <iterator>
#include <optional>
#include <thread>
#include <utility>

#include "base/status_macros.h"
#include "server/listen_address.h"

namespace ovi {
namespace {

constexpr char kTextFormat[] = "text/plain; version=0.0.4; charset=utf-8";
constexpr size_t kThreads = 2;  // a scrape, and somebody who looks meanwhile
constexpr time_t kIdleSeconds = 5;

std::string Text(const std::vector<std::shared_ptr<prometheus::Collectable>>& sources) {
  std::vector<prometheus::MetricFamily> families;
  for (const auto& source : sources) {
    std::vector<prometheus::MetricFamily> some = source->Collect();
    std::move(some.begin(), some.end(), std::back_inserter(families));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace

// cpp-httplib and not the library's own Exposer: that one's threads have stacks of 100 kB, which the thread-local data
// of CUDA's libraries fills alone, so that no thread starts in a server with a GPU build of LibTorch.
struct MetricsEndpoint::HttpServer {
  explicit HttpServer(std::vector<std::shared_ptr<prometheus::Collectable>> sources) {
    server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };  // the server owns it
    server.set_read_timeout(kIdleSeconds);
    server.set_keep_alive_timeout(kIdleSeconds);
    // The default also sets SO_REUSEPORT, by which two servers would share a port.
    server.set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    server.Get("/metrics", [sources = std::move(sources)](const httplib::Request&, httplib::Response& response) {
      response.set_content(Text(sources), kTextFormat);
    });
  }
  ~HttpServer() {
    server.stop();
    if (thread.joinable()) thread.join();
  }

  // Returns when requests are taken: to stop a server before that does nothing. False if they never are.
  bool Run() {
    thread = std::thread([this] {
      server.listen_after_bind();
      ended = true;
    });
    while (!server.is_running() && !ended) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return !ended;
  }

  // The port; nothing if it cannot be bound.
  std::optional<int> Bind(const ListenAddress& address) {
    if (address.port == 0) {
      const int port = server.bind_to_any_port(address.host);
      return port > 0 ? std::optional(port) : std::nullopt;
    }
    return server.bind_to_port(address.host, address.port) ? std::optional(address.port) : std::nullopt;
  }

  httplib::Server server;
  std::atomic<bool> ended = false;
  std::thread thread;
};

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Start(
    const std::string& listen, std::vector<std::shared_ptr<prometheus::Collectable>> sources) {
  OVI_ASSIGN_OR_RETURN(ListenAddress address, ParseListenAddress(listen));
  auto server = std::make_unique<HttpServer>(std::move(sources));
  const std::optional<int> port = server->Bind(address);
  if (!port.has_value()) return WhyNotListening(address, "--metrics_listen");
  if (!server->Run()) return absl::InternalError("metrics: the HTTP server ended as soon as it began");
  address.port = *port;
  return std::unique_ptr<MetricsEndpoint>(new MetricsEndpoint(std::move(server), address.ToString()));
}

MetricsEndpoint::MetricsEndpoint(std::unique_ptr<HttpServer> server, std::string address)
    : server_(std::move(server)), address_(std::move(address)) {}

MetricsEndpoint::~MetricsEndpoint() = default;

}  // namespace ovi
