// http://HOST:PORT/metrics, for Prometheus to scrape.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace prometheus {
class Collectable;
class Exposer;
}  // namespace prometheus

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
  MetricsEndpoint(std::unique_ptr<prometheus::Exposer> exposer,
                  std::vector<std::shared_ptr<prometheus::Collectable>> sources, std::string address);

  // The exposer holds them weakly; it goes first.
  const std::vector<std::shared_ptr<prometheus::Collectable>> sources_;
  const std::unique_ptr<prometheus::Exposer> exposer_;
  const std::string address_;
};

}  // namespace ovi
