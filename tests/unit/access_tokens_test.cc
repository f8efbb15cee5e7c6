// Token files, the tokens in use, and how one is made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "server/access/make_token.h"
#include "server/access/token_file.h"
#include "server/access/token_table.h"
#include "server/artifacts/sha256.h"

namespace ovi {
namespace {

using testing::HasSubstr;

std::string Hash(const std::string& token) { return "sha256:" + Sha256Of(token); }

TEST(TokenFileTest, ALineIsHashPrincipalScopesAndLimits) {
  const auto entries =
      ParseTokenFile("# a comment\n\n\t" + Hash("a") + "  ada \tsubmit,read\r\n" + Hash("b") +
                     " bob@example.org read_all max_queued=3 submit_rate_per_minute=0.5 submit_burst=2");
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].sha256, Sha256Of("a"));
  EXPECT_EQ((*entries)[0].principal,
            (Principal{.name = "ada", .scopes = {Scope::kSubmit, Scope::kRead}, .limits = {}}));
  const PrincipalLimits limits{.max_queued = 3, .submit_rate_per_minute = 0.5, .submit_burst = 2};
  EXPECT_EQ((*entries)[1].principal,
            (Principal{.name = "bob@example.org", .scopes = {Scope::kReadAll}, .limits = limits}));
}

TEST(TokenFileTest, WhatWasWrittenIsReadBack) {
  const TokenEntry entry{
      .sha256 = Sha256Of("x"),
      .principal = {.name = "spiffe://example.org/a",
                    .scopes = {Scope::kSubmit, Scope::kReadAll},
                    .limits = {.max_queued = 1, .submit_rate_per_minute = 1.0 / 3, .submit_burst = 1'000'000}}};
  const auto entries = ParseTokenFile(FormatTokenLine(entry));
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_THAT(*entries, testing::ElementsAre(entry));
}

TEST(TokenFileTest, AFileWithoutATokenIsEmpty) {
  for (const char* text : {"", "\n", "# nobody\n"}) {
    const auto entries = ParseTokenFile(text);
    ASSERT_TRUE(entries.ok()) << text;
    EXPECT_TRUE(entries->empty());
  }
}

TEST(TokenFileTest, AWrongLineIsNamedByItsNumberAndNotShown) {
  const std::string good = Hash("a") + " ada submit";
  const std::pair<std::string, const char*> cases[] = {
      {"secret", "a line is sha256:HASH PRINCIPAL SCOPES"},
      {"secret ada submit", "the token itself does not belong here"},
      {"sha256:secret ada submit", "64 digits"},
      {"SHA256:" + Sha256Of("secret") + " ada submit", "sha256:"},
      {Hash("b") + " secret! submit", "a principal is"},
      {Hash("b") + " ada secret", "the scopes are"},
      {Hash("b") + " ada submit,", "the scopes are"},
      {Hash("b") + " ada submit secret=1", "each once"},
      {Hash("b") + " ada submit max_queued=0", "each once"},
      {Hash("b") + " ada submit max_queued=1 max_queued=1", "each once"},
      {Hash("b") + " ada submit submit_rate_per_minute=nan", "each once"},
      {Hash("b") + " ada submit submit_rate_per_minute=1e-300", "each once"},
      {Hash("b") + " ada submit submit_burst=99999999999999999999", "each once"},
      {Hash("b") + " ada submit max_queued=5", "its principal has other limits in line 2"},
      {good, "its token stands in line 2 already"},
  };
  for (const auto& [line, why] : cases) {
    const auto entries = ParseTokenFile("#\n" + good + "\n" + line + "\n");
    ASSERT_EQ(entries.status().code(), absl::StatusCode::kInvalidArgument) << line;
    const std::string message(entries.status().message());
    EXPECT_THAT(message, HasSubstr("line 3: "));
    EXPECT_THAT(message, HasSubstr(why));
    EXPECT_THAT(message, testing::Not(HasSubstr("secret")));
    EXPECT_THAT(message, testing::Not(HasSubstr(Sha256Of("b"))));
  }
}

TEST(TokenFileTest, AFileOfSomethingElseIsAFewErrors) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "-----\n";
  const std::string message(ParseTokenFile(text).status().message());
  EXPECT_THAT(message, HasSubstr("line 5: "));
  EXPECT_LT(message.size(), 600u);
}

TEST(MakeTokenTest, TheLineLetsTheTokenIn) {
  const absl::StatusOr<NewToken> made = MakeToken("spiffe://a/b:submit,read_all");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->token.size(), 4 + 64u);
  EXPECT_THAT(made->token, testing::StartsWith("ovi_"));
  const auto entries = ParseTokenFile(made->line);
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_EQ(entries->front().sha256, Sha256Of(made->token));
  EXPECT_EQ(entries->front().principal.name, "spiffe://a/b");
  EXPECT_NE(MakeToken("ada:read")->token, MakeToken("ada:read")->token);
  for (const char* whom : {"", "ada", "ada:", ":read", "a b:read", "ada:write"})
    EXPECT_FALSE(MakeToken(whom).ok()) << whom;
}

class TokenTableTest : public testing::Test {
 protected:
  TokenTableTest() { std::filesystem::create_directories(folder_); }
  ~TokenTableTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path_) << text;
    chmod(path_.c_str(), mode);
  }
  static std::string Line(const std::string& token, const std::string& who) {
    return Hash(token) + " " + who + " read\n";
  }
  static std::string Whose(const TokenTable& table, const std::string& token) {
    const auto principal = table.Find(token);
    return principal.has_value() ? principal->name : "nobody";
  }

  const std::string folder_ = testing::TempDir() + "ovi-tokens-" + std::to_string(getpid());
  const std::string path_ = folder_ + "/tokens";
};

TEST_F(TokenTableTest, ATokenIsFoundByItsHash) {
  Write(Line("a", "ada") + Line("b", "bob"));
  const auto table = TokenTable::Open(path_);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(Whose(**table, "a"), "ada");
  EXPECT_EQ(Whose(**table, "b"), "bob");
  for (const std::string& other : {std::string(), std::string("c"), Sha256Of("a"), std::string("a\0", 2)}) {
    EXPECT_EQ(Whose(**table, other), "nobody");
  }
}

TEST_F(TokenTableTest, AChangeCountsWhenItWasSeenTwice) {
  Write(Line("a", "ada"));
  const auto table = *TokenTable::Open(path_);
  Write(Line("b", "bob"));
  table->Look();
  EXPECT_EQ(Whose(*table, "b"), "nobody");
  Write(Line("b", "bob") + Line("c", "cleo"));  // was being written still
  table->Look();
  EXPECT_EQ(Whose(*table, "b"), "nobody");
  table->Look();
  EXPECT_EQ(Whose(*table, "a"), "nobody");
  EXPECT_EQ(Whose(*table, "b"), "bob");
  EXPECT_EQ(Whose(*table, "c"), "cleo");
}

TEST_F(TokenTableTest, WhatIsDamagedOrOpenToOthersOrGoneChangesNothing) {
  Write(Line("a", "ada"));
  const auto table = *TokenTable::Open(path_);
  const auto look_twice = [&] {
    table->Look();
    table->Look();
  };
  Write(Line("b", "bob") + "damaged\n");
  look_twice();
  EXPECT_EQ(Whose(*table, "a"), "ada");
  EXPECT_EQ(Whose(*table, "b"), "nobody");
  Write(Line("b", "bob"), 0620);
  look_twice();
  EXPECT_EQ(Whose(*table, "b"), "nobody");
  std::filesystem::remove(path_);
  look_twice();
  EXPECT_EQ(Whose(*table, "a"), "ada");
  Write(Line("b", "bob"));
  look_twice();
  EXPECT_EQ(Whose(*table, "b"), "bob");
}

TEST_F(TokenTableTest, AFileThatLosesItsLastTokenLetsNobodyIn) {
  Write(Line("a", "ada"));
  const auto table = *TokenTable::Open(path_);
  Write("# nobody any more\n");
  table->Look();
  table->Look();
  EXPECT_EQ(Whose(*table, "a"), "nobody");
}

TEST_F(TokenTableTest, AFolderAndAHugeFileAreNoTokenFiles) {
  EXPECT_THAT(std::string(TokenTable::Open(folder_).status().message()), HasSubstr("it is not a file"));
  Write(std::string((1 << 20) + 1, '#'));
  EXPECT_THAT(std::string(TokenTable::Open(path_).status().message()), HasSubstr("larger than"));
}

}  // namespace
}  // namespace ovi
