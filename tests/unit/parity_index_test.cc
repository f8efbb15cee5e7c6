// The index of golden cases: a promise that the case's file must keep.
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/checkpoint/tensor_file.h"
#include "engine/parity/case_index.h"
#include "tests/unit/checkpoint_files.h"

namespace ovi {
namespace {

using testing::HasSubstr;

constexpr char kIndex[] = R"({"format": "ovi-goldens/1", "cases": [{"name": "c", "kind": "k", "file": "c.safetensors",
  "args": {"t": 3}, "tensors": {
    "input.a": {"role": "input", "dtype": "float32", "shape": [2]},
    "expected.f": {"role": "expected", "dtype": "float32", "shape": [2], "tolerance": {"max_abs": 0.5, "rel_rms": 0.25}},
    "expected.i": {"role": "expected", "dtype": "uint8", "shape": [2], "tolerance": {"max_abs": 2.0, "differing": 0.125}},
    "expected.e": {"role": "expected", "dtype": "int64", "shape": [2]}}}]})";

class CaseIndexTest : public testing::Test {
 protected:
  absl::StatusOr<std::vector<ParityCase>> Load(const std::string& index) {
    folder_.Write("index.json", index);
    return LoadCaseIndex(folder_ / "");
  }
  std::map<std::string, at::Tensor> Tensors() const {
    return {{"input.a", at::ones({2})},
            {"expected.f", at::ones({2})},
            {"expected.i", at::ones({2}, at::kByte)},
            {"expected.e", at::ones({2}, at::kLong)}};
  }
  TemporaryFolder folder_;
};

TEST_F(CaseIndexTest, EveryFormOfToleranceIsRead) {
  auto cases = Load(kIndex);
  ASSERT_TRUE(cases.ok()) << cases.status();
  ASSERT_EQ(cases->size(), 1u);
  ParityCase& parity_case = cases->front();
  ASSERT_TRUE(WriteSafetensors(folder_ / "c.safetensors", Tensors()).ok());
  ASSERT_TRUE(LoadCaseTensors(parity_case).ok());

  EXPECT_EQ(parity_case.args.at("t"), 3);
  EXPECT_EQ(parity_case.inputs.at("a").numel(), 2);
  const Tolerance f = parity_case.expected.at("f").tolerance, i = parity_case.expected.at("i").tolerance,
                  e = parity_case.expected.at("e").tolerance;
  EXPECT_EQ(std::tuple(f.max_abs, f.rel_rms, f.differing), std::tuple(0.5, 0.25, -1.0));
  EXPECT_EQ(std::tuple(i.max_abs, i.rel_rms, i.differing), std::tuple(2.0, -1.0, 0.125));
  EXPECT_EQ(std::tuple(e.max_abs, e.rel_rms, e.differing), std::tuple(0.0, -1.0, -1.0));
}

TEST_F(CaseIndexTest, AFileThatLacksWhatTheIndexPromisesIsRefused) {
  for (const char* const name : {"input.a", "expected.f"}) {
    auto cases = Load(kIndex);
    std::map<std::string, at::Tensor> tensors = Tensors();
    tensors.erase(name);
    ASSERT_TRUE(WriteSafetensors(folder_ / "c.safetensors", tensors).ok());

    EXPECT_THAT(std::string(LoadCaseTensors(cases->front()).message()), HasSubstr(name));
  }
}

TEST_F(CaseIndexTest, AnIndexOfAnotherKindIsRefused) {
  EXPECT_THAT(std::string(LoadCaseIndex(folder_ / "none").status().message()), HasSubstr("index.json"));
  for (const char* const text :
       {"", "[]", R"({"format": "ovi-goldens/2", "cases": []})", R"({"format": "ovi-goldens/1"})",
        R"({"format": "ovi-goldens/1", "cases": [{"kind": "k"}]})", R"({"format": "ovi-goldens/1", "cases": [3]})"}) {
    EXPECT_EQ(Load(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace ovi
