#include "server/config/server_config.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "server/config/paths.h"
#include "server/listen_address.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:50051", "HOST:PORT to listen on; port 0 takes a free one");
ABSL_FLAG(bool, insecure_listen, false,
          "allow --listen beyond this machine, without encryption and without asking who calls");
ABSL_FLAG(std::string, bundle, "", "folder of the models to serve; empty: the demo bundle");
ABSL_FLAG(std::string, checkpoint, "", "the bundle's checkpoint to serve; empty: its first");
ABSL_FLAG(std::string, device, "cpu", "cpu, cuda or cuda:N (ROCm devices are cuda too)");
ABSL_FLAG(std::string, dtype, "float32", "float32 or bfloat16");
ABSL_FLAG(int, threads, 0, "CPU threads of one operation; 0: every core");
ABSL_FLAG(std::string, fusion_file, "", "replaces the bundle's fusion model");
ABSL_FLAG(std::string, text_encoder_file, "", "replaces the bundle's text encoder");
ABSL_FLAG(std::string, tokenizer_file, "", "replaces the bundle's tokenizer");
ABSL_FLAG(std::string, video_vae_file, "", "replaces the bundle's video VAE");
ABSL_FLAG(std::string, audio_vae_file, "", "replaces the bundle's audio VAE");
ABSL_FLAG(std::string, vocoder_file, "", "replaces the bundle's vocoder");
ABSL_FLAG(std::string, data_dir, "", "what the server writes; empty: $XDG_STATE_HOME/ovi or ~/.local/state/ovi");
ABSL_FLAG(std::string, artifact_dir, "", "where finished clips lie; empty: artifacts in --data_dir");
ABSL_FLAG(int64_t, max_queued, 100, "the most jobs that wait at once");
ABSL_FLAG(int, max_message_bytes, 32 << 20, "the largest message accepted; a first frame must fit");
ABSL_FLAG(absl::Duration, drain_timeout, absl::Minutes(10), "how long SIGTERM lets the running job go on");
ABSL_FLAG(std::string, log_level, "info", "debug, info, warning or error");
ABSL_FLAG(std::string, log_format, "text", "text or json, one record a line");

namespace ovi {
namespace {

constexpr int kMinMessageBytes = 64 << 10;
constexpr int kMaxMessageBytes = 1 << 30;
constexpr int64_t kMaxQueued = 1'000'000;

template <typename Value>
std::optional<Value> OneOf(std::string_view text, std::initializer_list<std::pair<std::string_view, Value>> values) {
  for (const auto& [name, value] : values) {
    if (name == text) return value;
  }
  return std::nullopt;
}

class Checker {
 public:
  void Refuse(std::string_view flag, std::string_view why) {
    violations_.Add(flag, "INVALID_FLAG", absl::StrFormat("--%s %s", flag, why));
  }

  void CheckListen(const std::string& listen, bool insecure) {
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(listen);
    if (!address.ok()) return Refuse("listen", absl::StrFormat("is %s", std::string(address.status().message())));
    if (address->IsLoopback() || insecure) return;
    Refuse("listen",
           absl::StrFormat("is %s, which others can reach, without encryption and without asking who calls; take "
                           "127.0.0.1, or add --insecure_listen if the network is yours",
                           listen));
  }

  template <typename Number>
  void CheckRange(std::string_view flag, Number value, Number least, Number most) {
    if (value >= least && value <= most) return;
    Refuse(flag, absl::StrFormat("is %d; take %d to %d", value, least, most));
  }

  void CheckEngine(const EngineOptions& engine) {
    if (engine.dtype != "float32" && engine.dtype != "bfloat16") {
      Refuse("dtype", absl::StrFormat("is '%s'; take float32 or bfloat16", log::Escaped(engine.dtype)));
    }
    CheckRange("threads", engine.threads, 0, 4096);
    std::error_code error;
    if (engine.bundle.empty()) {
      Refuse("bundle", "is empty and there is no demo bundle (models/demo) near this program; name a folder");
    } else if (!std::filesystem::is_directory(engine.bundle, error)) {
      Refuse("bundle", absl::StrFormat("is '%s', which is not a folder; name the folder of a bundle",
                                       log::Escaped(engine.bundle)));
    }
  }

  absl::Status ToStatus() const { return violations_.ToStatus(); }

 private:
  FieldViolations violations_;
};

EngineOptions EngineFromFlags(const std::string& executable) {
  EngineOptions engine;
  engine.bundle = absl::GetFlag(FLAGS_bundle);
  if (engine.bundle.empty()) engine.bundle = FindDemoBundle(executable);
  engine.device = absl::GetFlag(FLAGS_device);
  engine.dtype = absl::GetFlag(FLAGS_dtype);
  engine.threads = absl::GetFlag(FLAGS_threads);
  engine.checkpoint = absl::GetFlag(FLAGS_checkpoint);
  engine.fusion_file = absl::GetFlag(FLAGS_fusion_file);
  engine.text_encoder_file = absl::GetFlag(FLAGS_text_encoder_file);
  engine.tokenizer_file = absl::GetFlag(FLAGS_tokenizer_file);
  engine.video_vae_file = absl::GetFlag(FLAGS_video_vae_file);
  engine.audio_vae_file = absl::GetFlag(FLAGS_audio_vae_file);
  engine.vocoder_file = absl::GetFlag(FLAGS_vocoder_file);
  return engine;
}

}  // namespace

absl::StatusOr<ServerConfig> ConfigFromFlags(const std::string& executable) {
  Checker checker;
  ServerConfig config;
  config.listen = absl::GetFlag(FLAGS_listen);
  checker.CheckListen(config.listen, absl::GetFlag(FLAGS_insecure_listen));
  config.engine = EngineFromFlags(executable);
  checker.CheckEngine(config.engine);
  config.data_dir = absl::GetFlag(FLAGS_data_dir);
  if (config.data_dir.empty()) config.data_dir = DefaultDataDir();
  if (config.data_dir.empty()) {
    checker.Refuse("data_dir", "is empty and neither XDG_STATE_HOME nor HOME is set; name a folder");
  }
  config.artifact_dir = absl::GetFlag(FLAGS_artifact_dir);
  if (config.artifact_dir.empty()) config.artifact_dir = config.data_dir + "/artifacts";
  config.max_queued = absl::GetFlag(FLAGS_max_queued);
  checker.CheckRange<int64_t>("max_queued", config.max_queued, 1, kMaxQueued);
  config.max_message_bytes = absl::GetFlag(FLAGS_max_message_bytes);
  checker.CheckRange("max_message_bytes", config.max_message_bytes, kMinMessageBytes, kMaxMessageBytes);
  config.drain_timeout = absl::GetFlag(FLAGS_drain_timeout);
  if (config.drain_timeout < absl::ZeroDuration()) {
    checker.Refuse("drain_timeout",
                   absl::StrFormat("is %s; take 0s or more", absl::FormatDuration(config.drain_timeout)));
  }
  const std::string level_name = absl::GetFlag(FLAGS_log_level);
  const auto level = OneOf<log::Level>(level_name, {{"debug", log::Level::kDebug},
                                                    {"info", log::Level::kInfo},
                                                    {"warning", log::Level::kWarning},
                                                    {"error", log::Level::kError}});
  if (!level.has_value()) {
    checker.Refuse("log_level",
                   absl::StrFormat("is '%s'; take debug, info, warning or error", log::Escaped(level_name)));
  }
  const std::string format_name = absl::GetFlag(FLAGS_log_format);
  const auto format = OneOf<log::Format>(format_name, {{"text", log::Format::kText}, {"json", log::Format::kJson}});
  if (!format.has_value()) {
    checker.Refuse("log_format", absl::StrFormat("is '%s'; take text or json", log::Escaped(format_name)));
  }
  if (absl::Status status = checker.ToStatus(); !status.ok()) return status;
  config.log_level = *level;
  config.log_format = *format;
  return config;
}

}  // namespace ovi
