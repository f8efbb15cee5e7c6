// Prompt cleaning against what ftfy and Python's html module gave (tools/make_text_vectors.py), and its single rules.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/text/audio_tags.h"
#include "engine/text/clean_prompt.h"
#include "engine/text/fix_text.h"
#include "engine/text/html_entities.h"
#include "engine/text/unicode.h"

namespace ovi {
namespace {

nlohmann::json Vectors() {
  return nlohmann::json::parse(std::ifstream(OVI_SOURCE_DIR "/tests/data/text/clean_vectors.json"));
}

// Seen failing, of 654 comparisons: without mojibake repair 234, without the repair of parts 138, without the lone "Ã "
// rule 15.
// 142.
TEST(CleanPromptTest, EqualsFtfyAndHtmlUnescapeOnEveryVector) {
  const nlohmann::json vectors = Vectors();
  ASSERT_GT(vectors.size(), 200);
  for (const auto& vector : vectors) {
    const auto text = vector["text"].get<std::string>();
    EXPECT_EQ(ToUtf8(FixText(ToCodePoints(text))), vector["fixed"].get<std::string>()) << vector["text"];
    EXPECT_EQ(ToUtf8(UnescapeHtml(ToCodePoints(text))), vector["unescaped"].get<std::string>()) << vector["text"];
    EXPECT_EQ(CleanPrompt(text), vector["cleaned"].get<std::string>()) << vector["text"];
  }
}

TEST(CleanPromptTest, LeavesCleanTextAlone) {
  for (const std::string text :
       {"A dog barks. <S>Hi!<E> <AUDCAP>rain<ENDAUDCAP>", "Café, Привет, 日本語 🐶", "R&D 50% (2024) #1"}) {
    EXPECT_EQ(CleanPrompt(text), text);
  }
}

TEST(HtmlEntitiesTest, EndsALongestNameWithoutSemicolon) {
  EXPECT_EQ(UnescapeHtml(U"&notit; &notin; &amp"), U"¬it; ∉ &");
  EXPECT_EQ(UnescapeHtmlStrictly(U"&notit; &notin; &amp"), U"&notit; ∉ &amp");
}

TEST(AudioTagsTest, AudCapTakesAllBehindTheFirstPrefix) {
  const auto format = [](std::string_view prompt) { return FormatAudioTags(prompt, AudioTags::kAudCap); };
  EXPECT_EQ(format("x. Audio:  rain\n and Audio: wind "), "x. <AUDCAP>rain\n and Audio: wind <ENDAUDCAP>");
  EXPECT_EQ(format("x <AUDCAP>Audio: r<ENDAUDCAP>"), "x <AUDCAP><AUDCAP>r<ENDAUDCAP><ENDAUDCAP>");
  EXPECT_EQ(format("Audio:\u00A0\u2003x"), "<AUDCAP>x<ENDAUDCAP>");
  EXPECT_EQ(format("audio: low"), "audio: low");
}

TEST(AudioTagsTest, AudioPrefixRewritesEveryClosedCaption) {
  const auto format = [](std::string_view prompt) { return FormatAudioTags(prompt, AudioTags::kAudioPrefix); };
  EXPECT_EQ(format("x <AUDCAP> rain <ENDAUDCAP> y <AUDCAP>b<ENDAUDCAP>"), "x Audio:  rain  y Audio: b");
  EXPECT_EQ(format("<AUDCAP>a\n<AUDCAP>b<ENDAUDCAP> <AUDCAP>open"), "Audio: a\n<AUDCAP>b <AUDCAP>open");
  EXPECT_EQ(format("audio: low"), "audio: low");
}

TEST(Utf8Test, NamesTheFirstBadByte) {
  EXPECT_TRUE(ValidateUtf8("Grüße 🐶").ok());
  const struct {
    std::string text;
    int offset;
  } bad[] = {{"ab\xFF", 2},  {"\xC3", 0}, {"x\xC0\x80", 1}, {"\xED\xA0\x80", 0}, {"é\xF4\x90\x80\x80", 2},
             {"\xE2\x82", 0}};
  for (const auto& [text, offset] : bad) {
    const absl::Status status = ValidateUtf8(text);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    const std::string expected = "offset " + std::to_string(offset) + ";";
    EXPECT_NE(std::string(status.message()).find(expected), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace ovi
