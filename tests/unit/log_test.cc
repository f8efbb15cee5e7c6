#include "base/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace ovi {
namespace {

// The lines that `body` logs.
template <typename Body>
std::vector<std::string> LinesOf(log::Format format, Body body) {
  log::Configure(log::Level::kInfo, format);
  testing::internal::CaptureStderr();
  body();
  std::istringstream captured(testing::internal::GetCapturedStderr());
  log::Configure(log::Level::kInfo, log::Format::kText);
  std::vector<std::string> lines;
  for (std::string line; std::getline(captured, line);) lines.push_back(line);
  return lines;
}

std::vector<nlohmann::json> RecordsOf(const std::vector<std::string>& lines) {
  std::vector<nlohmann::json> records;
  for (const std::string& line : lines) records.push_back(nlohmann::json::parse(line, nullptr, false));
  return records;
}

TEST(LogEscapeTest, WhatEndsALineOrSteersATerminalIsShownAndTextIsKept) {
  EXPECT_EQ(log::Escaped("a\nI fake\x1b[0m"), "a\\nI fake\\x1b[0m");
  EXPECT_EQ(log::Escaped("\r\t\x7f"), "\\r\\t\\x7f");
  EXPECT_EQ(log::Escaped("\xc2\x85 \xc2\x9b \xe2\x80\xa8 \xe2\x80\xa9"),
            "\\xc2\\x85 \\xc2\\x9b \\xe2\\x80\\xa8 \\xe2\\x80\\xa9");
  EXPECT_EQ(log::Escaped("gr\xc3\xb6\xc3\x9f"
                         "er \xf0\x9f\x8e\xac \xe2\x82\xac"),
            "gr\xc3\xb6\xc3\x9f"
            "er \xf0\x9f\x8e\xac \xe2\x82\xac");
}

TEST(LogEscapeTest, WhatIsNotUtf8IsShownByteByByte) {
  EXPECT_EQ(log::Escaped("a\xff"
                         "b\xc3"),
            "a\\xff"
            "b\\xc3");
  EXPECT_EQ(log::Escaped("\xc0\x8a"), "\\xc0\\x8a") << "a line feed in two bytes";
  EXPECT_EQ(log::Escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half of a surrogate pair";
  EXPECT_EQ(log::Escaped("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond Unicode";
}

TEST(LogTest, ARecordIsOneLineOfJsonWhateverItSays) {
  const std::string nasty = "say \"hi\\\"\n{\"level\":\"error\"}\xff\xe2\x80\xa8";
  const auto records = RecordsOf(LinesOf(log::Format::kJson, [&] { log::Warning("prompt %s", nasty); }));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].at("level"), "warning");
  EXPECT_EQ(records[0].at("message"), "prompt say \"hi\\\"\\n{\"level\":\"error\"}\\xff\\xe2\\x80\\xa8");
  EXPECT_FALSE(records[0].contains("job"));
}

TEST(LogTest, RecordsOfAJobCarryItsId) {
  const auto body = [] {
    const log::JobScope job("0123");
    log::Info("started");
    {
      const log::JobScope other("4567\n\"");
      log::Info("expired");
    }
    log::Info("done");
    std::thread([] { log::Info("of no job"); }).join();
  };
  const auto records = RecordsOf(LinesOf(log::Format::kJson, body));
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0].at("job"), "0123");
  EXPECT_EQ(records[0].at("message"), "started");
  EXPECT_EQ(records[1].at("job"), "4567\\n\"");
  EXPECT_EQ(records[2].at("job"), "0123");
  EXPECT_FALSE(records[3].contains("job")) << "another thread's";
  const auto lines = LinesOf(log::Format::kText, body);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_TRUE(lines[0].ends_with(" I job 0123: started")) << lines[0];
}

}  // namespace
}  // namespace ovi
