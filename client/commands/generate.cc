// ovi-client generate: submit, watch, download.
#include <cstdio>
#include <memory>

#include "absl/strings/str_format.h"
#include "client/clip_options.h"
#include "client/commands/commands.h"
#include "client/download.h"
#include "client/events.h"
#include "client/follow.h"

namespace ovi::client {
namespace {

struct GenerateOptions {
  ClipOptions clip;
  std::string output;
  bool detach = false, validate_only = false;
};

int UsageError(const absl::Status& status) {
  std::fprintf(stderr, "ovi-client generate: %s\n", std::string(status.message()).c_str());
  return kUsage;
}

// "wrote clip.mp4 (121 frames 128x128, seed 7, 5.2 s)".
std::string Summary(const std::string& path, const v1::Job& job) {
  const v1::Artifact& artifact = job.artifact();
  std::string text = absl::StrFormat("wrote %s (", path);
  if (artifact.frames() > 0)
    text += absl::StrFormat("%d frames %dx%d, ", artifact.frames(), artifact.height(), artifact.width());
  const auto& took = job.timings().total_duration();
  return text + absl::StrFormat("%s, seed %d, made in %.1f s)", HumanBytes(artifact.size_bytes()), job.request().seed(),
                                static_cast<double>(took.seconds()) + took.nanos() * 1e-9);
}

int Finish(Connection& connection, const v1::Job& job, const GenerateOptions& options, OutputFile& file,
           const std::string& path, Progress& progress) {
  const int exit_code = DownloadArtifact(connection, job.name(), file);
  if (exit_code != kOk) return exit_code;
  progress.Note(Summary(path, job));
  // The path alone on stdout: scripts want that and nothing else.
  if (!options.output.empty() && options.output != "-" && !connection.options.json) std::printf("%s\n", path.c_str());
  if (options.output.empty() && !connection.options.json) std::printf("%s\n", path.c_str());
  return kOk;
}

int Generate(const Options& options, const GenerateOptions& generate) {
  absl::StatusOr<v1::Job> wanted = BuildJob(generate.clip, generate.output);
  if (!wanted.ok()) return UsageError(wanted.status());
  const bool makes_file = !generate.detach && !generate.validate_only;
  const std::string request_id = NewRequestId();
  const std::string path =
      !generate.output.empty() ? generate.output : "ovi-" + request_id.substr(0, 8) + ExtensionOf(wanted->request());
  std::unique_ptr<OutputFile> file;
  if (makes_file) {
    absl::StatusOr<OutputFile> created = OutputFile::Create(path);
    if (!created.ok()) return UsageError(created.status());
    file = std::make_unique<OutputFile>(*std::move(created));
  }

  Connection connection = Connect(options);
  v1::CreateJobRequest request;
  *request.mutable_job() = *std::move(wanted);
  request.set_request_id(request_id);
  if (generate.validate_only) request.set_validate_only(true);
  v1::Job job;
  const auto context = ShortCall(options);
  if (const grpc::Status status = connection.stub->CreateJob(context.get(), request, &job); !status.ok()) {
    return ReportFailure(options, "generate", status);
  }
  if (!makes_file) {
    options.json || generate.validate_only ? PrintJson(job)
                                           : static_cast<void>(std::printf("%s\n", job.name().c_str()));
    return kOk;
  }
  Progress progress(DetectTerminal(options.no_color), stderr, options.quiet || options.json);
  const Followed followed = FollowJob(connection, job.name(), 0, OnInterrupt::kCancelJob, progress);
  if (followed.exit_code != kOk) return followed.exit_code;
  return Finish(connection, followed.job, generate, *file, path, progress);
}

}  // namespace

void AddGenerate(CLI::App& app, const Options& options, int& exit_code) {
  auto generate = std::make_shared<GenerateOptions>();
  CLI::App* const command = app.add_subcommand("generate", "Make a clip from a prompt and write it to a file");
  generate->clip.AddTo(*command);
  command->add_option("-o,--output", generate->output,
                      "File to write; - is stdout. Absent: a name of its own, printed");
  command->add_flag("--detach", generate->detach, "Submit, print the job's name and return");
  command->add_flag("--validate-only", generate->validate_only, "Check the request and print what would be made");
  command->callback([generate, &options, &exit_code] { exit_code = Generate(options, *generate); });
}

}  // namespace ovi::client
