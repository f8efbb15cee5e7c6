// The files that are written, as others read them: LibTorch's own reader of archives, Python's of ZIP files, and ours.
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/checkpoint/tensor_file.h"
#include "engine/synthesis/file_layout.h"
#include "engine/synthesis/random_values.h"
#include "engine/synthesis/write_files.h"
#include "tests/unit/checkpoint_files.h"

namespace ovi {
namespace {

using testing::HasSubstr;

// Of several chunks, of one, of one value, of a single number, of none.
const TensorShapes kShapes = {{"big.weight", {1500, 1501}}, {"blocks.0.weight", {3, 5}}, {"blocks.0.bias", {1}},
                              {"learnable_gain", {}},       {"none.weight", {0, 4}},     {"deep.weight", {2, 3, 1, 5}}};

std::string BytesOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class WrittenFileTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, at::ScalarType dtype, const std::string& wrapper = "", uint64_t seed = 1,
                    unsigned threads = 2) {
    const std::string path = folder_ / name;
    absl::StatusOr<FileLayout> layout = LayoutFor(path, kShapes, dtype, wrapper);
    EXPECT_TRUE(layout.ok()) << layout.status();
    if (!layout.ok()) return path;
    const uint64_t bytes = layout->bytes;
    const absl::Status written = WriteFiles({{path, *std::move(layout)}}, seed, threads);
    EXPECT_TRUE(written.ok()) << written;
    EXPECT_EQ(std::filesystem::file_size(path), bytes);
    return path;
  }

  TemporaryFolder folder_;
};

at::Tensor Expected(const std::string& name, at::ScalarType dtype) {
  at::Tensor tensor = at::zeros(kShapes.at(name), at::kFloat);
  RandomValues(1, name, RangeOf(name, tensor.sizes()))
      .Fill(0, std::span(tensor.mutable_data_ptr<float>(), static_cast<size_t>(tensor.numel())));
  return tensor.to(dtype);
}

void ExpectOurReaderFindsAll(const std::string& path, at::ScalarType dtype) {
  const auto file = OpenTensorFile(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->tensors().size(), kShapes.size());
  for (const auto& [name, shape] : kShapes) {
    const absl::StatusOr<at::Tensor> tensor = (*file)->Read(name);
    ASSERT_TRUE(tensor.ok()) << tensor.status();
    EXPECT_EQ(tensor->scalar_type(), dtype) << name;
    EXPECT_EQ(tensor->sizes(), at::IntArrayRef(shape)) << name;
    EXPECT_TRUE(at::equal(tensor->to(at::kFloat), Expected(name, dtype).to(at::kFloat))) << name;
  }
}

TEST_F(WrittenFileTest, OurReaderFindsEveryTensor) {
  ExpectOurReaderFindsAll(Write("a.safetensors", at::kBFloat16), at::kBFloat16);
  ExpectOurReaderFindsAll(Write("b.safetensors", at::kFloat8_e4m3fn), at::kFloat8_e4m3fn);
  ExpectOurReaderFindsAll(Write("c.pth", at::kBFloat16), at::kBFloat16);
  ExpectOurReaderFindsAll(Write("d.pt", at::kFloat, "generator"), at::kFloat);
}

// Seen failing: with the strides in the wrong order the archive is refused, as its tensors reach beyond their storage.
TEST_F(WrittenFileTest, LibTorchReadsTheArchiveAsADictionaryOfTensors) {
  const std::string bytes = BytesOf(Write("a.pt", at::kFloat, "generator"));

  const c10::IValue loaded = torch::jit::pickle_load(std::vector<char>(bytes.begin(), bytes.end()));

  const auto tensors = loaded.toGenericDict().at("generator").toGenericDict();
  EXPECT_EQ(tensors.size(), kShapes.size());
  for (const auto& [name, shape] : kShapes) {
    EXPECT_TRUE(at::equal(tensors.at(name).toTensor(), Expected(name, at::kFloat))) << name;
  }
}

// LibTorch does not look at checksums.
TEST_F(WrittenFileTest, PythonFindsNoDamageInTheZip) {
  const std::string path = Write("a.pth", at::kBFloat16);
  const std::string command = absl::StrFormat(
      "python3 -c 'import sys, zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)' %s", path);

  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST_F(WrittenFileTest, TheBytesDependOnTheSeedAndNotOnTheThreads) {
  const std::string one = BytesOf(Write("1.pth", at::kBFloat16, "", 1, 1));

  EXPECT_TRUE(BytesOf(Write("3.pth", at::kBFloat16, "", 1, 3)) == one);
  EXPECT_FALSE(BytesOf(Write("other.pth", at::kBFloat16, "", 2)) == one);
}

TEST_F(WrittenFileTest, AnArchiveOfFloatEightIsRefused) {
  EXPECT_THAT(std::string(LayoutFor("a.pth", kShapes, at::kFloat8_e4m3fn, "").status().message()),
              HasSubstr("a torch archive of Float8_e4m3fn is not written; name the file .safetensors"));
}

TEST_F(WrittenFileTest, AFileThatIsThereIsNotTouched) {
  const std::string path = folder_.Write("a.safetensors", "mine");
  absl::StatusOr<FileLayout> layout = LayoutFor(path, kShapes, at::kFloat, "");
  ASSERT_TRUE(layout.ok()) << layout.status();

  EXPECT_EQ(WriteFiles({{path, *std::move(layout)}}, 1, 1).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(BytesOf(path), "mine");
}

}  // namespace
}  // namespace ovi
