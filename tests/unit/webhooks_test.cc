// What a webhook may be, what it is told and when. Over the network: tests/service/webhook_test.py.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "server/jobs/memory_job_store.h"
#include "server/webhooks/webhook_courier.h"
#include "server/webhooks/webhook_message.h"

namespace ovi {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kSecretText[] = "0123456789abcdef";

std::string ReasonFor(const Webhook& webhook, PrivateAddresses addresses = PrivateAddresses::kRefused) {
  FieldViolations violations;
  CheckWebhook(webhook, addresses, violations);
  const absl::Status status = violations.ToStatus();
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2"))) << "a password was repeated";
  return std::string(ReasonOf(status));
}

TEST(WebhookUriTest, OrdinaryAddressesAreFine) {
  for (const char* uri :
       {"https://example.org", "HTTPS://example.org/done", "https://example.org:8443/done?job=1&x=%20",
        "https://8.8.8.8/done", "https://[2606:4700::1111]:443/done", "https://hooks.example.org?x"}) {
    EXPECT_EQ(ReasonFor({uri, kSecretText}), "") << uri;
  }
  EXPECT_EQ(ReasonFor({"https://example.org", ""}), "") << "without a secret";
}

TEST(WebhookUriTest, EverythingElseIsRefused) {
  for (const char* uri : {"",
                          "example.org",
                          "http://example.org",
                          "ftp://example.org",
                          "https://",
                          "https:///done",
                          "https://:443/",
                          "https://u:hunter2@example.org/",
                          "https://example.org@10.0.0.1/",
                          "https://example.org/#part",
                          "https://example.org/ x",
                          "https://example.org/\n",
                          "https://example.org\\@10.0.0.1/",
                          "https://exämple.org",
                          "https://example.org:0/",
                          "https://example.org:65536/",
                          "https://example.org:+1/",
                          "https://example.org:x/",
                          "https://[::1",
                          "https://[nonsense]/",
                          "https://[2606:4700::1111]x/",
                          "https://a:b:c/"}) {
    EXPECT_EQ(ReasonFor({uri, kSecretText}), "INVALID_WEBHOOK_URI") << uri;
  }
  EXPECT_EQ(ReasonFor({"https://example.org/" + std::string(2048, 'x'), ""}), "INVALID_WEBHOOK_URI");
  EXPECT_EQ(ReasonFor({"https://example.org", "short"}), "INVALID_WEBHOOK_SECRET");
  EXPECT_EQ(ReasonFor({"https://example.org", std::string(257, 'x')}), "INVALID_WEBHOOK_SECRET");
}

TEST(WebhookUriTest, PrivateAddressesAreRefusedUnlessAllowed) {
  for (const char* uri : {"https://127.0.0.1/", "https://localhost:8443/", "https://192.168.1.1/", "https://[::1]/",
                          "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/meta-data"}) {
    EXPECT_EQ(ReasonFor({uri, ""}), "WEBHOOK_ADDRESS_REFUSED") << uri;
    EXPECT_EQ(ReasonFor({uri, ""}, PrivateAddresses::kAllowed), "") << uri;
  }
}

TEST(WebhookUriTest, TheLogSeesNoPath) {
  EXPECT_EQ(OriginOf("https://example.org:8443/T0/secret?x=1"), "https://example.org:8443");
  EXPECT_EQ(OriginOf("https://example.org?x=1"), "https://example.org");
}

bool IsPublic(const std::string& text) {
  sockaddr_storage storage = {};
  sockaddr_in v4 = {};
  sockaddr_in6 v6 = {};
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    std::memcpy(&storage, &v4, sizeof(v4));
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
    std::memcpy(&storage, &v6, sizeof(v6));
  }
  return IsPublicAddress(reinterpret_cast<const sockaddr&>(storage));
}

TEST(AddressRulesTest, PublicAddressesArePublic) {
  for (const char* text :
       {"1.1.1.1",         "8.8.8.8",           "9.255.255.255",  "11.0.0.0",         "100.63.255.255",
        "100.128.0.0",     "126.255.255.255",   "128.0.0.0",      "172.15.255.255",   "172.32.0.0",
        "192.167.255.255", "192.169.0.0",       "198.17.255.255", "198.20.0.0",       "223.255.255.255",
        "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"}) {
    EXPECT_TRUE(IsPublic(text)) << text;
  }
}

TEST(AddressRulesTest, AllOthersAreNot) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.0",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.0.1",
                           "169.254.169.254",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::7f00:1",
                           "fe80::1",
                           "fec0::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "ff02::1",
                           "2001:db8::1",
                           "2001::1",
                           "100::1",
                           "::ffff:127.0.0.1",
                           "::ffff:192.168.0.1",
                           "64:ff9b::a00:1",
                           "64:ff9b:1::a00:1",
                           "2002:a00:1::1",
                           "2002:7f00:1::",
                           "3fff::1",
                           "5f00::1"}) {
    EXPECT_FALSE(IsPublic(text)) << text;
  }
  sockaddr local = {};
  local.sa_family = AF_UNIX;
  EXPECT_FALSE(IsPublicAddress(local));
}

Job EndedJob() {
  Job job;
  job.id = *JobId::Parse("abcdefghijklmnop");
  job.uid = "123e4567-e89b-42d3-a456-426614174000";
  job.create_time = absl::FromUnixSeconds(1'700'000'000);
  ClipSpec clip;
  clip.prompt = clip.effective_prompt = "nobody else's business";
  job.spec.clip = std::make_shared<ClipSpec>(clip);
  job.spec.labels = {{"album", "night"}};
  job.spec.webhook = Webhook{"https://example.org/T0/path", kSecretText};
  return job;
}

TEST(WebhookMessageTest, TheBodyTellsTheEndAndNothingOfThePrompt) {
  Job job = EndedJob();
  job.state = JobState::kSucceeded;
  job.end_time = job.create_time + absl::Milliseconds(1500);
  job.artifact = JobArtifact{{"k.mp4", 5'000'000'000, "ab12", "s3://clips/k.mp4"}, {}};
  job.artifact->clip.media_type = "video/mp4";
  const auto body = nlohmann::json::parse(WebhookBody(job));
  EXPECT_EQ(body["event"], "job.ended");
  EXPECT_EQ(body["deliveryId"], job.uid);
  EXPECT_EQ(body["job"]["name"], "jobs/abcdefghijklmnop");
  EXPECT_EQ(body["job"]["state"], "SUCCEEDED");
  EXPECT_EQ(body["job"]["endTime"], "2023-11-14T22:13:21.5+00:00");
  EXPECT_EQ(body["job"]["labels"]["album"], "night");
  EXPECT_EQ(body["job"]["artifact"]["sizeBytes"], "5000000000");
  EXPECT_EQ(body["job"]["artifact"]["uri"], "s3://clips/k.mp4");
  EXPECT_FALSE(body["job"].contains("error"));
  EXPECT_FALSE(body["job"].contains("startTime"));
  for (const char* secret : {"business", kSecretText, "T0"}) EXPECT_THAT(WebhookBody(job), Not(HasSubstr(secret)));
}

TEST(WebhookMessageTest, AFailureComesWithItsReason) {
  Job job = EndedJob();
  job.state = JobState::kFailed;
  job.error = WithReason(absl::InternalError("broke \xff\"quoted\""), "GENERATE_FAILED");
  const auto body = nlohmann::json::parse(WebhookBody(job));
  EXPECT_EQ(body["job"]["error"]["code"], "INTERNAL");
  EXPECT_EQ(body["job"]["error"]["reason"], "GENERATE_FAILED");
  EXPECT_EQ(body["job"]["error"]["message"], "broke \xEF\xBF\xBD\"quoted\"");
  EXPECT_FALSE(body["job"].contains("artifact"));
}

TEST(WebhookMessageTest, TheSignatureIsThatOfOtherTools) {
  // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
  EXPECT_EQ(WebhookSignature(kSecretText, absl::FromUnixSeconds(1'700'000'000), "{\"a\":1}"),
            "t=1700000000,v1=9eb18f493f8ec135d9eb2dad817c369bb4e9cbfa818657897a7437c1cd8c3a23");
  Job job = EndedJob();
  job.spec.webhook->secret = "";
  for (const auto& [name, value] : WebhookHeaders(job, 1, absl::Now(), "{}", "ovi-server/1")) {
    EXPECT_NE(name, "x-ovi-signature");
  }
}

// Answers as it is told; the real one is libcurl's.
class ScriptedTransport final : public HttpTransport {
 public:
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    requests.push_back(request);
    return next;
  }
  std::vector<HttpRequest> requests;
  absl::StatusOr<HttpResponse> next = HttpResponse{.status = 500, .headers = {}, .body = ""};
};

class WebhookCourierTest : public testing::Test {
 protected:
  WebhookCourierTest() {
    Job job = EndedJob();
    job = store_.Insert(job, "", {})->job;
    JobEnd end;
    end.state = JobState::kCancelled;
    end.time = clock_.Now();
    end.error = absl::CancelledError("cancelled");
    id_ = store_.End(job, end)->id;
  }
  bool TellOne() { return *courier_.TellOne(nullptr); }
  // How long until it is told again, by steps of a second.
  absl::Duration UntilTold() {
    const absl::Time start = clock_.Now();
    while (!TellOne()) clock_.Advance(absl::Seconds(1));
    return clock_.Now() - start;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  MemoryJobStore store_;
  ScriptedTransport transport_;
  WebhookCourier courier_{clock_, store_, transport_, {}};
  JobId id_;
};

TEST_F(WebhookCourierTest, AnAnswerOf2xxEndsIt) {
  transport_.next->status = 204;
  EXPECT_TRUE(TellOne());
  clock_.Advance(absl::Hours(1000));
  EXPECT_FALSE(TellOne());
  ASSERT_EQ(transport_.requests.size(), 1u);
  EXPECT_EQ(transport_.requests[0].url, "https://example.org/T0/path");
}

TEST_F(WebhookCourierTest, FailuresAreTriedAgainAfterGrowingWaitsAndGivenUp) {
  EXPECT_TRUE(TellOne());
  absl::Duration whole;
  for (int64_t attempt = 2; attempt <= WebhookCourier::kAttempts; ++attempt) {
    const absl::Duration full =
        std::min(absl::Seconds(10) * static_cast<double>(1 << (attempt - 2)), WebhookCourier::kLongestWait);
    const absl::Duration waited = UntilTold();
    EXPECT_GE(waited, full / 2) << attempt;
    EXPECT_LE(waited, full + absl::Seconds(1)) << attempt;
    whole += waited;
  }
  EXPECT_EQ(transport_.requests.size(), 20u);
  EXPECT_GT(whole, absl::Hours(5));
  clock_.Advance(absl::Hours(1000));
  EXPECT_FALSE(TellOne());
}

TEST_F(WebhookCourierTest, ARedirectAndARefusedAddressAreFailures) {
  transport_.next->status = 302;
  EXPECT_TRUE(TellOne());
  transport_.next = absl::PermissionDeniedError("its name leads to an address that must not be connected to");
  UntilTold();
  transport_.next = HttpResponse{.status = 200, .headers = {}, .body = ""};
  UntilTold();
  EXPECT_EQ(transport_.requests.size(), 3u);
}

TEST_F(WebhookCourierTest, OneThatIsGoneIsGivenUpAtOnce) {
  transport_.next->status = 410;
  EXPECT_TRUE(TellOne());
  clock_.Advance(absl::Hours(1000));
  EXPECT_FALSE(TellOne());
}

TEST_F(WebhookCourierTest, AShutdownBreaksOffAndTheNextServerTellsAgain) {
  transport_.next = absl::CancelledError("stopped");
  EXPECT_TRUE(TellOne());
  transport_.next = HttpResponse{.status = 200, .headers = {}, .body = ""};
  EXPECT_TRUE(TellOne()) << "without a wait";
  EXPECT_FALSE(TellOne());
}

TEST_F(WebhookCourierTest, AJobDeletedMeanwhileIsForgotten) {
  ASSERT_TRUE(store_.Delete(id_).ok());
  EXPECT_FALSE(TellOne());
  EXPECT_TRUE(transport_.requests.empty());
}

}  // namespace
}  // namespace ovi
