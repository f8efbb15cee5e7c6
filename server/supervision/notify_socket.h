// Where systemd listens to what a service says of itself: sd_notify(3) without its library. Thread-safe.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ovi {

class NotifySocket {
 public:
  // `address`: what NOTIFY_SOCKET says, a path or @ and an abstract name. Empty: nobody listens, and Send does nothing.
  // InvalidArgument if it is neither.
  static absl::StatusOr<NotifySocket> Open(const std::string& address);
  NotifySocket(NotifySocket&& other) noexcept;
  NotifySocket& operator=(NotifySocket&&) = delete;
  ~NotifySocket();

  bool heard() const { return fd_ >= 0; }
  // Lines such as "READY=1\nSTATUS=serves demo". One message arrives as a whole. Unavailable if nobody takes it.
  absl::Status Send(const std::string& lines) const;

 private:
  NotifySocket(int fd, std::string address);
  int fd_;
  std::string address_;  // as the kernel has it: an abstract one begins with a zero byte
};

}  // namespace ovi
