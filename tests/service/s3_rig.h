// An S3ArtifactStore on the S3 server that s3_store_test.py started, and the gateway's faults and log.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "server/artifacts/s3/s3_store.h"

namespace ovi {

class S3StoreTest : public testing::Test {
 protected:
  S3StoreTest() : folder_(testing::TempDir() + "s3-" + TestName()), store_(StoreWith({})) { TakeLog(); }
  ~S3StoreTest() override { std::filesystem::remove_all(folder_); }

  static std::string TestName() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }
  static std::string Gateway() { return ProcessEnvironment("AWS_ENDPOINT_URL_S3"); }

  // With these variables of the environment changed. Waits between attempts are noted, and not waited.
  std::unique_ptr<S3ArtifactStore> StoreWith(const std::map<std::string, std::string>& changed,
                                             const std::string& address = "s3://clips/some/prefix",
                                             Clock& clock = RealClock(),
                                             absl::Duration commit_timeout = S3ArtifactStore::kCommitTimeout) {
    const absl::StatusOr<S3Settings> settings = ReadS3Settings(address, [&](const char* name) {
      const auto found = changed.find(name);
      return found == changed.end() ? ProcessEnvironment(name) : found->second;
    });
    EXPECT_TRUE(settings.ok()) << settings.status();
    RetryPolicy retries;
    retries.wait = [this](absl::Duration wait, const ShouldStop&) { waits_.push_back(wait); };
    return *S3ArtifactStore::Open(*settings, folder_, clock, retries, commit_timeout);
  }

  // A key of this test's own: all share one bucket.
  static std::string Key(const std::string& suffix = "") { return TestName() + suffix + ".mp4"; }

  absl::StatusOr<StoredArtifact> Store(const std::string& key, const std::string& bytes,
                                       const ShouldStop& should_stop = nullptr,
                                       const std::string& media_type = "video/mp4") {
    auto pending = *store_->Begin(key, media_type);
    std::ofstream(pending->path()) << bytes;
    return pending->Commit(should_stop);
  }

  // Spoils the next `count` requests of this kind: tests/service/s3_gateway.py.
  void Spoil(const std::string& kind, const std::string& method, int count, const std::string& query = "") {
    ASSERT_EQ(Get(Gateway() + "/-/fault?kind=" + kind + "&method=" + method + "&count=" + std::to_string(count) +
                  "&query=" + EncodeUri(query))
                  .status,
              200);
  }

  // "METHOD path?query" of all requests since last time.
  std::vector<std::string> TakeLog() { return absl::StrSplit(Get(Gateway() + "/-/log").body, '\n', absl::SkipEmpty()); }

  // By plain HTTP, as anybody would.
  HttpResponse Get(const std::string& url) {
    return *anybody_->Send({.method = "GET", .url = url, .headers = {}, .body = "", .max_response_bytes = 64 << 20});
  }

  size_t LocalFiles() const {
    size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_)) ++files;
    return files;
  }

  const std::string folder_;
  const std::unique_ptr<HttpTransport> anybody_ = MakeCurlTransport();
  std::vector<absl::Duration> waits_;
  std::unique_ptr<S3ArtifactStore> store_;
};

// Bytes that do not repeat within a part.
inline std::string Bytes(size_t size) {
  std::string bytes(size, '\0');
  uint64_t state = 1;
  for (char& byte : bytes) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

}  // namespace ovi
