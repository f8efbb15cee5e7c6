#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "client/clip_options.h"
#include "client/connection.h"
#include "client/events.h"
#include "client/output_file.h"
#include "client/progress.h"

namespace ovi::client {
namespace {

// What Progress prints to something that is no terminal.
class PlainProgress {
 public:
  PlainProgress() : file_(std::tmpfile()), progress_(Terminal{}, file_, /*quiet=*/false) {}
  ~PlainProgress() { std::fclose(file_); }
  Progress& operator*() { return progress_; }
  std::string Text() {
    std::rewind(file_);
    std::string text;
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) text.push_back(static_cast<char>(c));
    return text;
  }

 private:
  std::FILE* file_;
  Progress progress_;
};

TEST(ProgressTest, WithoutATerminalALineEveryTenPercentAndNoEscapes) {
  PlainProgress progress;
  (*progress).Stage("diffusion");
  for (int step = 1; step <= 50; ++step) (*progress).Advance("steps", step, 50, absl::Seconds(50 - step));
  const std::string text = progress.Text();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 11);  // the stage and ten tenths
  EXPECT_NE(text.find("diffusion 5/50 steps, 45 s left\n"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST(ProgressTest, TheSamePlaceInTheQueueIsSaidOnce) {
  PlainProgress progress;
  (*progress).Queued(2, std::nullopt);
  (*progress).Queued(2, std::nullopt);
  (*progress).Queued(1, std::nullopt);
  EXPECT_EQ(progress.Text(), "queued, 2 jobs ahead\nqueued, 1 job ahead\n");
}

TEST(EventsTest, TheEndTellsTheMemoryPointByPoint) {
  PlainProgress progress;
  v1::JobEvent event;
  v1::Job& job = *event.mutable_outcome();
  v1::MemorySample& sample = *job.add_memory();
  sample.set_point(v1::MEMORY_POINT_DECODE_PEAK);
  sample.set_allocated_bytes(36'000'000'000);
  sample.set_reserved_bytes(37'000'000'000);
  sample.set_peak_bytes(38'500'000'000);
  sample.set_device_total_bytes(150'000'000'000);
  sample.set_device_free_bytes(100'000'000'000);
  job.set_predicted_peak_bytes(39'000'000'000);
  ShowEvent(event, *progress);
  EXPECT_EQ(
      progress.Text(),
      "memory decode peak    36.0 GB allocated, 37.0 GB held, peak 38.5 GB, device has 100.0 GB free of 150.0 GB\n"
      "memory predicted      peak 39.0 GB\n");
}

TEST(EventsTest, MemoryNamesWhatIsKnownAndNothingElse) {
  v1::MemorySample sample;
  sample.set_system_bytes(3000);
  EXPECT_EQ(MemoryText(sample), "0 B allocated, 0 B held, peak 0 B, 3 kB as the system sees it");
  sample.set_system_gtt_bytes(2000);
  sample.set_system_vram_bytes(1000);
  sample.set_budget_bytes(9'000'000);
  EXPECT_EQ(MemoryText(sample), "0 B allocated, 0 B held, peak 0 B, VRAM 1 kB and GTT 2 kB in use, budget 9.0 MB");
}

TEST(TerminalTest, NumbersAreForPeople) {
  EXPECT_EQ(HumanDuration(absl::Seconds(4)), "4 s");
  EXPECT_EQ(HumanDuration(absl::Seconds(125)), "2 min 05 s");
  EXPECT_EQ(HumanDuration(absl::Minutes(72)), "1 h 12 min");
  EXPECT_EQ(HumanBytes(812'000), "812 kB");
  EXPECT_EQ(HumanBytes(36'100'000'000), "36.1 GB");
}

ClipOptions WithPrompt(const std::string& prompt) {
  ClipOptions options;
  options.prompt = prompt;
  return options;
}

TEST(BuildJobTest, OnlyWhatWasGivenIsPresent) {
  ClipOptions options = WithPrompt("a ball");
  options.seed = 7;
  options.size = "128x160";
  const absl::StatusOr<v1::Job> job = BuildJob(options, "clip.wav");
  ASSERT_TRUE(job.ok()) << job.status();
  const v1::ClipRequest& request = job->request();
  EXPECT_EQ(request.seed(), 7u);
  EXPECT_EQ(request.height(), 128);
  EXPECT_EQ(request.width(), 160);
  EXPECT_EQ(request.output_format(), v1::OUTPUT_FORMAT_WAV);
  EXPECT_FALSE(request.has_steps());
  EXPECT_FALSE(request.has_first_frame());
}

struct BadOption {
  const char* name;
  ClipOptions options;
  const char* message;  // names the flag, the value and what it may be
};

TEST(BuildJobTest, ABadFlagIsNamedWithItsValue) {
  ClipOptions size = WithPrompt("p"), solver = size, image = size, label = size, fit = size;
  size.size = "big";
  solver.solver = "ddim";
  image.image = "/nowhere/first.png";
  label.labels = {"album"};
  fit.image_fit = "crop";
  const BadOption cases[] = {{"size", size, "--size is \"big\"; write HEIGHTxWIDTH"},
                             {"solver", solver, "--solver is \"ddim\"; it must be one of dpm++, euler, unipc"},
                             {"image", image, "--image /nowhere/first.png: cannot be opened"},
                             {"label", label, "--label is \"album\"; write KEY=VALUE"},
                             {"fit", fit, "--image-fit is given without --image"}};
  for (const BadOption& bad : cases) {
    const absl::StatusOr<v1::Job> job = BuildJob(bad.options, "");
    ASSERT_EQ(job.status().code(), absl::StatusCode::kInvalidArgument) << bad.name;
    EXPECT_NE(std::string(job.status().message()).find(bad.message), std::string::npos) << job.status();
  }
}

TEST(RequestIdTest, IsAVersion4Uuid) {
  const std::string id = NewRequestId();
  ASSERT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
  EXPECT_NE(id, NewRequestId());
}

class OutputFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = (std::filesystem::temp_directory_path() / "ovi-client-test.XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(OutputFileTest, AppearsOnlyWhenWhole) {
  const std::string path = folder_ / "clip.mp4";
  absl::StatusOr<OutputFile> file = OutputFile::Create(path);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Write("half").ok());
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(std::filesystem::file_size(path), 4u);
}

TEST_F(OutputFileTest, GivenUpLeavesNothing) {
  { ASSERT_TRUE(OutputFile::Create(folder_ / "clip.mp4")->Write("half").ok()); }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(OutputFileTest, AMissingFolderIsSaidBeforeTheWork) {
  const absl::StatusOr<OutputFile> file = OutputFile::Create(folder_ / "nowhere" / "clip.mp4");
  EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(file.status().message()).find("choose another --output"), std::string::npos);
}

TEST_F(OutputFileTest, AFullDiskIsAnError) {
  // /dev/full takes a write into the buffer and refuses it at the flush.
  std::filesystem::create_symlink("/dev/full", folder_ / "clip.mp4.part");
  absl::StatusOr<OutputFile> file = OutputFile::Create(folder_ / "clip.mp4");
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Write("half").ok());
  EXPECT_EQ(file->Commit().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace ovi::client
