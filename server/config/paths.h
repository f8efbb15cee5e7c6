// Where things lie when nobody says so, and the folder the server writes to.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace ovi {

// models/demo beside `executable` or above it (a build folder inside the source tree), or share/ovi/models/demo of the
// installation; empty if there is none.
std::string FindDemoBundle(const std::string& executable);

// $XDG_STATE_HOME/ovi or ~/.local/state/ovi; empty without either variable.
std::string DefaultDataDir();

// The data folder, held by one server at a time. Released when destroyed, or when the process ends however it ends.
class DataDir {
 public:
  // Creates the folder if need be. FailedPrecondition if another server holds it.
  static absl::StatusOr<std::unique_ptr<DataDir>> Open(const std::string& folder);
  ~DataDir();
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

 private:
  explicit DataDir(int lock) : lock_(lock) {}
  const int lock_;
};

}  // namespace ovi
