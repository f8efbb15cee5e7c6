// http://HOST:PORT/metrics, for Prometheus to scrape.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace prometheus {
class Collectable;
}

namespace ovi {

class MetricsEndpoint {
 public:
  // Serves what `sources` collect until destroyed, on threads of its own. `listen` is HOST:PORT; port 0: one that is
  // free. InvalidArgument if it is not; Unavailable if it cannot be listened on.
  static absl::StatusOr<std::unique_ptr<MetricsEndpoint>> Start(
      const std::string& listen, std::vector<std::shared_ptr<prometheus::Collectable>> sources);
  ~MetricsEndpoint();

  // With the port that was really taken.
  const std::string& address() const { return address_; }

 private:
  struct HttpServer;
  MetricsEndpoint(std::unique_ptr<HttpServer> server, std::string address);

  const std::unique_ptr<HttpServer> server_;
  const std::string address_;
};

}  // namespace ovi
