// What the parity frame calls a match, and that everything else is a failure.
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/checkpoint/tensor_file.h"
#include "engine/parity/compare.h"
#include "engine/parity/run_case.h"
#include "tests/unit/checkpoint_files.h"

namespace ovi {
namespace {

using testing::AllOf;
using testing::HasSubstr;

ParityCase CaseOf(const at::Tensor& expected, const Tolerance& tolerance) {
  ParityCase parity_case;
  parity_case.name = "case";
  parity_case.kind = "kind";
  parity_case.expected["x"] = {expected, tolerance};
  return parity_case;
}

CaseReport CompareOne(const at::Tensor& computed, const at::Tensor& expected, const Tolerance& tolerance,
                      at::ScalarType dtype = at::kFloat) {
  return Compare(CaseOf(expected, tolerance), {.tensors = {{"x", computed}}}, dtype);
}

constexpr Tolerance kFloatTolerance = {.max_abs = 0.1, .rel_rms = 0.05};

TEST(CompareTest, BothFloatLimitsMustHold) {
  // One of 100 elements off by d: max_abs d, rel_rms d / 10.
  const auto off_by = [](double d) {
    at::Tensor x = at::ones({100});
    x[3].add_(d);
    return CompareOne(x, at::ones({100}), kFloatTolerance);
  };
  EXPECT_TRUE(off_by(0.09).ok);
  EXPECT_FALSE(off_by(0.11).ok);
  EXPECT_FALSE(CompareOne(at::full({100}, 1.06), at::ones({100}), kFloatTolerance).ok);  // 0.06 each: rms alone
  EXPECT_NEAR(off_by(0.05).tensors[0].used, 0.5, 1e-6);
}

TEST(CompareTest, IntegersAreExactWithoutALimit) {
  EXPECT_TRUE(CompareOne(at::arange(5), at::arange(5), {}).ok);
  EXPECT_FALSE(CompareOne(at::arange(5).add(1), at::arange(5), {}).ok);
}

TEST(CompareTest, FramesMayDifferALittleInFewPlaces) {
  const Tolerance frames = {.max_abs = 2, .rel_rms = -1, .differing = 0.02};
  at::Tensor expected = at::zeros({100}, at::kByte), few = expected.clone(), many = expected.clone(),
             far = expected.clone();
  few.slice(0, 0, 2).fill_(2);
  many.slice(0, 0, 3).fill_(1);
  far[0].fill_(3);

  EXPECT_TRUE(CompareOne(few, expected, frames).ok);
  EXPECT_FALSE(CompareOne(many, expected, frames).ok);
  EXPECT_FALSE(CompareOne(far, expected, frames).ok);
}

TEST(CompareTest, WhatIsNotFiniteFailsOnEitherSide) {
  for (const double bad : {static_cast<double>(NAN), static_cast<double>(INFINITY)}) {
    EXPECT_FALSE(CompareOne(at::full({2}, bad), at::ones({2}), {.max_abs = 1e9}).ok);
    EXPECT_FALSE(CompareOne(at::ones({2}), at::full({2}, bad), {.max_abs = 1e9}).ok);
    EXPECT_FALSE(CompareOne(at::full({2}, bad), at::full({2}, bad), {.max_abs = 1e9}).ok);
  }
}

TEST(CompareTest, AnotherShapeFailsEvenIfItWouldBroadcast) {
  const CaseReport report = CompareOne(at::ones({1, 2}), at::ones({2}), kFloatTolerance);

  EXPECT_FALSE(report.ok);
  EXPECT_THAT(FormatReport(report), AllOf(HasSubstr("shape [1, 2], expected [2]"), HasSubstr("FAIL")));
}

TEST(CompareTest, ATensorThatWasNotComputedFails) {
  EXPECT_FALSE(Compare(CaseOf(at::ones({2}), kFloatTolerance), {}, at::kFloat).ok);
  EXPECT_FALSE(CompareOne(at::Tensor(), at::ones({2}), kFloatTolerance).ok);
}

TEST(CompareTest, NothingComparedIsAFailure) { EXPECT_FALSE(Compare(ParityCase(), {}, at::kFloat).ok); }

TEST(CompareTest, OneWrongRowFailsTheTable) {
  CaseOutcome outcome;
  outcome.rows = 10;
  EXPECT_TRUE(Compare(ParityCase(), outcome, at::kFloat).ok);
  outcome.wrong_rows = 1;
  outcome.first_wrong_row = "row 3: 5, expected 6";

  const CaseReport report = Compare(ParityCase(), outcome, at::kFloat);

  EXPECT_FALSE(report.ok);
  EXPECT_THAT(FormatReport(report), HasSubstr("1 of 10 rows differ; the first: row 3: 5, expected 6"));
}

TEST(CompareTest, TheLineShowsTheTensorNearestItsTolerance) {
  ParityCase parity_case = CaseOf(at::ones({2}), {.max_abs = 1});
  parity_case.expected["near"] = {at::ones({2}), {.max_abs = 0.1}};
  const CaseOutcome outcome = {.tensors = {{"x", at::full({2}, 1.5)}, {"near", at::full({2}, 1.09)}}};

  EXPECT_EQ(Tightest(Compare(parity_case, outcome, at::kFloat))->name, "near");
}

TEST(CompareTest, Bfloat16IsHeldToMoreThanItsRoundingAndLessThanNonsense) {
  // A golden tolerance of a deep network: ten times an error of 1e-6.
  const Tolerance golden = {.max_abs = 1e-4, .rel_rms = 1e-5};
  const at::Tensor expected = at::arange(1, 101, at::kFloat).div(7);

  EXPECT_TRUE(CompareOne(expected.to(at::kBFloat16), expected, golden, at::kBFloat16).ok);
  EXPECT_FALSE(CompareOne(expected.to(at::kBFloat16), expected, golden, at::kFloat).ok);
  EXPECT_FALSE(CompareOne(expected.flip(0), expected, golden, at::kBFloat16).ok);
}

TEST(RunCaseTest, AnUnknownKindARunnersErrorAndAnExceptionAreFailures) {
  const ParityCase parity_case = CaseOf(at::ones({2}), kFloatTolerance);
  const CaseRunner broken = [](const ParityContext&, const ParityCase&) -> absl::StatusOr<CaseOutcome> {
    return absl::InternalError("it broke");
  };
  const CaseRunner throwing = [](const ParityContext&, const ParityCase& given) -> absl::StatusOr<CaseOutcome> {
    return CaseOutcome{.tensors = {{"x", at::ones({2}).add(at::ones({3}))}, {"y", given.inputs.at("none")}}};
  };

  EXPECT_THAT(RunCase(parity_case, {}, {}).report.problem, HasSubstr("\"kind\""));
  EXPECT_THAT(RunCase(parity_case, {}, broken).report.problem, HasSubstr("it broke"));
  EXPECT_FALSE(RunCase(parity_case, {}, throwing).report.ok);
}

TEST(RunCaseTest, ADumpHoldsTheTensorsByTheirGoldenNames) {
  const TemporaryFolder folder;
  ASSERT_TRUE(DumpOutcome({.tensors = {{"frames", at::ones({2})}}}, folder / "case.safetensors").ok());

  EXPECT_EQ((*OpenTensorFile(folder / "case.safetensors"))->tensors().count("expected.frames"), 1u);
}

}  // namespace
}  // namespace ovi
