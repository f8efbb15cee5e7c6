#include "server/config/server_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/flags/reflection.h"
#include "base/field_violations.h"
#include "server/config/command_line.h"
#include "server/config/paths.h"
#include "server/jobs/job_store.h"

namespace ovi {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ServerConfigTest : public testing::Test {
 protected:
  ServerConfigTest() : folder_(testing::TempDir() + "ovi-config") {
    fs::remove_all(folder_);
    fs::create_directories(folder_ + "/build/dev/bin");
    fs::create_directories(folder_ + "/models/demo");
    std::ofstream(folder_ + "/models/demo/ovi-bundle.json") << "{}";
  }
  ~ServerConfigTest() override { fs::remove_all(folder_); }

  std::string Executable() const { return folder_ + "/build/dev/bin/ovi-server"; }
  absl::StatusOr<ServerConfig> Config(const std::vector<std::string>& arguments) {
    const absl::Status parsed = ParseCommandLine(arguments);
    if (!parsed.ok()) return parsed;
    return ConfigFromFlags(Executable());
  }
  static std::string MessageOf(const absl::StatusOr<ServerConfig>& config) {
    return std::string(config.status().message());
  }
  std::string File(const std::string& text) const {
    std::ofstream(folder_ + "/flags") << text;
    return folder_ + "/flags";
  }

  const std::string folder_;
  absl::FlagSaver saver_;  // flags are global: put them back
};

TEST_F(ServerConfigTest, WithoutFlagsTheDemoBundleIsServedOnLoopback) {
  const ServerConfig config = *Config({});
  EXPECT_EQ(config.listen, "127.0.0.1:50051");
  EXPECT_EQ(config.engine.bundle, folder_ + "/models/demo");
  EXPECT_EQ(config.engine.device, "cpu");
  EXPECT_EQ(config.transport.max_message_bytes, 32 << 20);
  EXPECT_EQ(config.transport.max_transport_bytes, 512 << 20);
  EXPECT_THAT(config.artifact_dir, testing::EndsWith("/ovi/artifacts"));
}

TEST_F(ServerConfigTest, EveryWayToWriteAFlagWorks) {
  const ServerConfig config = *Config({"--max_queued=7", "--dtype", "bfloat16", "--insecure_listen", "--listen",
                                       "0.0.0.0:1", "--drain_timeout=90s", "--log_format=json", "--data_dir=/x"});
  EXPECT_EQ(config.max_queued, 7);
  EXPECT_EQ(config.engine.dtype, "bfloat16");
  EXPECT_EQ(config.drain_timeout, absl::Seconds(90));
  EXPECT_EQ(config.log_format, log::Format::kJson);
  EXPECT_EQ(config.artifact_dir, "/x/artifacts");
  EXPECT_FALSE(Config({"--noinsecure_listen"}).ok());
}

TEST_F(ServerConfigTest, AFlagFileHoldsOneFlagALineAndLaterFlagsWin) {
  const std::string file = File("# ours\n\n  --max_queued=7  \n--threads=2\n");
  const ServerConfig config = *Config({"--flagfile=" + file, "--max_queued=8"});
  EXPECT_EQ(config.max_queued, 8);
  EXPECT_EQ(config.engine.threads, 2);
}

TEST_F(ServerConfigTest, AnUnreadableFlagFileIsNotAUsageError) {
  const auto config = Config({"--flagfile=" + folder_ + "/none"});
  EXPECT_EQ(config.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(MessageOf(config), HasSubstr(folder_ + "/none"));
}

TEST_F(ServerConfigTest, AFlagFileThatNamesItselfEnds) {
  const std::string path = folder_ + "/flags";
  EXPECT_THAT(MessageOf(Config({"--flagfile=" + File("--flagfile=" + path)})), HasSubstr("more than"));
}

TEST_F(ServerConfigTest, AllMistakesOfTheCommandLineComeAtOnce) {
  const std::string message = MessageOf(Config({"--nope", "word", "--max_queued=many", "--threads"}));
  for (const char* part :
       {"--nope is not a flag", "'word' is not a flag", "--max_queued is 'many'", "--threads has no value"}) {
    EXPECT_THAT(message, HasSubstr(part));
  }
}

// Unknown would be true and no help: whoever asks for it is used to servers that need it.
TEST_F(ServerConfigTest, AskingForOffloadIsToldWhyThereIsNone) {
  for (const char* flag : {"--offload", "--cpu_offload", "--cpu-offload=true", "--nooffload", "--t5_cpu"}) {
    EXPECT_THAT(MessageOf(Config({flag})), HasSubstr("there is no offload switch and no CPU path")) << flag;
  }
  EXPECT_THAT(MessageOf(Config({"--offloading"})), HasSubstr("--offloading is not a flag"));
}

TEST_F(ServerConfigTest, FlagsOfTheEngineReachIt) {
  const EngineOptions defaults = (*Config({})).engine;
  EXPECT_EQ(defaults.attention, "auto");
  EXPECT_EQ(defaults.convolution, "auto");
  EXPECT_TRUE(defaults.release_caches);
  EXPECT_EQ(defaults.memory_budget_bytes, 0);
  EXPECT_FALSE(defaults.debug_engine || defaults.debug_vae);
  const EngineOptions engine = (*Config({"--attention=flash", "--convolution=native", "--memory_cleanup=false",
                                         "--memory_budget_gb=47.5", "--nowarm_up", "--debug=vae"}))
                                   .engine;
  EXPECT_EQ(engine.attention, "flash");
  EXPECT_EQ(engine.convolution, "native");
  EXPECT_FALSE(engine.release_caches || engine.warm_up || engine.debug_engine);
  EXPECT_EQ(engine.memory_budget_bytes, 47'500'000'000);
  EXPECT_TRUE(engine.debug_vae);
}

TEST_F(ServerConfigTest, TheEnvironmentTurnsDebugLinesOn) {
  setenv("OVI_ENGINE_DEBUG", "1", 1);
  setenv("OVI_VAE_DEBUG", "0", 1);
  const EngineOptions engine = (*Config({})).engine;
  unsetenv("OVI_ENGINE_DEBUG");
  unsetenv("OVI_VAE_DEBUG");
  EXPECT_TRUE(engine.debug_engine);
  EXPECT_FALSE(engine.debug_vae);
}

TEST_F(ServerConfigTest, AJobStoreMayBeAPostgresAddressAndNoPasswordOfItIsRepeated) {
  const std::string uri = "postgresql://ovi:s3cret@db/jobs";
  EXPECT_EQ((*Config({"--job_store=" + uri, "--lease=5s", "--stall_timeout=2m"})).job_store, uri);
  for (const char* wrong : {"postgresql://ovi:s3cret@[db/jobs", "mysql://ovi:s3cret@db/jobs"}) {
    const std::string message = MessageOf(Config({std::string("--job_store=") + wrong}));
    EXPECT_THAT(message, HasSubstr("--job_store"));
    EXPECT_THAT(message, HasSubstr("postgresql://USER@HOST"));
    EXPECT_THAT(message, testing::Not(HasSubstr("s3cret")));
  }
  EXPECT_THAT(MessageOf(Config({"--lease=10ms"})), HasSubstr("--lease is 10ms; take 1s to 1h"));
}

TEST_F(ServerConfigTest, TheLargestMessageMustFitIntoWhatConnectionsMayHold) {
  EXPECT_THAT(MessageOf(Config({"--max_message_bytes=67108864", "--max_transport_bytes=100000000"})),
              HasSubstr("--max_transport_bytes is 100000000; take 134217728 to 1099511627776"));
}

TEST_F(ServerConfigTest, AllBadValuesComeAtOnceWithTheirRemedies) {
  const auto config = Config({"--listen=nowhere", "--dtype=int8", "--threads=-1", "--max_queued=0",
                              "--max_message_bytes=1", "--drain_timeout=-1s", "--stall_timeout=0s", "--log_level=loud",
                              "--log_format=xml", "--bundle=/no/such", "--attention=fast", "--convolution=fast",
                              "--memory_budget_gb=-1", "--debug=engine,all", "--metrics_listen=0.0.0.0:9464"});
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  std::vector<std::string> flags;
  for (const FieldViolation& each : FieldViolationsOf(config.status())) flags.push_back(each.field);
  EXPECT_THAT(flags,
              testing::UnorderedElementsAre("listen", "dtype", "threads", "max_queued", "max_message_bytes",
                                            "drain_timeout", "stall_timeout", "log_level", "log_format", "bundle",
                                            "attention", "convolution", "memory_budget_gb", "debug", "metrics_listen"));
  EXPECT_THAT(MessageOf(config), HasSubstr("--attention is 'fast'; take auto, cudnn, flash, efficient, math"));
  EXPECT_THAT(MessageOf(config), HasSubstr("--dtype is 'int8'; take float32, bfloat16"));
}

// What an address that others reach needs, and what the refusal says is missing.
TEST_F(ServerConfigTest, BeyondThisMachineNeedsEncryptionAndAnAnswerToWhoCalls) {
  const std::string listen = "--listen=0.0.0.0:50051", certificate = "--tls_certificate=/c", key = "--tls_key=/k",
                    ca = "--tls_client_ca=/ca", tokens = "--token_file=/t", insecure = "--insecure_listen";
  const std::pair<std::vector<std::string>, const char*> refused[] = {
      {{listen}, "without encryption and without asking who calls"},
      {{listen, tokens}, "without encryption, so that tokens can be read on the way"},
      {{listen, certificate, key}, "without asking who calls"},
      {{"--listen=[::]:1"}, "without encryption and without asking who calls"},
      {{listen, certificate, key, tokens, "--metrics_listen=0.0.0.0:1"}, "--metrics_listen is 0.0.0.0:1"}};
  for (const auto& [flags, why] : refused) {
    const absl::FlagSaver saver;
    const std::string message = MessageOf(Config(flags));
    EXPECT_THAT(message, HasSubstr(why));
    EXPECT_THAT(message, HasSubstr("--insecure_listen"));
  }
  const std::vector<std::string> allowed[] = {{"--listen=localhost:1"},
                                              {"--listen=[::1]:1"},
                                              {listen, certificate, key, tokens},
                                              {listen, certificate, key, ca},
                                              {listen, insecure},
                                              {listen, tokens, insecure},
                                              {"--metrics_listen=0.0.0.0:1", insecure}};
  for (const auto& flags : allowed) {
    const absl::FlagSaver saver;
    EXPECT_TRUE(Config(flags).ok()) << MessageOf(Config(flags));
  }
}

TEST_F(ServerConfigTest, FlagsOfTheDoorReachIt) {
  const AccessConfig open = (*Config({})).access;
  EXPECT_FALSE(open.encrypted() || open.asks_who());
  EXPECT_EQ(open.door.limits, (PrincipalLimits{.max_queued = {}, .submit_rate_per_minute = {}, .submit_burst = 10}));
  const AccessConfig access =
      (*Config({"--tls_certificate=/c", "--tls_key=/k", "--tls_client_ca=/a", "--token_file=/t",
                "--max_queued_per_principal=3", "--submit_rate_per_minute=0.5", "--submit_burst=2"}))
          .access;
  EXPECT_EQ(access.tls.certificate + access.tls.key + access.tls.client_ca + access.door.token_file, "/c/k/a/t");
  EXPECT_TRUE(access.door.ask_certificates);
  EXPECT_EQ(access.door.limits, (PrincipalLimits{.max_queued = 3, .submit_rate_per_minute = 0.5, .submit_burst = 2}));
}

TEST_F(ServerConfigTest, LimitsOfConnectionsHaveDefaultsAndRanges) {
  const TransportLimits defaults = (*Config({})).transport;
  EXPECT_EQ(defaults.max_concurrent_streams, 4096);
  EXPECT_EQ(defaults.max_connection_age, absl::InfiniteDuration());
  EXPECT_EQ(defaults.keepalive_time, absl::Minutes(1));
  EXPECT_EQ((*Config({"--max_connection_age=1h"})).transport.max_connection_age, absl::Hours(1));
  const auto config = Config({"--max_concurrent_streams=0", "--max_connection_age=0s", "--max_connection_age_grace=-1s",
                              "--max_connection_idle=0s", "--keepalive_time=0s", "--keepalive_timeout=0s",
                              "--min_client_ping_interval=-1s", "--max_image_bytes=0", "--max_queued_per_principal=-1",
                              "--submit_rate_per_minute=-1", "--submit_burst=0"});
  EXPECT_EQ(FieldViolationsOf(config.status()).size(), 11u) << MessageOf(config);
  EXPECT_THAT(MessageOf(config), HasSubstr("--max_connection_age is 0; take 1s or more"));
}

TEST_F(ServerConfigTest, ResultsAreKeptForEverAndWithoutALimitUnlessToldOtherwise) {
  const RetentionConfig without = Config({})->retention;
  EXPECT_FALSE(without.default_ttl.has_value());
  EXPECT_EQ(without.max_storage_bytes, QueueLimits::kNone);
  EXPECT_EQ(without.webhooks.private_addresses, PrivateAddresses::kRefused);
  const RetentionConfig with = Config({"--default_ttl=168h", "--max_storage_gb=1.5", "--webhook_allow_private",
                                       "--webhook_first_wait=1s", "--webhook_ca_file=/dev/null"})
                                   ->retention;
  EXPECT_EQ(with.default_ttl, absl::Hours(168));
  EXPECT_EQ(with.max_storage_bytes, 1'500'000'000);
  EXPECT_EQ(with.webhooks.private_addresses, PrivateAddresses::kAllowed);
  EXPECT_EQ(with.webhooks.first_wait, absl::Seconds(1));
  EXPECT_EQ(with.webhooks.ca_file, "/dev/null");
  const absl::Status bad =
      Config({"--default_ttl=-1s", "--max_storage_gb=nan", "--webhook_first_wait=0", "--webhook_ca_file=/no/such"})
          .status();
  std::vector<std::string> fields;
  for (const FieldViolation& each : FieldViolationsOf(bad)) fields.push_back(each.field);
  EXPECT_THAT(fields,
              testing::UnorderedElementsAre("default_ttl", "max_storage_gb", "webhook_first_wait", "webhook_ca_file"));
}

TEST_F(ServerConfigTest, WithoutADemoBundleNearbyOneMustBeNamed) {
  fs::remove_all(folder_ + "/models");
  EXPECT_THAT(MessageOf(Config({})), HasSubstr("--bundle is empty"));
}

TEST_F(ServerConfigTest, HelpNamesEveryFlagOfTheServerAndNoOther) {
  const std::string help = FlagsHelp();
  EXPECT_THAT(help, HasSubstr("--drain_timeout (10m)"));
  EXPECT_THAT(help, HasSubstr("--flagfile"));
  EXPECT_THAT(help, testing::Not(HasSubstr("--gtest")));
}

TEST_F(ServerConfigTest, ADataFolderBelongsToOneServer) {
  auto first = DataDir::Open(folder_ + "/data");
  ASSERT_TRUE(first.ok());
  const absl::Status second = DataDir::Open(folder_ + "/data").status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.message()), HasSubstr(folder_ + "/data is in use"));
  first->reset();
  EXPECT_TRUE(DataDir::Open(folder_ + "/data").ok());
}

}  // namespace
}  // namespace ovi
