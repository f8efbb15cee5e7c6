#include "server/supervision/notify_socket.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/log.h"

namespace ovi {
namespace {

// Who sends to a service manager that does not read waits no longer than this.
constexpr timeval kSendTimeout = {.tv_sec = 2, .tv_usec = 0};

std::string Why(int error) { return std::generic_category().message(error); }

}  // namespace

absl::StatusOr<NotifySocket> NotifySocket::Open(const std::string& address) {
  if (address.empty()) return NotifySocket(-1, "");
  const bool known = address[0] == '/' || address[0] == '@';
  if (!known || address.size() < 2 || address.size() >= sizeof(sockaddr_un::sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("NOTIFY_SOCKET is '%s'; it must be a path or @name of less than %d bytes, as systemd sets it",
                        log::Escaped(address), sizeof(sockaddr_un::sun_path)));
  }
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::UnavailableError(absl::StrFormat("a socket for NOTIFY_SOCKET: %s", Why(errno)));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kSendTimeout, sizeof(kSendTimeout));
  std::string raw = address;
  if (raw[0] == '@') raw[0] = '\0';
  return NotifySocket(fd, std::move(raw));
}

NotifySocket::NotifySocket(int fd, std::string address) : fd_(fd), address_(std::move(address)) {}

NotifySocket::NotifySocket(NotifySocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), address_(std::move(other.address_)) {}

NotifySocket::~NotifySocket() {
  if (fd_ >= 0) close(fd_);
}

absl::Status NotifySocket::Send(const std::string& lines) const {
  if (fd_ < 0) return absl::OkStatus();
  sockaddr_un to = {};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  if (sendto(fd_, lines.data(), lines.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), length) >= 0) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrFormat("systemd cannot be told: %s", Why(errno)));
}

}  // namespace ovi
