// The engine and its memory, with the demo bundle: the points it passes, the budget, and what happens when there is
// none left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/field_violations.h"
#include "engine/engine.h"
#include "engine/self_test.h"
#include "tests/unit/media_test_clip.h"

namespace ovi {
namespace {

using testing::HasSubstr;

constexpr char kDemo[] = OVI_SOURCE_DIR "/models/demo";

EngineOptions Options() {
  EngineOptions options;
  options.bundle = kDemo;
  return options;
}

ClipRequest Ask() {
  ClipRequest request;
  request.prompt = "A red ball.";
  request.seed = 7;
  request.steps = 1;
  return request;
}

class Samples : public GenerateObserver {
 public:
  void OnMemory(const MemorySample& sample) override { points.push_back(sample); }
  std::vector<MemorySample> points;
};

class EngineMemoryTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    // Every larger tensor is a mapping of its own, so that freeing it shows and not having room for it too.
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    engine_ = *LoadEngine(Options());
  }
  static void TearDownTestSuite() { engine_.reset(); }
  static inline std::unique_ptr<Engine> engine_;
  const TestFolder folder_;
};

// Within 40 %: on a CPU the figures are the whole heap's, with the libraries' own caches in it.
TEST_F(EngineMemoryTest, ThePredictionIsOfTheSizeOfTheMeasuredPeak) {
  const ClipSpec spec = *engine_->Resolve(Ask());
  Samples samples;
  ASSERT_TRUE(engine_->Generate(spec, folder_.Path("clip"), samples).ok());
  int64_t peak = 0;
  for (const MemorySample& sample : samples.points) {
    if (sample.point != MemoryPoint::kLoaded) peak = std::max(peak, sample.peak_bytes);
  }
  EXPECT_EQ(samples.points.size(), 6u);
#if !defined(__SANITIZE_ADDRESS__)
  EXPECT_GT(static_cast<double>(peak), 0.6 * static_cast<double>(spec.predicted_peak_bytes));
  EXPECT_LT(static_cast<double>(peak), 1.4 * static_cast<double>(spec.predicted_peak_bytes));
#endif
}

TEST_F(EngineMemoryTest, ABudgetRefusesAtSubmitAndIsInEveryReading) {
  EngineOptions options = Options();
  options.memory_budget_bytes = 30'000'000;  // the weights alone are more
  const std::unique_ptr<Engine> small = *LoadEngine(options);
  const absl::Status refused = small->Resolve(Ask()).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  EXPECT_EQ(ReasonOf(refused), "MEMORY_BUDGET_EXCEEDED");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("128x128 for 5.04 s needs 0."));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("the budget leaves 0.030: no size of checkpoint demo_5s fits"));
  EXPECT_EQ(small->Memory().budget_bytes, 30'000'000);
  EXPECT_EQ(small->Info().memory_budget_bytes, 30'000'000);
}

#if !defined(__SANITIZE_ADDRESS__)
int64_t AddressSpace() {
  std::ifstream statm("/proc/self/statm");
  int64_t pages = 0;
  statm >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

// While it lives this process can map no more memory than it has.
class NoMoreMemory {
 public:
  NoMoreMemory() {
    getrlimit(RLIMIT_AS, &before_);
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(AddressSpace());
    setrlimit(RLIMIT_AS, &now);
  }
  ~NoMoreMemory() { setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

// Takes the memory away when the clip comes to `stage`.
class Starve : public GenerateObserver {
 public:
  explicit Starve(Stage stage) : stage_(stage) {}
  void OnStage(Stage stage) override {
    if (stage == stage_) limit_ = std::make_unique<NoMoreMemory>();
  }

 private:
  const Stage stage_;
  std::unique_ptr<NoMoreMemory> limit_;
};

TEST_F(EngineMemoryTest, MemoryThatRunsOutFailsThatClipAloneAndIsGivenBack) {
  Samples nobody;
  const ClipSpec spec = *engine_->Resolve(Ask());
  ASSERT_TRUE(engine_->Generate(spec, folder_.Path("before"), nobody).ok());
  const int64_t held = engine_->Memory().allocated_bytes;
  {
    Starve starve(Stage::kDiffusion);
    const absl::Status status = engine_->Generate(*engine_->Resolve(Ask()), folder_.Path("starved"), starve).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("ask for a smaller or shorter clip"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.Path("starved")));
  EXPECT_TRUE(engine_->CheckDevice().ok());
  EXPECT_LT(engine_->Memory().allocated_bytes, held + (8 << 20));
  ASSERT_TRUE(engine_->Generate(spec, folder_.Path("after"), nobody).ok());
  EXPECT_TRUE(FileBytes(folder_.Path("before")) == FileBytes(folder_.Path("after")));
}
#endif

TEST(SelfTestTest, ADeviceThatIsNotThereIsTheOnlyLine) {
  EngineOptions options = Options();
  options.device = "cuda:99";
  const std::vector<SelfTestLine> lines = *RunSelfTest(options);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].name, "device");
  EXPECT_FALSE(lines[0].ok);
  EXPECT_THAT(lines[0].detail, HasSubstr("cuda:99"));
}

TEST(SelfTestTest, MakesAClipWithTheServedBundle) {
  const std::vector<SelfTestLine> lines = *RunSelfTest(Options());
  for (const SelfTestLine& line : lines) {
#if defined(__SANITIZE_ADDRESS__)
    // ASan's allocator has no counters: the ledger reads the resident memory then, which other pages move.
    if (line.name == "memory") continue;
#endif
    EXPECT_TRUE(line.ok) << line.name << ": " << line.detail;
  }
  EXPECT_EQ(lines.back().name, "clip");
  EXPECT_THAT(lines.back().detail, HasSubstr("128x128, 121 frames, 3 steps"));
}

}  // namespace
}  // namespace ovi
