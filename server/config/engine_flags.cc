#include "server/config/engine_flags.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/log.h"
#include "server/config/flag_checker.h"
#include "server/config/paths.h"

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
ABSL_FLAG(std::string, attention, "auto",
          "how the transformer attends: auto (chosen by probing at start), cudnn, flash, efficient or math");
ABSL_FLAG(std::string, convolution, "auto",
          "how convolutions run: auto, vendor (cuDNN, MIOpen) or native (LibTorch's own)");
ABSL_FLAG(bool, memory_cleanup, true,
          "give what the allocator keeps back to the system between the last step and the decode, and after a clip");
ABSL_FLAG(
    double, memory_budget_gb, 0,
    "refuse clips that are predicted to need more at their peak, models included, in GB of 10^9 bytes; 0: no budget");
ABSL_FLAG(bool, warm_up, true, "on an accelerator, make one step of the default clip before serving");
ABSL_FLAG(std::vector<std::string>, debug, {},
          "engine, vae or both: log what each stage does; so do OVI_ENGINE_DEBUG=1 and OVI_VAE_DEBUG=1");

namespace ovi {
namespace {

constexpr double kBytesPerGb = 1e9;
constexpr double kMaxBudgetGb = 1e6;

class Checker : public FlagChecker {
 public:
  using FlagChecker::FlagChecker;

  void CheckWord(std::string_view flag, const std::string& word, const std::vector<std::string>& known) {
    if (std::find(known.begin(), known.end(), word) != known.end()) return;
    Refuse(flag, absl::StrFormat("is '%s'; take %s", log::Escaped(word), absl::StrJoin(known, ", ")));
  }

  void CheckBundle(const std::string& bundle) {
    std::error_code error;
    if (bundle.empty()) {
      Refuse("bundle", "is empty and there is no demo bundle (models/demo) near this program; name a folder");
    } else if (!std::filesystem::is_directory(bundle, error)) {
      Refuse("bundle",
             absl::StrFormat("is '%s', which is not a folder; name the folder of a bundle", log::Escaped(bundle)));
    }
  }

  // In bytes.
  int64_t Budget(double gigabytes) {
    if (gigabytes >= 0 && gigabytes <= kMaxBudgetGb) return std::llround(gigabytes * kBytesPerGb);
    Refuse("memory_budget_gb", absl::StrFormat("is %g; take 0 (no budget) to %g", gigabytes, kMaxBudgetGb));
    return 0;
  }
};

bool IsSetTo1(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && std::string_view(value) == "1";
}

}  // namespace

EngineOptions EngineFromFlags(const std::string& executable, FieldViolations& violations) {
  Checker checker(violations);
  EngineOptions engine;
  engine.bundle = absl::GetFlag(FLAGS_bundle);
  if (engine.bundle.empty()) engine.bundle = FindDemoBundle(executable);
  checker.CheckBundle(engine.bundle);
  engine.device = absl::GetFlag(FLAGS_device);
  engine.dtype = absl::GetFlag(FLAGS_dtype);
  checker.CheckWord("dtype", engine.dtype, {"float32", "bfloat16"});
  engine.threads = absl::GetFlag(FLAGS_threads);
  checker.CheckRange("threads", engine.threads, 0, 1024);
  engine.checkpoint = absl::GetFlag(FLAGS_checkpoint);
  engine.fusion_file = absl::GetFlag(FLAGS_fusion_file);
  engine.text_encoder_file = absl::GetFlag(FLAGS_text_encoder_file);
  engine.tokenizer_file = absl::GetFlag(FLAGS_tokenizer_file);
  engine.video_vae_file = absl::GetFlag(FLAGS_video_vae_file);
  engine.audio_vae_file = absl::GetFlag(FLAGS_audio_vae_file);
  engine.vocoder_file = absl::GetFlag(FLAGS_vocoder_file);
  engine.attention = absl::GetFlag(FLAGS_attention);
  checker.CheckWord("attention", engine.attention, {"auto", "cudnn", "flash", "efficient", "math"});
  engine.convolution = absl::GetFlag(FLAGS_convolution);
  checker.CheckWord("convolution", engine.convolution, {"auto", "vendor", "native"});
  engine.release_caches = absl::GetFlag(FLAGS_memory_cleanup);
  engine.memory_budget_bytes = checker.Budget(absl::GetFlag(FLAGS_memory_budget_gb));
  engine.warm_up = absl::GetFlag(FLAGS_warm_up);
  engine.debug_engine = IsSetTo1("OVI_ENGINE_DEBUG");
  engine.debug_vae = IsSetTo1("OVI_VAE_DEBUG");
  for (const std::string& part : absl::GetFlag(FLAGS_debug)) {
    checker.CheckWord("debug", part, {"engine", "vae"});
    engine.debug_engine |= part == "engine";
    engine.debug_vae |= part == "vae";
  }
  return engine;
}

}  // namespace ovi
