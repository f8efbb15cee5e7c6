#include "server/telemetry/metrics_endpoint.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

#include <exception>
#include <utility>

#include "base/status_macros.h"
#include "server/listen_address.h"

namespace ovi {
namespace {

// The library tells with an exception, and does not say why.
absl::StatusOr<std::unique_ptr<prometheus::Exposer>> Listen(const ListenAddress& address) try {
  return std::make_unique<prometheus::Exposer>(address.ToString());
} catch (const std::exception&) {
  return WhyNotListening(address, "--metrics_listen");
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Start(
    const std::string& listen, std::vector<std::shared_ptr<prometheus::Collectable>> sources) {
  OVI_ASSIGN_OR_RETURN(ListenAddress address, ParseListenAddress(listen));
  if (address.host == "localhost") address.host = "127.0.0.1";  // the library takes numbers alone
  OVI_ASSIGN_OR_RETURN(std::unique_ptr<prometheus::Exposer> exposer, Listen(address));
  for (const auto& source : sources) exposer->RegisterCollectable(source);
  address.port = exposer->GetListeningPorts().front();
  return std::unique_ptr<MetricsEndpoint>(
      new MetricsEndpoint(std::move(exposer), std::move(sources), address.ToString()));
}

MetricsEndpoint::MetricsEndpoint(std::unique_ptr<prometheus::Exposer> exposer,
                                 std::vector<std::shared_ptr<prometheus::Collectable>> sources, std::string address)
    : sources_(std::move(sources)), exposer_(std::move(exposer)), address_(std::move(address)) {}

MetricsEndpoint::~MetricsEndpoint() = default;

}  // namespace ovi
