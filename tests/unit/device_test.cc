#include "engine/device/device.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "engine/device/system_memory.h"

namespace ovi {
namespace {

using ::testing::HasSubstr;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(ParseDeviceTest, CpuIsAlwaysThere) {
  ASSERT_TRUE(ParseDevice("cpu").ok());
  EXPECT_TRUE(ParseDevice("cpu")->is_cpu());
  EXPECT_EQ(DescribeDevice(*ParseDevice("cpu")), "cpu");
}

TEST(ParseDeviceTest, RefusesWithWhatIsOffered) {
  for (const char* name : {"cuda:77", "cuda:", "cuda:-1", "cuda:1x", "CPU", "cpu:0", "gpu", ""}) {
    const absl::Status status = ParseDevice(name).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_THAT(Message(status),
                HasSubstr(std::string("device is \"") + name + "\"; this build and machine offer: cpu"));
  }
}

TEST(ParseDtypeTest, KnowsTheTwoThatModelsRunIn) {
  EXPECT_EQ(*ParseDtype("float32"), at::kFloat);
  EXPECT_EQ(*ParseDtype("bfloat16"), at::kBFloat16);
  EXPECT_EQ(DtypeName(at::kBFloat16), "bfloat16");
  EXPECT_EQ(DtypeName(at::kFloat), "float32");
  EXPECT_EQ(Message(ParseDtype("fp16").status()), "dtype is \"fp16\"; use float32 or bfloat16");
}

TEST(SetThreadsTest, TakesANumberOrEveryCore) {
  EXPECT_EQ(*SetThreads(1), 1);
  EXPECT_EQ(at::get_num_threads(), 1);
  EXPECT_GE(*SetThreads(0), 1);
  EXPECT_EQ(SetThreads(-1).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(SetThreads(5000).status()), HasSubstr("threads is 5000"));
}

TEST(SynchronizeTest, CpuHasNothingToWaitFor) { Synchronize(c10::Device(c10::kCPU)); }

TEST(LibTorchVersionTest, HasThreeNumbers) {
  EXPECT_THAT(LibTorchVersion(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

class AmdGpuTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_ / "card0" / "device"); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void Write(const char* name, const char* text) { std::ofstream(folder_ / "card0" / "device" / name) << text; }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(AmdGpuTest, AddsVramAndGtt) {
  std::filesystem::create_directories(folder_ / "card0-DP-1");
  Write("mem_info_vram_used", "1000\n");
  Write("mem_info_gtt_used", "70000000000\n");
  EXPECT_EQ(ReadAmdGpuMemory(folder_).vram, 1000);
  EXPECT_EQ(ReadAmdGpuMemory(folder_).gtt, 70000000000);
}

TEST_F(AmdGpuTest, CountsNothingWhereThereIsNoSuchCard) {
  for (const std::string& folder : {folder_.string(), (folder_ / "absent").string()}) {
    EXPECT_EQ(ReadAmdGpuMemory(folder).vram, 0);
    EXPECT_EQ(ReadAmdGpuMemory(folder).gtt, 0);
  }
}

}  // namespace
}  // namespace ovi
