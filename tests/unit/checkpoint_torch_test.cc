// Checkpoints as torch.save writes them (tests/data/checkpoint/make_checkpoints.py). BASE there is 0..23 as [4, 6].
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/checkpoint/tensor_file.h"
#include "tests/unit/checkpoint_files.h"

namespace ovi {
namespace {

using testing::AllOf;
using testing::HasSubstr;

at::Tensor Base() { return at::arange(24, at::kFloat).reshape({4, 6}); }

at::Tensor ReadTensor(const std::string& fixture, const std::string& name) {
  const auto file = OpenTensorFile(Fixture(fixture));
  EXPECT_TRUE(file.ok()) << file.status();
  if (!file.ok()) return {};
  absl::StatusOr<at::Tensor> tensor = (*file)->Read(name);
  EXPECT_TRUE(tensor.ok()) << tensor.status();
  return tensor.ok() ? *std::move(tensor) : at::Tensor();
}

TEST(TorchFileTest, EveryTypeIsReadAsStored) {
  const std::map<std::string, at::ScalarType> types = {
      {"f32", at::kFloat},     {"f64", at::kDouble},       {"f16", at::kHalf},
      {"bf16", at::kBFloat16}, {"f8", at::kFloat8_e4m3fn}, {"i64", at::kLong},
      {"i32", at::kInt},       {"i16", at::kShort},        {"u8", at::kByte}};
  for (const auto& [name, type] : types) {
    const at::Tensor read = ReadTensor("dtypes.pt", name);
    ASSERT_TRUE(read.defined());
    EXPECT_EQ(read.scalar_type(), type) << name;
    EXPECT_TRUE(at::equal(read.to(at::kLong), at::arange(6).reshape({2, 3}))) << name;
  }
  EXPECT_TRUE(at::equal(ReadTensor("dtypes.pt", "bool"), at::arange(6).remainder(2).eq(0)));
  EXPECT_EQ(ReadTensor("dtypes.pt", "scalar").item<float>(), 7);
  EXPECT_EQ(ReadTensor("dtypes.pt", "empty").sizes(), at::IntArrayRef({0, 4}));
}

// Seen failing: with strides ignored, "transposed" and "step" differ; with the offset ignored, "slice" and "row".
TEST(TorchFileTest, ViewsIntoASharedStorageAreReadAsWhatTheyShow) {
  EXPECT_TRUE(at::equal(ReadTensor("layouts.pt", "whole"), Base()));
  EXPECT_TRUE(at::equal(ReadTensor("layouts.pt", "transposed"), Base().t()));
  EXPECT_TRUE(at::equal(ReadTensor("layouts.pt", "slice"), Base().slice(0, 1, 3).slice(1, 2, 5)));
  EXPECT_TRUE(at::equal(ReadTensor("layouts.pt", "row"), Base()[2]));
  EXPECT_TRUE(at::equal(ReadTensor("layouts.pt", "step"), Base().slice(1, 0, 6, 2)));
  EXPECT_TRUE(ReadTensor("layouts.pt", "transposed").is_contiguous());
}

TEST(TorchFileTest, ParametersAreTensors) { EXPECT_TRUE(at::equal(ReadTensor("parameters.pt", "weight"), Base())); }

TEST(TorchFileTest, ALaterPickleProtocolIsRead) {
  EXPECT_TRUE(at::equal(ReadTensor("protocol4.pt", "weight"), Base()));
}

class WrappedTest : public testing::TestWithParam<const char*> {};

TEST_P(WrappedTest, TheInnerDictionaryIsOpened) {
  const auto file = OpenTensorFile(Fixture(GetParam()));

  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->tensors().size(), 1u);  // what lies beside it (an optimizer) is left out
  EXPECT_TRUE(at::equal(ReadTensor(GetParam(), "weight"), Base()));
}

INSTANTIATE_TEST_SUITE_P(All, WrappedTest,
                         testing::Values("in_state_dict.pt", "in_generator.pt", "in_module.pt", "in_app_model.pt",
                                         "in_model.pt"));

struct BadCheckpoint {
  const char* file;
  const char* says;
};

void PrintTo(const BadCheckpoint& bad, std::ostream* out) { *out << bad.file; }

class BadTorchFileTest : public testing::TestWithParam<BadCheckpoint> {};

TEST_P(BadTorchFileTest, IsRefusedByNameAndReason) {
  const std::string path = Fixture(GetParam().file);
  ASSERT_TRUE(std::filesystem::exists(path));

  const absl::Status status = OpenTensorFile(path).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(path), HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(Hostile, BadTorchFileTest,
                         testing::Values(BadCheckpoint{"calls_os_system.pt", "wants to call posix.system"},
                                         BadCheckpoint{"calls_eval.pt", "wants to call __builtin__.eval"},
                                         BadCheckpoint{"calls_getattr.pt", "wants to call builtins.getattr"},
                                         BadCheckpoint{"calls_by_inst.pt", "wants to call os.system"},
                                         BadCheckpoint{"calls_load.pt", "wants to call torch.serialization.load"},
                                         BadCheckpoint{"endless_names.pt", "a name of 5000 bytes"},
                                         BadCheckpoint{"size_bomb.pt", "torch.Size of too many sides"},
                                         BadCheckpoint{"recursive.pt", "nested too deeply"},
                                         BadCheckpoint{"unfinished.pt", "ends early"}));

INSTANTIATE_TEST_SUITE_P(
    Damaged, BadTorchFileTest,
    testing::Values(BadCheckpoint{"view_offset.pt", "reaches beyond the 96 bytes"},
                    BadCheckpoint{"view_stride.pt", "reaches beyond the 96 bytes"},
                    BadCheckpoint{"view_overflow.pt", "reaches beyond the 96 bytes"},
                    BadCheckpoint{"view_negative.pt", "offset, shape or strides"},
                    BadCheckpoint{"storage_missing.pt", "storage 7 is not in the archive"},
                    BadCheckpoint{"expanded.pt", "larger than its storage"},
                    BadCheckpoint{"compressed.pt", "compressed or encrypted"},
                    BadCheckpoint{"big_endian.pt", "big-endian"},
                    BadCheckpoint{"leaves_archive.pt", "leaves the archive"},
                    BadCheckpoint{"truncated.pt", "the file is cut"}, BadCheckpoint{"overlapping.pt", "overlap"},
                    BadCheckpoint{"record_too_long.pt", "record archive/data/0 of 1000000 bytes lies beyond"},
                    BadCheckpoint{"legacy.pt", "save it again with torch.save"},
                    BadCheckpoint{"no_dictionary.pt", "no dictionary of tensors"}));

// The honest file that the damaged ones were made from: it is the damage that is refused.
TEST(TorchFileTest, TheUndamagedFileIsRead) { EXPECT_TRUE(at::equal(ReadTensor("good.pt", "weight"), Base())); }

}  // namespace
}  // namespace ovi
