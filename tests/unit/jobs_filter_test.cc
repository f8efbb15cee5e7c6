#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/jobs/job_filter.h"
#include "server/jobs/job_id.h"

namespace ovi {
namespace {

TEST(JobFilterTest, AnEmptyFilterHasNoClauses) { EXPECT_TRUE(ParseJobFilter("  ")->clauses.empty()); }

TEST(JobFilterTest, OrBindsTighterThanAnd) {
  const JobFilter filter = *ParseJobFilter("state = QUEUED OR state = RUNNING AND labels.a = b");
  ASSERT_EQ(filter.clauses.size(), 2u);
  EXPECT_EQ(filter.clauses[0].size(), 2u);
  EXPECT_EQ(filter.clauses[1].size(), 1u);
}

TEST(JobFilterTest, QuotedValuesMayHoldAnything) {
  EXPECT_EQ(ParseJobFilter(R"(labels.a = "x AND \"y\"")")->clauses[0][0].value, R"(x AND "y")");
  EXPECT_EQ(ParseJobFilter("labels.a = ''")->clauses[0][0].value, "");
}

TEST(JobFilterTest, WhatIsNotUnderstoodIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"state", "ends where = or !="},
      {"state =", "ends where a state"},
      {"state = DONE", "'DONE'"},
      {"prompt = x", "'prompt'"},
      {"labels.a = \"x", "not closed"},
      {"state = QUEUED state = RUNNING", "'state'"},
      {"(state = QUEUED", "ends where )"},
      {"labels.a : x", "'x'"},
      {"labels. = x", "'labels.'"},
      {"state = QUEUED AND", "ends where"},
      {"state < QUEUED", "'<'"},
      {"labels.a = )", "')'"},
      {"a\nb", "'a'"},
      {"größe = 3", "'größe'"},
  };
  for (const auto& [text, named] : cases) {
    const absl::Status status = ParseJobFilter(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(named)) << text;
  }
}

TEST(JobFilterTest, TellsInWhichStatesAJobCanMatch) {
  const auto states = [](std::string_view text) { return StatesOf(*ParseJobFilter(text)); };
  EXPECT_EQ(states("").size(), kJobStates.size());
  EXPECT_THAT(states("state = QUEUED OR state = RUNNING"), testing::ElementsAre(JobState::kQueued, JobState::kRunning));
  EXPECT_THAT(states("state != QUEUED AND state = FAILED"), testing::ElementsAre(JobState::kFailed));
  EXPECT_THAT(states("state = QUEUED AND state = FAILED"), testing::IsEmpty());
  EXPECT_EQ(states("labels.album = x OR state = QUEUED").size(), kJobStates.size()) << "a label may hold in any";
  EXPECT_THAT(states("labels.album = x AND state = QUEUED"), testing::ElementsAre(JobState::kQueued));
}

TEST(JobIdTest, ARandomIdIsParsedAndOthersAreNot) {
  const JobId id = JobId::Random();
  EXPECT_EQ(JobId::Parse(id.value()), id);
  EXPECT_NE(JobId::Random(), JobId::Random());
  for (const char* text : {"", "a", "../../../etc/pass", "2aaaaaaaaaaaaaaa", "AAAAAAAAAAAAAAAA", "aaaaaaaaaaaaaaa1"}) {
    EXPECT_FALSE(JobId::Parse(text).has_value()) << text;
  }
}

TEST(UuidTest, IsOfVersion4) {
  EXPECT_THAT(RandomUuid(),
              testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

}  // namespace
}  // namespace ovi
