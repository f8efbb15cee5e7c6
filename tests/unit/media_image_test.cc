// First-frame pictures: what is read, how exactly, and what is refused with which words.
// tests/data/media/make_images.py made the files; every readable one shows the same picture.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/media/image.h"

namespace ovi {
namespace {

using ::testing::HasSubstr;

std::string ReadData(const std::string& name) {
  std::ifstream file(std::filesystem::path(OVI_SOURCE_DIR) / "tests/data/media" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

constexpr int64_t kWidth = 24, kHeight = 20;

std::vector<uint8_t> Picture(bool grey) {
  std::vector<uint8_t> pixels;
  for (int64_t y = 0; y < kHeight; ++y) {
    for (int64_t x = 0; x < kWidth; ++x) {
      const int64_t level = 8 * (6 * (y / 4) + x / 4);
      for (const int64_t value : {40 * (x / 4), 50 * (y / 4), 255 - level}) {
        pixels.push_back(static_cast<uint8_t>(grey ? level : value));
      }
    }
  }
  return pixels;
}

struct Readable {
  const char* file;
  bool grey = false;
  int tolerance = 0;
};

// JPEG at quality 100 quantises each of three DCT coefficients planes by 1: half a step each, and the colour matrix's
// largest gain is 1.772 on one plane plus 1 on luma. 0.5 * (1 + 1.772) and rounding to 8 bits: 2.
constexpr int kJpegError = 2;

// Seen failing: with alpha blended on black rgba.png was off by 189; with eXIf not looked for exif6.png came out 20x24;
// with Adobe's inversion left out cmyk.jpg was off by 255; with orientation 6 read as 8 exif6.png was off by 200.
TEST(DecodeImageTest, EveryKindOfFileShowsTheSamePicture) {
  const Readable files[] = {{"rgb.png"},
                            {"rgba.png"},
                            {"grey.png", true},
                            {"grey_alpha.png", true},
                            {"palette.png"},
                            {"rgb16.png"},
                            {"grey16.png", true},
                            {"exif6.png"},
                            {"grey.jpg", true, kJpegError},
                            {"progressive.jpg", false, kJpegError},
                            {"cmyk.jpg", false, kJpegError},
                            {"lossless.webp"},
                            {"alpha.webp"},
                            {"exif8.webp"}};
  for (const Readable& file : files) {
    SCOPED_TRACE(file.file);
    const absl::StatusOr<RgbImage> image = DecodeImage(ReadData(file.file));
    ASSERT_TRUE(image.ok()) << image.status();
    ASSERT_EQ(image->width, kWidth);
    ASSERT_EQ(image->height, kHeight);
    const std::vector<uint8_t> expected = Picture(file.grey);
    ASSERT_EQ(image->pixels.size(), expected.size());
    int worst = 0;
    for (size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::abs(image->pixels[i] - expected[i]));
    EXPECT_LE(worst, file.tolerance);
  }
}

TEST(DecodeImageTest, LossyWebpIsRead) {
  const absl::StatusOr<RgbImage> image = DecodeImage(ReadData("lossy.webp"));
  ASSERT_TRUE(image.ok()) << image.status();
  // One flat grey: 8-bit limited-range YUV cannot be further off than a step of luma, 255 / 219.
  for (const uint8_t value : image->pixels) ASSERT_NEAR(value, 128, 2);
}

TEST(DecodeImageTest, EveryExifOrientationComesOutUpright) {
  const std::vector<uint8_t> expected = Picture(/*grey=*/false);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    SCOPED_TRACE(orientation);
    const std::string bytes = ReadData(absl::StrFormat("orientation%d.jpg", orientation));
    const absl::StatusOr<ImageHeader> header = InspectImage(bytes);
    ASSERT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(header->orientation, orientation);
    EXPECT_EQ(header->width, kWidth);
    EXPECT_EQ(header->stored_width, orientation >= 5 ? kHeight : kWidth);
    const absl::StatusOr<RgbImage> image = DecodeImage(bytes);
    ASSERT_TRUE(image.ok()) << image.status();
    ASSERT_EQ(image->width, kWidth);
    for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(image->pixels[i], expected[i], kJpegError) << i;
  }
}

struct Refused {
  const char* file;
  const char* words;
};

// Seen failing: without the pixel limit bad_30000x30000.png took 2.7 GB and 7 s to be refused; with libjpeg's own
// handling of warnings bad_truncated.jpg came back half grey and OK; without the limit on scans all 64 of
// bad_many_scans.jpg were read.
TEST(DecodeImageTest, BadFilesAreRefusedInWords) {
  const Refused files[] = {
      {"bad_text.png", "first_frame is neither a PNG nor a JPEG nor a WebP file; send one of these"},
      {"bad_type.gif", "neither a PNG nor a JPEG nor a WebP"},
      {"bad_one_pixel.png", "first_frame is 1x1 pixels; both sides must have at least 16"},
      {"bad_30000x30000.png", "first_frame is 30000x30000 pixels; send a picture of at most 33554432 pixels"},
      {"bad_4294967295.png", "first_frame is 4294967295x4294967295 pixels; send a picture of at most"},
      {"bad_animated.png", "first_frame is an animated PNG; send a still picture"},
      {"bad_animated.webp", "first_frame is an animated WebP; send a still picture"},
      {"bad_truncated.png", "first_frame: the PNG file is damaged or cut short"},
      {"bad_damaged.png", "first_frame: the PNG file is damaged or cut short"},
      {"bad_truncated.jpg", "first_frame: the JPEG file is damaged or cut short"},
      {"bad_many_scans.jpg", "first_frame: the JPEG file is damaged or cut short (Invalid progressive"},
      {"bad_headless.jpg", "first_frame: the JPEG file is cut short or damaged before its picture begins"},
      {"bad_truncated.webp", "first_frame: the WebP file is damaged or cut short"},
  };
  for (const Refused& file : files) {
    SCOPED_TRACE(file.file);
    const std::string bytes = ReadData(file.file);
    ASSERT_FALSE(bytes.empty());
    const absl::Status status = DecodeImage(bytes).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(file.words));
  }
}

// To libjpeg marker 01 has no length, to inspection every marker has one: it goes on behind the picture, at a frame
// header of 16x17, where libjpeg finds 24x20. Seen failing: without the comparison in jpeg_codec.cc libjpeg wrote 1,440
// bytes into 816, and AddressSanitizer, which does not see into libjpeg, said nothing.
TEST(DecodeImageTest, AFileThatShowsTheDecoderAnotherSizeIsRefused) {
  const std::string picture = ReadData("grey.jpg").substr(2);
  const size_t length = 2 + picture.size();
  std::string bytes("\xff\xd8\xff\x01", 4);
  bytes += {static_cast<char>(length >> 8), static_cast<char>(length)};
  bytes += picture + std::string("\xff\xc0\x00\x0b\x08\x00\x11\x00\x10\x01\x01\x11\x00", 13);
  ASSERT_EQ(InspectImage(bytes)->height, 17);

  EXPECT_EQ(DecodeImage(bytes).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(InspectImageTest, NamesEmptyAndOversizedFiles) {
  EXPECT_THAT(std::string(InspectImage("").status().message()), HasSubstr("first_frame is empty"));
  const std::string bytes = ReadData("rgb.png");
  const ImageLimits limits{.max_bytes = static_cast<int64_t>(bytes.size()) - 1};
  EXPECT_THAT(std::string(InspectImage(bytes, limits).status().message()),
              HasSubstr(absl::StrFormat("first_frame has %d bytes; send at most %d", bytes.size(), limits.max_bytes)));
}

TEST(InspectImageTest, LimitsAreInclusive) {
  const std::string bytes = ReadData("rgb.png");
  EXPECT_TRUE(InspectImage(bytes, {.max_pixels = kWidth * kHeight}).ok());
  EXPECT_FALSE(InspectImage(bytes, {.max_pixels = kWidth * kHeight - 1}).ok());
  EXPECT_TRUE(InspectImage(bytes, {.min_side = kHeight}).ok());
  EXPECT_FALSE(InspectImage(bytes, {.min_side = kHeight + 1}).ok());
}

// Under the sanitizers this is the test that counts: whatever one byte does, the answer is a picture or a refusal.
TEST(DecodeImageTest, NoCutAndNoFlippedByteDoesHarm) {
  const ImageLimits small{.max_pixels = 1 << 14, .min_side = 1};
  int refused = 0, tried = 0;
  const auto expect_answer = [&](std::string_view bytes) {
    const absl::StatusOr<RgbImage> image = DecodeImage(bytes, small);
    ++tried;
    refused += image.ok() ? 0 : 1;
    ASSERT_TRUE(image.ok() || absl::IsInvalidArgument(image.status())) << image.status();
  };
  for (const char* file : {"rgba.png", "palette.png", "rgb16.png", "exif6.png", "orientation5.jpg", "progressive.jpg",
                           "cmyk.jpg", "lossless.webp", "exif8.webp", "alpha.webp", "lossy.webp", "bad_animated.png"}) {
    SCOPED_TRACE(file);
    const std::string whole = ReadData(file);
    for (size_t length = 0; length < whole.size(); ++length) expect_answer(std::string_view(whole).substr(0, length));
    std::string damaged = whole;
    for (size_t at = 0; at < whole.size(); ++at) {
      for (const char flip : {'\x01', '\x80', '\xff'}) {
        damaged[at] = static_cast<char>(whole[at] ^ flip);
        expect_answer(damaged);
      }
      damaged[at] = whole[at];
    }
  }
  EXPECT_GT(refused, tried / 2);
}

TEST(EncodePngTest, ComesBackBitForBit) {
  const std::vector<uint8_t> picture = Picture(/*grey=*/false);
  const absl::StatusOr<std::string> png = EncodePng(picture.data(), kWidth, kHeight, "{\"seed\":7}");
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_THAT(*png, HasSubstr("{\"seed\":7}"));
  const absl::StatusOr<RgbImage> back = DecodeImage(*png);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->pixels, picture);
}

TEST(EncodePngTest, RefusesAnEmptyPicture) {
  EXPECT_EQ(EncodePng(nullptr, 0, 4).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ovi
