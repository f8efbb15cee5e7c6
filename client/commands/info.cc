// ovi-client info: what the server is and can do.
#include <cstdio>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/commands/commands.h"
#include "client/events.h"
#include "client/terminal.h"

namespace ovi::client {
namespace {

void PrintCheckpoint(const v1::Checkpoint& checkpoint) {
  const v1::ClipRequest& defaults = checkpoint.defaults();
  std::printf("%s%s\n", checkpoint.name().c_str(), checkpoint.is_default() ? " (default)" : "");
  std::printf("  clip      %d frames at %g/s, %lld samples at %d Hz\n", checkpoint.frames(),
              checkpoint.frames_per_second(), static_cast<long long>(checkpoint.audio_samples()),
              checkpoint.sample_rate_hz());
  std::printf("  size      any aspect ratio, scaled to %lld pixels; sides are multiples of %d\n",
              static_cast<long long>(checkpoint.video_area()), checkpoint.size_multiple());
  std::printf("  defaults  %dx%d, %d steps, guidance %g / %g, shift %g, skipped layer %d\n", defaults.height(),
              defaults.width(), defaults.steps(), defaults.video_guidance_scale(), defaults.audio_guidance_scale(),
              defaults.shift(), defaults.slg_layer());
  std::printf("  limits    %d steps, sides to %d, prompts to %lld bytes, images to %s\n",
              checkpoint.limits().max_steps(), checkpoint.limits().max_side(),
              static_cast<long long>(checkpoint.limits().max_prompt_bytes()),
              HumanBytes(checkpoint.limits().max_image_bytes()).c_str());
}

// "ada: submit, read".
std::string CallerText(const v1::Caller& caller) {
  const std::string who = caller.principal().empty() ? "anybody" : caller.principal();
  return absl::StrFormat("%s: %s", who, absl::StrJoin(caller.scopes(), ", "));
}

int Info(const Options& options) {
  Connection connection = Connect(options);
  v1::ServerInfo info;
  const auto info_context = ShortCall(options);
  grpc::Status status = connection.stub->GetServerInfo(info_context.get(), {}, &info);
  if (!status.ok()) return ReportFailure(options, "info", status);
  v1::ListCheckpointsResponse checkpoints;
  const auto list_context = ShortCall(options);
  status = connection.stub->ListCheckpoints(list_context.get(), {}, &checkpoints);
  if (!status.ok()) return ReportFailure(options, "info", status);
  if (options.json) {
    PrintJson(info);
    for (const v1::Checkpoint& checkpoint : checkpoints.checkpoints()) PrintJson(checkpoint);
    return kOk;
  }
  std::printf("ovi-server %s at %s%s\n", info.version().c_str(), options.server.c_str(),
              info.draining() ? ", draining" : "");
  std::printf("  bundle    %s on %s in %s\n", info.engine().bundle().c_str(), info.engine().device().c_str(),
              info.engine().dtype().c_str());
  if (info.engine().has_attention_backend() || info.engine().has_convolution_backend()) {
    std::printf("  kernels   attention %s, convolution %s\n", info.engine().attention_backend().c_str(),
                info.engine().convolution_backend().c_str());
  }
  if (info.caller().scopes_size() > 0) std::printf("  caller    %s\n", CallerText(info.caller()).c_str());
  std::printf("  jobs      %d running, %d queued\n", info.running_jobs(), info.queued_jobs());
  std::printf("  memory    %s\n", MemoryText(info.memory()).c_str());
  for (const v1::Checkpoint& checkpoint : checkpoints.checkpoints()) PrintCheckpoint(checkpoint);
  return kOk;
}

}  // namespace

void AddInfo(CLI::App& app, const Options& options, int& exit_code) {
  CLI::App* const command = app.add_subcommand("info", "What the server is, holds and can do");
  command->callback([&options, &exit_code] { exit_code = Info(options); });
}

}  // namespace ovi::client
