#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "engine/request/resolve.h"

namespace ovi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

CheckpointInfo Checkpoint() {
  CheckpointInfo info;
  info.name = "720x720_5s";
  info.frames = 121;
  info.video_area = 518400;
  info.size_multiple = 32;
  info.num_layers = 30;
  info.default_height = 720;
  info.default_width = 1280;
  info.default_steps = 50;
  info.default_slg_layer = 11;
  info.default_shift = 5;
  info.default_video_guidance_scale = 4;
  info.default_audio_guidance_scale = 3;
  info.default_video_negative_prompt = "jitter";
  info.default_audio_negative_prompt = "echo";
  info.max_steps = 1000;
  info.max_side = 4096;
  info.max_prompt_bytes = 100;
  return info;
}

class ResolveRequestTest : public ::testing::Test {
 protected:
  absl::StatusOr<ClipSpec> Resolve() { return ResolveRequest(request, Checkpoint(), context); }

  // "field REASON" of every violation.
  std::vector<std::string> Reasons() {
    std::vector<std::string> reasons;
    for (const FieldViolation& violation : FieldViolationsOf(Resolve().status())) {
      reasons.push_back(violation.field + " " + violation.reason);
    }
    return reasons;
  }
  std::string Message() { return std::string(Resolve().status().message()); }

  void SetUp() override {
    request.prompt = "A dog barks";
    context.draw_seed = [] { return uint64_t{0xABCD00000007}; };
  }

  ClipRequest request;
  ResolveContext context;
};

TEST_F(ResolveRequestTest, FillsEveryDefault) {
  const absl::StatusOr<ClipSpec> spec = Resolve();
  ASSERT_TRUE(spec.ok()) << spec.status();
  ClipSpec expected;
  expected.checkpoint = "720x720_5s";
  expected.prompt = expected.effective_prompt = "A dog barks";
  expected.video_negative_prompt = "jitter";
  expected.audio_negative_prompt = "echo";
  expected.height = 544;
  expected.width = 960;
  expected.frames = 121;
  expected.seed = 7;
  expected.steps = 50;
  expected.shift = 5;
  expected.video_guidance_scale = 4;
  expected.audio_guidance_scale = 3;
  expected.slg_layer = 11;
  EXPECT_EQ(*spec, expected);
}

TEST_F(ResolveRequestTest, TakesWhatIsAsked) {
  request.seed = 0;
  request.steps = 1;
  request.solver = Solver::kEuler;
  request.shift = 0.5;
  request.slg_layer = 0;
  request.video_negative_prompt = "";
  request.height = 720;
  request.width = 720;
  request.output_format = OutputFormat::kWav;
  request.noise_source = NoiseSource::kDevice;
  const absl::StatusOr<ClipSpec> spec = Resolve();
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->seed, 0u);
  EXPECT_EQ(spec->steps, 1);
  EXPECT_EQ(spec->solver, Solver::kEuler);
  EXPECT_EQ(spec->shift, 0.5);
  EXPECT_EQ(spec->slg_layer, 0);
  EXPECT_EQ(spec->video_negative_prompt, "");
  EXPECT_EQ(spec->height, 704);
  EXPECT_EQ(spec->output_format, OutputFormat::kWav);
  EXPECT_EQ(spec->noise_source, NoiseSource::kDevice);
  EXPECT_THAT(spec->warnings, IsEmpty());
}

TEST_F(ResolveRequestTest, ListsEveryViolationAtOnce) {
  request.prompt = " \t\n";
  request.height = -1;
  request.width = 0;
  request.steps = 1001;
  request.shift = 0.0;
  request.video_guidance_scale = -1.0;
  request.audio_guidance_scale = std::numeric_limits<double>::quiet_NaN();
  request.slg_layer = 30;
  request.video_negative_prompt = "\xFF";
  request.audio_negative_prompt = std::string(101, 'x');
  request.preview_interval_steps = -1;
  EXPECT_EQ(Resolve().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Reasons(),
              UnorderedElementsAre("prompt EMPTY_PROMPT", "height SIZE_OUT_OF_RANGE", "width SIZE_OUT_OF_RANGE",
                                   "steps STEPS_OUT_OF_RANGE", "shift SHIFT_OUT_OF_RANGE",
                                   "video_guidance_scale GUIDANCE_OUT_OF_RANGE", "audio_guidance_scale NOT_FINITE",
                                   "slg_layer SLG_LAYER_OUT_OF_RANGE", "video_negative_prompt INVALID_UTF8",
                                   "audio_negative_prompt PROMPT_TOO_LONG",
                                   "preview_interval_steps PREVIEW_INTERVAL_OUT_OF_RANGE"));
}

TEST_F(ResolveRequestTest, EveryDescriptionNamesFieldValueAndRemedy) {
  request.steps = 1001;
  EXPECT_EQ(Message(), "steps is 1001; ask for 1 to 1000");
  request.steps = 4;
  request.shift = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Message(), "shift is inf; ask for a number from 0.01 to 100");
}

TEST_F(ResolveRequestTest, NumbersBeyondAnIntAreNotCutToOne) {
  request.steps = (int64_t{1} << 32) + 5;
  request.slg_layer = (int64_t{1} << 32) + 5;
  EXPECT_THAT(Reasons(), ElementsAre("steps STEPS_OUT_OF_RANGE", "slg_layer SLG_LAYER_OUT_OF_RANGE"));
}

TEST_F(ResolveRequestTest, HeightAndWidthComeTogether) {
  request.height = 720;
  EXPECT_THAT(Reasons(), ElementsAre("width SIZE_INCOMPLETE"));
  EXPECT_EQ(Message(), "width is missing while height is 720; give both or neither");
}

TEST_F(ResolveRequestTest, RefusesASideAboveTheLimit) {
  request.height = 4097;
  request.width = 4096;
  EXPECT_THAT(Reasons(), ElementsAre("height SIZE_OUT_OF_RANGE"));
}

// 2:4096 keeps within the limit as asked, but not once scaled to the area. What is offered instead must be accepted.
TEST_F(ResolveRequestTest, OffersTheNearestSizeForATooSlenderOne) {
  request.height = 2;
  request.width = 4096;
  EXPECT_THAT(Reasons(), ElementsAre("width SIZE_OUT_OF_RANGE"));
  EXPECT_THAT(Message(), HasSubstr("are scaled to 32x32576 for this checkpoint"));
  EXPECT_THAT(Message(), HasSubstr("use height 128 and width 4064"));
  request.height = 128;
  request.width = 4064;
  const absl::StatusOr<ClipSpec> spec = Resolve();
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->height, 128);
  EXPECT_EQ(spec->width, 4064);
}

TEST_F(ResolveRequestTest, AFirstFrameDecidesTheSize) {
  request.first_frame = "png bytes";
  request.height = 1;  // alone and odd: ignored, with a warning
  context.picture = PixelSize{768, 1024};
  const absl::StatusOr<ClipSpec> spec = Resolve();
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->height, 608);
  EXPECT_EQ(spec->width, 832);
  EXPECT_EQ(spec->first_frame, "png bytes");
  EXPECT_THAT(spec->warnings, ElementsAre(HasSubstr("height and width are ignored")));
}

TEST_F(ResolveRequestTest, AnEmptyFirstFrameIsNotTextToVideo) {
  request.first_frame = "";
  EXPECT_THAT(Reasons(), ElementsAre("first_frame EMPTY_IMAGE"));
}

TEST_F(ResolveRequestTest, RefusesAPictureTooSlender) {
  request.first_frame = "png bytes";
  context.picture = PixelSize{16, 8192};
  EXPECT_THAT(Reasons(), ElementsAre("first_frame SIZE_OUT_OF_RANGE"));
}

TEST_F(ResolveRequestTest, ReportsWhatTheCallerFoundWithTheRest) {
  request.first_frame = "GIF89a";
  request.steps = 0;
  context.found.Add("first_frame", "IMAGE_TYPE", "first_frame is a GIF; send PNG, JPEG or WebP");
  EXPECT_THAT(Reasons(), ElementsAre("first_frame IMAGE_TYPE", "steps STEPS_OUT_OF_RANGE"));
}

TEST_F(ResolveRequestTest, WarnsOfASeedWhoseHighBitsDoNothing) {
  request.seed = (uint64_t{1} << 32) + 5;
  EXPECT_THAT(Resolve()->warnings, ElementsAre(HasSubstr("gives the same noise as 5")));
  request.noise_source = NoiseSource::kDevice;
  EXPECT_THAT(Resolve()->warnings, IsEmpty());
}

TEST_F(ResolveRequestTest, BlankInAnyScriptIsEmpty) {
  for (const char* blank : {"", " ", "\u00A0", "\u3000\u2009", "\r\n"}) {
    request.prompt = blank;
    EXPECT_THAT(Reasons(), ElementsAre("prompt EMPTY_PROMPT"));
  }
  request.prompt = "\u3000犬";
  EXPECT_TRUE(Resolve().ok());
}

// Overlong forms, surrogates, beyond U+10FFFF, cut short, a continuation without a start.
TEST_F(ResolveRequestTest, RefusesTextThatIsNotUtf8) {
  for (const char* bytes : {"\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80",
                            "a\xE2\x82", "\x80", "\xC3("}) {
    request.prompt = bytes;
    EXPECT_THAT(Reasons(), ElementsAre("prompt INVALID_UTF8")) << testing::PrintToString(std::string(bytes));
  }
  request.prompt = "\U0010FFFF \u0800 \u0080 \U00010000";
  EXPECT_TRUE(Resolve().ok());
}

}  // namespace
}  // namespace ovi
