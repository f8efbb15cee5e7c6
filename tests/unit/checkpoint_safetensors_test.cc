// The safetensors reader and writer: what is written comes back, and what does not fit is named.
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/checkpoint/tensor_file.h"
#include "tests/unit/checkpoint_files.h"

namespace ovi {
namespace {

using testing::AllOf;
using testing::HasSubstr;

at::Tensor Numbers(at::ScalarType type) { return at::arange(6).reshape({2, 3}).to(type); }

TEST(SafetensorsTest, EveryTypeComesBackAsWritten) {
  const TemporaryFolder folder;
  std::map<std::string, at::Tensor> written;
  for (const at::ScalarType type : {at::kFloat, at::kDouble, at::kHalf, at::kBFloat16, at::kFloat8_e4m3fn, at::kLong,
                                    at::kInt, at::kShort, at::kChar, at::kByte, at::kBool}) {
    written[c10::toString(type)] = Numbers(type);
  }
  written["empty"] = at::zeros({0, 5});
  written["scalar"] = at::zeros({}).add(7);
  written["transposed"] = Numbers(at::kFloat).t();
  ASSERT_TRUE(WriteSafetensors(folder / "x.safetensors", written).ok());

  const auto file = OpenTensorFile(folder / "x.safetensors");

  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->tensors().size(), written.size());
  for (const auto& [name, expected] : written) {
    const absl::StatusOr<at::Tensor> read = (*file)->Read(name);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->scalar_type(), expected.scalar_type()) << name;
    EXPECT_TRUE(read->is_contiguous());
    EXPECT_EQ(read->sizes(), expected.sizes()) << name;
    EXPECT_TRUE(at::equal(read->to(at::kDouble), expected.to(at::kDouble))) << name;
  }
}

TEST(SafetensorsTest, ANameThatIsNotThereIsNotFound) {
  const TemporaryFolder folder;
  ASSERT_TRUE(WriteSafetensors(folder / "x.safetensors", {{"a", Numbers(at::kFloat)}}).ok());

  const absl::Status status = (*OpenTensorFile(folder / "x.safetensors"))->Read("b").status();

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("x.safetensors"), HasSubstr("b")));
}

TEST(SafetensorsTest, AFileThatShrankAfterItWasOpenedIsDataLoss) {
  const TemporaryFolder folder;
  const std::string path = folder / "x.safetensors";
  ASSERT_TRUE(WriteSafetensors(path, {{"a", Numbers(at::kFloat)}}).ok());
  const auto file = OpenTensorFile(path);
  std::filesystem::resize_file(path, 90);

  EXPECT_EQ((*file)->Read("a").status().code(), absl::StatusCode::kDataLoss);
}

TEST(SafetensorsTest, WritingWhereNothingCanBeWrittenFails) {
  EXPECT_FALSE(WriteSafetensors("/nonexistent/x.safetensors", {{"a", Numbers(at::kFloat)}}).ok());
}

struct BadFile {
  const char* name;
  std::string bytes;
  const char* says;
};

void PrintTo(const BadFile& bad, std::ostream* out) { *out << bad.name; }

class BadSafetensorsTest : public testing::TestWithParam<BadFile> {};

TEST_P(BadSafetensorsTest, IsRefusedByNameAndReason) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("bad.safetensors", GetParam().bytes);

  const absl::Status status = OpenTensorFile(path).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(path), HasSubstr(GetParam().says)));
}

// {"a": dtype, shape and data_offsets as given}, with `data_bytes` of data behind it.
std::string One(const char* dtype, const char* shape, const char* offsets, size_t data_bytes) {
  return SafetensorsBytes(
      absl::StrFormat(R"({"a":{"dtype":"%s","shape":%s,"data_offsets":%s}})", dtype, shape, offsets), data_bytes);
}

std::string Two(const char* first, const char* second, size_t data_bytes) {
  return SafetensorsBytes(absl::StrFormat(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":%s},)"
                                          R"("b":{"dtype":"U8","shape":[4],"data_offsets":%s}})",
                                          first, second),
                          data_bytes);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSafetensorsTest,
    testing::Values(
        BadFile{"nearly empty", "abc", "has 3 bytes"}, BadFile{"some text", "hello, world, this is text", "neither"},
        BadFile{"header beyond the file", SafetensorsBytes("{}", 8, 1 << 20), "claims 1048576 bytes"},
        BadFile{"header of 2^64 - 1", SafetensorsBytes("{}", 8, UINT64_MAX), "claims 18446744073709551615"},
        BadFile{"no JSON", SafetensorsBytes("{\"a\": nonsense}", 8), "not valid JSON"},
        BadFile{"number out of range", SafetensorsBytes("{\"a\": 1e999}", 8), "not valid JSON"},
        BadFile{"a key twice", SafetensorsBytes(R"({"__metadata__":{},"__metadata__":{}})", 0), "twice"},
        BadFile{"no entry", SafetensorsBytes(R"({"a":[1,2]})", 0), "lacks dtype"},
        BadFile{"unknown dtype", One("F99", "[1]", "[0,4]", 4), "dtype is F99"},
        BadFile{"negative side", One("F32", "[-1]", "[0,4]", 4), "non-negative"},
        BadFile{"fractional side", One("F32", "[1.5]", "[0,4]", 4), "non-negative"},
        BadFile{"shape that overflows", One("F32", "[65536,65536,65536,65536]", "[0,4]", 4), "need other than"},
        BadFile{"empty, but its strides overflow", One("F32", "[0,281474976710656,281474976710656]", "[0,0]", 0),
                "need other than"},
        BadFile{"side beyond 2^48", One("F32", "[18446744073709551615]", "[0,4]", 4), "which no tensor has"},
        BadFile{"dtype and bytes disagree", One("BF16", "[2]", "[0,8]", 8), "need other than"},
        BadFile{"offsets swapped", One("F32", "[1]", "[4,0]", 4), "outside the 4 bytes"},
        BadFile{"truncated", One("F32", "[2]", "[0,8]", 5), "the file is cut"},
        BadFile{"overlapping", Two("[0,4]", "[2,6]", 6), "overlap"},
        BadFile{"a hole", Two("[0,4]", "[6,10]", 10), "gap"},
        BadFile{"bytes of nobody", Two("[0,4]", "[4,8]", 10), "belong to no tensor"}));

TEST(TensorFileTest, AMissingFileIsNotFoundByName) {
  const absl::Status status = OpenTensorFile("/nonexistent/model.safetensors").status();

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nonexistent/model.safetensors"));
}

TEST(TensorFileTest, AFolderIsNoTensorFile) {
  const TemporaryFolder folder;

  EXPECT_EQ(OpenTensorFile(folder / "").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ovi
