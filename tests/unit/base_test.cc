#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/field_violations.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

TEST(FieldViolationsTest, TravelInsideTheStatus) {
  FieldViolations violations;
  violations.Add("steps", "OUT_OF_RANGE", "steps is 0; ask for 1 to 1000");
  violations.Add("height", "OUT_OF_RANGE", "height is -3; ask for 32 to 4096");
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::vector<FieldViolation> back = FieldViolationsOf(status);
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0], (FieldViolation{"steps", "OUT_OF_RANGE", "steps is 0; ask for 1 to 1000"}));
  EXPECT_EQ(back[1].field, "height");
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
}

TEST(FieldViolationsTest, NoneIsOk) { EXPECT_TRUE(FieldViolations().ToStatus().ok()); }

TEST(FieldViolationsTest, SeparatorsInAValueCannotForgeARecord) {
  FieldViolations violations;
  violations.Add("prompt", "BAD",
                 "a\x1e\x1f"
                 "b");
  EXPECT_EQ(FieldViolationsOf(violations.ToStatus()).size(), 1u);
}

TEST(FakeClockTest, StandsStillUntilAdvanced) {
  FakeClock clock;
  const absl::Time start = clock.Now();
  clock.Advance(absl::Hours(2));
  EXPECT_EQ(clock.Now() - start, absl::Hours(2));
  EXPECT_EQ(clock.Elapsed(), absl::Hours(2));
}

absl::StatusOr<int> Half(int number) {
  if (number % 2 != 0) return absl::InvalidArgumentError("odd");
  return number / 2;
}
absl::StatusOr<int> Quarter(int number) {
  OVI_ASSIGN_OR_RETURN(const int half, Half(number));
  return Half(half);
}

TEST(StatusMacrosTest, ReturnTheFirstError) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
}

}  // namespace
}  // namespace ovi
