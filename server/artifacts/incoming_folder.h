// Where one process writes what is not whole yet, told apart from what a dead one left: the folder of a living process
// is locked, and the lock goes with the process however it ends.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ovi {

// PARENT/NAME with a name of its own. Removed when destroyed, if nothing is in it.
class IncomingFolder {
 public:
  // Creates both folders if need be, readable by their owner alone.
  static absl::StatusOr<std::unique_ptr<IncomingFolder>> Create(const std::string& parent);
  IncomingFolder(const IncomingFolder&) = delete;
  ~IncomingFolder();

  const std::string& path() const { return path_; }

  // Removes folders below `parent` whose process is gone, and files there that no process of today writes. A file
  // system without locks keeps them: they may be of a server on another machine.
  static absl::Status RemoveDead(const std::string& parent);

 private:
  IncomingFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  const std::string path_;
  const int lock_;
};

}  // namespace ovi
