// What systemd is told, on a real socket as systemd opens one.
#include "server/supervision/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

#include "server/supervision/notify_socket.h"

namespace ovi {
namespace {

using testing::HasSubstr;

// The end that systemd has: an abstract name that is free, or a path.
class Listener {
 public:
  explicit Listener(const std::string& path = "") : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const size_t length = path.empty() ? sizeof(sa_family_t) : offsetof(sockaddr_un, sun_path) + path.size();
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length)), 0);
    socklen_t taken = sizeof(address);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &taken);
    name_.assign(address.sun_path, taken - offsetof(sockaddr_un, sun_path));
    if (path.empty()) name_[0] = '@';
    WaitFor(20);
  }
  void WaitFor(int seconds) {
    const timeval patience = {.tv_sec = seconds, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~Listener() { close(fd_); }

  const std::string& name() const { return name_; }
  std::string Next() {
    char message[1000];
    const ssize_t got = recv(fd_, message, sizeof(message), 0);
    return got < 0 ? "nothing" : std::string(message, static_cast<size_t>(got));
  }
  bool Silent() {
    char message[1000];
    return recv(fd_, message, sizeof(message), MSG_DONTWAIT) < 0;
  }

 private:
  const int fd_;
  std::string name_;
};

TEST(NotifySocketTest, AnAddressIsAPathOrAnAbstractName) {
  const std::string path = testing::TempDir() + "/ovi-notify-" + std::to_string(getpid());
  Listener by_path(path), by_name;
  EXPECT_TRUE(NotifySocket::Open(path)->Send("READY=1").ok());
  EXPECT_EQ(by_path.Next(), "READY=1");
  EXPECT_TRUE(NotifySocket::Open(by_name.name())->Send("READY=1").ok());
  EXPECT_EQ(by_name.Next(), "READY=1");
  unlink(path.c_str());
  EXPECT_EQ(NotifySocket::Open(path)->Send("READY=1").code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(NotifySocket::Open("")->Send("READY=1").ok()) << "without systemd nobody is told";
  for (const std::string& wrong : {std::string("relative"), std::string("@"), std::string(200, '/')}) {
    EXPECT_EQ(NotifySocket::Open(wrong).status().code(), absl::StatusCode::kInvalidArgument) << wrong;
  }
}

TEST(ServiceManagerTest, TellsReadinessAndVouchesForTheServerAsLongAsTheCheckSucceeds) {
  Listener systemd;
  std::atomic<bool> alive = true;
  const auto manager = *ServiceManager::Start({.notify_socket = systemd.name(), .watchdog = absl::Milliseconds(30)},
                                              "loading\nMAINPID=1");
  EXPECT_EQ(systemd.Next(), "STATUS=loading\\nMAINPID=1") << "a status is one line";
  manager->Ready("serves demo", [&] {
    return alive ? absl::OkStatus() : absl::DeadlineExceededError("the running job has made no progress");
  });
  EXPECT_EQ(systemd.Next(), "READY=1\nSTATUS=serves demo");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(systemd.Next(), "WATCHDOG=1");
  alive = false;
  std::string last;
  while ((last = systemd.Next()) == "WATCHDOG=1") {
  }
  EXPECT_EQ(last, "STATUS=the running job has made no progress");
  EXPECT_TRUE(systemd.Silent()) << "it is told once, and vouched for no more";
  alive = true;
  EXPECT_EQ(systemd.Next(), "WATCHDOG=1\nSTATUS=serves demo");
  manager->Stopping("draining", absl::Minutes(11));
  while ((last = systemd.Next()) == "WATCHDOG=1") {
  }
  EXPECT_EQ(last, "STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=660000000");
  EXPECT_EQ(systemd.Next(), "WATCHDOG=1") << "a drain can take long";
}

TEST(ServiceManagerTest, AsksForTimeWhileLoadingDoesSomething) {
  Listener systemd;
  const auto manager = *ServiceManager::Start(
      {.notify_socket = systemd.name(), .watchdog = {}, .loading_look = absl::Milliseconds(50)}, "loading");
  EXPECT_EQ(systemd.Next(), "STATUS=loading");
  volatile uint64_t work = 0;
  while (systemd.Silent()) work = work + 1;
  SUCCEED() << work;
}

TEST(ServiceManagerTest, ALoadThatHangsGetsNoMoreTime) {
  Listener systemd;
  const auto manager = *ServiceManager::Start(
      {.notify_socket = systemd.name(), .watchdog = {}, .loading_look = absl::Milliseconds(500)}, "loading");
  EXPECT_EQ(systemd.Next(), "STATUS=loading");
  systemd.WaitFor(2);
  // What the start itself took may be seen in the first look; this thread sleeps in recv from here on.
  std::string next = systemd.Next();
  if (next != "nothing") next = systemd.Next();
  EXPECT_EQ(next, "nothing");
}

}  // namespace
}  // namespace ovi
