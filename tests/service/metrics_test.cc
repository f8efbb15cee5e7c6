// /metrics of a running server, scraped over HTTP.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_format.h"
#include "server/listen_address.h"
#include "tests/service/service_rig.h"

namespace ovi {
namespace {

using testing::HasSubstr;

// What GET /metrics answers, headers and all.
std::string Scrape(const std::string& address) {
  const ListenAddress at = *ParseListenAddress(address);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(at.port));
  inet_pton(AF_INET, at.host.c_str(), &to.sin_addr);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: ovi\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string answer(64 << 10, '\0');
  size_t have = 0;
  for (ssize_t got; (got = read(fd, answer.data() + have, answer.size() - have)) > 0;) have += static_cast<size_t>(got);
  close(fd);
  answer.resize(have);
  return answer;
}

// As much as CUDA's libraries bring to a GPU build: it lies on the stack of every thread, small stacks among them. Seen
// failing: with prometheus-cpp's own HTTP server, whose threads have 100 kB, none of these tests gets a server.
thread_local volatile char data_of_libraries[220'000];

class MetricsTest : public ServiceTest {
 protected:
  MetricsTest() {
    data_of_libraries[1] = 1;  // or it would not be there
    engine_.SetMemoryBudget(int64_t{1} << 40);
    ServerOptions options = SmallServer();
    options.metrics_listen = "127.0.0.1:0";
    Restart(options);
  }

  std::string Scraped() const { return Scrape(server_->metrics_address()); }
};

TEST_F(MetricsTest, BeforeTheFirstJobEverySeriesIsThere) {
  const std::string text = Scraped();
  EXPECT_THAT(text, HasSubstr("200 OK"));
  EXPECT_THAT(text, HasSubstr("ovi_build_info{"));
  EXPECT_THAT(text, HasSubstr("attention_backend=\"flash\""));
  EXPECT_THAT(text, HasSubstr("\novi_jobs{state=\"queued\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\novi_jobs_finished_total{state=\"expired\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\novi_device_healthy 1\n"));
  EXPECT_THAT(text, HasSubstr("\novi_memory_budget_bytes 1099511627776\n"));
  for (const char* point : {"loaded", "text_encoded", "diffusion_peak", "after_cleanup", "decode_peak", "done"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrFormat("\novi_memory_peak_bytes{point=\"%s\"} 0\n", point)));
  }
}

TEST_F(MetricsTest, AJobIsCountedStepByStepAndPointByPoint) {
  AwaitEnd(Create().name());
  const std::string text = Scraped();
  EXPECT_THAT(text, HasSubstr("\novi_jobs_submitted_total 1\n"));
  EXPECT_THAT(text, HasSubstr("\novi_jobs_finished_total{state=\"succeeded\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\novi_denoise_step_seconds_count 4\n"));
  EXPECT_THAT(text, HasSubstr("\novi_denoise_step_seconds_sum 2\n"));
  EXPECT_THAT(text, HasSubstr("\novi_job_duration_seconds_count 1\n"));
  EXPECT_THAT(text, HasSubstr("\novi_memory_allocated_bytes{point=\"decode_peak\"} 1000\n"));
  EXPECT_THAT(text, HasSubstr("\novi_memory_reserved_bytes{point=\"done\"} 2000\n"));
  EXPECT_THAT(text, HasSubstr("\novi_memory_measured_peak_bytes 1500\n"));
  EXPECT_THAT(text, HasSubstr("\novi_memory_predicted_peak_bytes 16384000000\n"));
}

TEST_F(MetricsTest, TheDeviceIsReadAtEveryScrape) {
  engine_.HoldSteps();
  Create();
  engine_.AwaitHeldStep();
  const std::string text = Scraped();
  EXPECT_THAT(text, HasSubstr("\novi_jobs{state=\"running\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\novi_device_memory_bytes{kind=\"allocated\"} 1000\n"));
  EXPECT_THAT(text, HasSubstr("\novi_device_memory_bytes{kind=\"gtt\"} 3000\n"));
  EXPECT_THAT(text, HasSubstr("\novi_device_memory_bytes{kind=\"free\"} 8000\n"));
}

TEST_F(MetricsTest, ALostDeviceShows) {
  engine_.FailNextWith(absl::InternalError("fault"));
  engine_.BreakDevice(absl::InternalError("fault"));
  AwaitEnd(Create().name());
  EXPECT_THAT(Scraped(), HasSubstr("\novi_device_healthy 0\n"));
}

TEST_F(MetricsTest, ATakenPortIsNamedWithItsFlag) {
  ServerOptions options = SmallServer();
  options.metrics_listen = server_->metrics_address();
  const absl::Status status = OviServer::Start(engine_, *store_, *artifacts_, clock_, options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Address already in use"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--metrics_listen"));
}

}  // namespace
}  // namespace ovi
