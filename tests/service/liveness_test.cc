// Whether the server knows when it hangs: what the service manager's watchdog relies on.
#include "server/supervision/liveness.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_format.h"
#include "tests/service/job_rig.h"
#include "tests/service/service_rig.h"

namespace ovi {
namespace {

using testing::HasSubstr;

class LivenessTest : public ServiceTest {
 protected:
  LivenessTest() {
    ServerOptions options = SmallServer();
    options.stall_timeout = absl::Minutes(10);
    Restart(options);
  }
};

TEST_F(LivenessTest, AServerThatIdlesForLongIsAlive) {
  EXPECT_TRUE(server_->CheckAlive().ok());
  clock_.Advance(absl::Hours(100));
  EXPECT_TRUE(server_->CheckAlive().ok());
}

TEST_F(LivenessTest, AJobWithoutASignOfLifeForTheStallTimeoutIsNot) {
  engine_.HoldSteps();
  const v1::Job job = Create();
  engine_.AwaitHeldStep();
  EXPECT_TRUE(server_->CheckAlive().ok());
  clock_.Advance(absl::Minutes(9));
  EXPECT_TRUE(server_->CheckAlive().ok()) << "a slow step";
  engine_.LetThrough(1);
  engine_.AwaitHeldStep();
  EXPECT_TRUE(server_->CheckAlive().ok());
  clock_.Advance(absl::Minutes(11));
  const absl::Status hung = server_->CheckAlive();
  EXPECT_EQ(hung.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(hung.message()), HasSubstr("no progress for 11m (--stall_timeout)"));
  engine_.ReleaseSteps();
  AwaitEnd(job.name());
  EXPECT_TRUE(server_->CheckAlive().ok());
}

// A port where connections wait for ever.
class SilentPort {
 public:
  SilentPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address_), sizeof(address_)), 0);
    EXPECT_EQ(listen(fd_, 8), 0);
    socklen_t length = sizeof(address_);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &length);
  }
  ~SilentPort() { close(fd_); }
  std::string address() const { return absl::StrFormat("127.0.0.1:%d", ntohs(address_.sin_port)); }

 private:
  const int fd_;
  sockaddr_in address_ = {};
};

TEST(LivenessOfCallsTest, AServerThatDoesNotAnswerIsNotAlive) {
  const SilentPort port;
  JobRig rig;
  Liveness liveness(rig.clock, rig.running, rig.queue,
                    grpc::CreateChannel(port.address(), grpc::InsecureChannelCredentials()),
                    {.answer = absl::Milliseconds(300)});
  EXPECT_EQ(liveness.Check().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace ovi
