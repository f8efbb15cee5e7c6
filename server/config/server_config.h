// Everything ovi-server is told when it starts, checked. What each field means and its default: server_config.cc and
// the *_flags.cc beside it, which is what --help prints.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/log.h"
#include "engine/engine.h"
#include "server/config/access_flags.h"
#include "server/config/retention_flags.h"
#include "server/transport_limits.h"

namespace ovi {

struct ServerConfig {
  std::string listen;
  std::string metrics_listen;  // empty: no metrics
  AccessConfig access;
  TransportLimits transport;
  EngineOptions engine;
  std::string data_dir;
  std::string artifact_dir;
  std::string job_store;  // sqlite, memory, or the address of a PostgreSQL database
  absl::Duration lease;
  int64_t max_queued = 0;
  int max_attempts = 0;
  int64_t max_image_bytes = 0;
  RetentionConfig retention;
  absl::Duration drain_timeout;
  absl::Duration stall_timeout;
  bool selftest = false;
  log::Level log_level = log::Level::kInfo;
  log::Format log_format = log::Format::kText;
};

// The flags as they are now, as a config. InvalidArgument listing every value that is wrong, each with its remedy.
// `executable` is where this program lies, to find the demo bundle beside it.
absl::StatusOr<ServerConfig> ConfigFromFlags(const std::string& executable);

}  // namespace ovi
