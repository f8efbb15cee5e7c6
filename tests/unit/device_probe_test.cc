#include "engine/device/device_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/device/memory_view.h"

namespace ovi {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr int64_t kMiB = int64_t{1} << 20;
constexpr int64_t kGiB = int64_t{1} << 30;

std::vector<std::string> NamesOf(const std::vector<SelfTestLine>& lines) {
  std::vector<std::string> names;
  for (const SelfTestLine& line : lines) names.push_back(line.name);
  return names;
}

TEST(DeviceProbeTest, TheCpuPassesEveryLine) {
  const std::vector<SelfTestLine> lines = ProbeDevice(c10::Device(c10::kCPU));
  EXPECT_THAT(NamesOf(lines), ElementsAre("runtime", "matmul", "attention", "convolution", "memory"));
  for (const SelfTestLine& line : lines) {
    EXPECT_TRUE(line.ok) << line.name << ": " << line.detail;
    EXPECT_GT(line.seconds, 0);
  }
  EXPECT_EQ(lines[2].detail, "native; checked against math");
}

TEST(DeviceProbeTest, ALineThatFailsSaysWhyAndTheNextIsAsked) {
  const ProbeOptions options = {.dtype = at::kFloat, .attention = "flash", .convolution = "vendor"};
  const std::vector<SelfTestLine> lines = ProbeDevice(c10::Device(c10::kCPU), options);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_FALSE(lines[2].ok);
  EXPECT_THAT(lines[2].detail, HasSubstr("attention is \"flash\", which cannot serve on cpu"));
  EXPECT_FALSE(lines[3].ok);
  EXPECT_THAT(lines[3].detail, HasSubstr("convolution is \"vendor\""));
  EXPECT_TRUE(lines[4].ok);
}

// The figures of one Strix Halo: free above total, and a driver that sees nothing of what the runtime allocates.
TEST(MemoryViewTest, DisagreementsAreSaidButOnlyTheAllocatorMustBeRight) {
  const MemoryView strix_halo = {.asked = 256 * kMiB,
                                 .allocator_grew = 256 * kMiB,
                                 .system_grew = 0,
                                 .system_used = kGiB / 4,
                                 .runtime_free = 120 * kGiB,
                                 .runtime_total = 62 * kGiB};
  EXPECT_EQ(
      *JudgeMemory(strix_halo),
      "allocator counts 256 MiB of 256; system counts 0 MiB of them, 0.25 GiB in all (blind to this process: go by "
      "the allocator); runtime says 120.00 GiB free of 62.00 (more than there is: set the budget by hand)");
  MemoryView wrong = strix_halo;
  wrong.allocator_grew = 0;
  EXPECT_THAT(std::string(JudgeMemory(wrong).status().message()), EndsWith("the budget cannot be trusted here"));
}

TEST(MemoryViewTest, ACardThatAgreesIsQuiet) {
  const MemoryView card = {
      .asked = 256 * kMiB, .allocator_grew = 256 * kMiB, .runtime_free = 138 * kGiB, .runtime_total = 140 * kGiB};
  EXPECT_EQ(*JudgeMemory(card), "allocator counts 256 MiB of 256; runtime says 138.00 GiB free of 140.00");
}

}  // namespace
}  // namespace ovi
