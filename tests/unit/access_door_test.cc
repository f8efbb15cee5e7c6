// Scopes, rates, and the door that puts them together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>

#include "base/field_violations.h"
#include "server/access/door.h"
#include "server/access/make_token.h"
#include "server/jobs/status_details.h"

namespace ovi {
namespace {

TEST(ScopesTest, AWiderScopeHoldsTheNarrowerOnes) {
  const Scopes submit{Scope::kSubmit}, read{Scope::kRead}, all{Scope::kReadAll}, admin{Scope::kAdmin};
  EXPECT_TRUE(submit.Has(Scope::kSubmit) && !submit.Has(Scope::kRead));
  EXPECT_TRUE(read.Has(Scope::kRead) && !read.Has(Scope::kReadAll) && !read.Has(Scope::kSubmit));
  EXPECT_TRUE(all.Has(Scope::kRead) && !all.Has(Scope::kSubmit) && !all.Has(Scope::kAdmin));
  for (const Scope each : {Scope::kSubmit, Scope::kRead, Scope::kReadAll, Scope::kAdmin}) EXPECT_TRUE(admin.Has(each));
  EXPECT_TRUE(Scopes().empty());
}

TEST(ScopesTest, NamesLeadBackToTheSet) {
  for (const char* text : {"submit", "read", "submit,read", "submit,read_all", "admin"}) {
    EXPECT_EQ(ParseScopes(text)->ToString(), text);
  }
  EXPECT_EQ(ParseScopes("read_all,read,submit")->ToString(), "submit,read_all");
  EXPECT_EQ(ParseScopes("admin,submit")->ToString(), "admin");
  for (const char* text : {"", ",", "submit,", "Submit", "write", "submit read"}) {
    EXPECT_FALSE(ParseScopes(text).ok()) << text;
  }
}

TEST(RateLimiterTest, APauseEarnsABurstAndNoMore) {
  FakeClock clock;
  RateLimiter limiter(clock);
  const Rate rate{.per_minute = 6, .burst = 3};
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.Take("ada", rate), absl::ZeroDuration()) << i;
    EXPECT_EQ(limiter.Take("ada", rate), absl::Seconds(10));
    clock.Advance(absl::Seconds(9.5));
    EXPECT_EQ(limiter.Take("ada", rate), absl::Seconds(1));  // half a second, rounded up
    clock.Advance(absl::Seconds(0.5));
    EXPECT_EQ(limiter.Take("ada", rate), absl::ZeroDuration());
    EXPECT_EQ(limiter.Take("ada", rate), absl::Seconds(10));
    clock.Advance(absl::Hours(1));
  }
}

TEST(RateLimiterTest, PrincipalsDoNotShareAndLeaveNothingBehind) {
  FakeClock clock;
  RateLimiter limiter(clock);
  const Rate rate{.per_minute = 1, .burst = 1};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limiter.Take(std::to_string(i), rate), absl::ZeroDuration());
  EXPECT_EQ(limiter.size(), 100u);
  clock.Advance(absl::Minutes(1));
  EXPECT_EQ(limiter.Take("7", rate), absl::ZeroDuration());
  EXPECT_EQ(limiter.size(), 1u);
}

TEST(RateLimiterTest, ALowerRateCountsAtOnce) {
  FakeClock clock;
  RateLimiter limiter(clock);
  EXPECT_EQ(limiter.Take("ada", {.per_minute = 60, .burst = 10}), absl::ZeroDuration());
  EXPECT_EQ(limiter.Take("ada", {.per_minute = 1, .burst = 1}), absl::Seconds(1));
}

TEST(RefusalLogTest, ManyRefusalsAreFewLines) {
  FakeClock clock;
  RefusalLog refusals(clock);
  EXPECT_TRUE(refusals.Note("ipv4:192.0.2.1:1", "TOKEN_UNKNOWN"));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(refusals.Note("ipv4:192.0.2.1:1", "TOKEN_UNKNOWN"));
  clock.Advance(kRefusalLogInterval);
  EXPECT_TRUE(refusals.Note("ipv4:192.0.2.1:1", "TOKEN_UNKNOWN"));
}

class DoorTest : public testing::Test {
 protected:
  ~DoorTest() override { std::remove(path_.c_str()); }

  std::unique_ptr<Door> Open(const DoorRules& rules) { return *Door::Open(rules, clock_); }
  // With one token, of ada's.
  std::unique_ptr<Door> OpenWithToken(const std::string& scopes, DoorRules rules = {}, const std::string& more = "") {
    const NewToken made = *MakeToken("ada:" + scopes);
    token_ = made.token;
    std::ofstream(path_) << made.line << more << "\n";
    chmod(path_.c_str(), 0600);
    rules.token_file = path_;
    return Open(rules);
  }
  CallCredentials Shown() const { return {.authorization = {"Bearer " + token_}, .peer = "", .certificate_name = ""}; }
  static std::string ReasonFor(Door& door, const CallCredentials& credentials) {
    return ReasonOf(door.Admit(credentials).status());
  }

  const std::string path_ = testing::TempDir() + "ovi-door-" + std::to_string(getpid());
  FakeClock clock_;
  std::string token_;
};

TEST_F(DoorTest, AnOpenDoorAdmitsEverybodyToEverything) {
  const Principal principal = *Open({})->Admit({});
  EXPECT_EQ(principal.name, "");
  EXPECT_TRUE(principal.scopes.Has(Scope::kAdmin));
  EXPECT_TRUE(principal.Sees("ada"));
}

TEST_F(DoorTest, ATokenSaysWhoItIs) {
  const auto door = OpenWithToken("submit,read");
  const Principal ada = *door->Admit(Shown());
  EXPECT_EQ(ada.name, "ada");
  EXPECT_TRUE(ada.Sees("ada"));
  EXPECT_FALSE(ada.Sees("bob"));
  EXPECT_FALSE(ada.Sees(""));  // jobs from before there were tokens
  EXPECT_EQ(ReasonFor(*door, {}), "TOKEN_MISSING");
  EXPECT_EQ(ReasonFor(*door, {.authorization = {"Bearer ovi_wrong"}, .peer = "", .certificate_name = "ada"}),
            "TOKEN_UNKNOWN");
  EXPECT_EQ(ReasonFor(*door, {.authorization = {token_}, .peer = "", .certificate_name = ""}), "TOKEN_MALFORMED");
  EXPECT_EQ(door->Admit({}).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(DoorTest, ACertificateSaysItWhereNoTokenIsAskedFor) {
  const auto door = Open({.token_file = "", .ask_certificates = true, .limits = {}});
  const Principal node = *door->Admit({.authorization = {}, .peer = "", .certificate_name = "node.example.org"});
  EXPECT_EQ(node.name, "node.example.org");
  EXPECT_EQ(node.scopes.ToString(), "submit,read");
  for (const char* name : {"", "Ada Lovelace", "a\nb"}) {
    EXPECT_EQ(ReasonFor(*door, {.authorization = {}, .peer = "", .certificate_name = name}), "CERTIFICATE_WITHOUT_NAME")
        << name;
  }
}

TEST_F(DoorTest, AMissingScopeIsNamed) {
  const Principal ada = *OpenWithToken("read")->Admit(Shown());
  EXPECT_TRUE(RequireScope(ada, Scope::kRead).ok());
  const absl::Status refused = RequireScope(ada, Scope::kSubmit);
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(refused), "SCOPE_MISSING");
  EXPECT_EQ(MetadataOf(refused).at("scope"), "submit");
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("needs the scope 'submit', and ada has 'read'"));
}

TEST_F(DoorTest, WhatATokenDoesNotLimitTheRulesDo) {
  const DoorRules rules{.token_file = "",
                        .ask_certificates = false,
                        .limits = {.max_queued = 5, .submit_rate_per_minute = 1, .submit_burst = 2}};
  const auto door = OpenWithToken("submit", rules, " max_queued=7 submit_burst=1");
  const Principal ada = *door->Admit(Shown());
  EXPECT_EQ(ada.limits, (PrincipalLimits{.max_queued = 7, .submit_rate_per_minute = 1, .submit_burst = 1}));
  EXPECT_TRUE(door->CountSubmission(ada).ok());
  const absl::Status refused = door->CountSubmission(ada);
  EXPECT_EQ(ReasonOf(refused), "SUBMIT_RATE_EXCEEDED");
  EXPECT_EQ(RetryAfterOf(refused), absl::Minutes(1));
  clock_.Advance(absl::Minutes(1));
  EXPECT_TRUE(door->CountSubmission(ada).ok());
}

}  // namespace
}  // namespace ovi
