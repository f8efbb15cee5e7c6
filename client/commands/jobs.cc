// ovi-client jobs, watch, cancel, delete, download.
#include <cstdio>
#include <ctime>
#include <memory>

#include "client/commands/commands.h"
#include "client/download.h"
#include "client/events.h"
#include "client/follow.h"

namespace ovi::client {
namespace {

constexpr size_t kShownPromptBytes = 60;

// `job` as one line of a list.
void PrintRow(const v1::Job& job) {
  std::string prompt = job.request().prompt().substr(0, kShownPromptBytes);
  for (char& c : prompt) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';  // a prompt cannot break the table or the terminal
  }
  const std::time_t created = job.create_time().seconds();
  char when[32] = "";
  std::strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", std::localtime(&created));
  std::printf("%-44s %-10s %s  %s\n", job.name().c_str(), StateName(job.state()).c_str(), when, prompt.c_str());
}

int ListJobs(const Options& options, const std::string& filter, int limit) {
  Connection connection = Connect(options);
  v1::ListJobsRequest request;
  if (!filter.empty()) request.set_filter(filter);
  int printed = 0;
  do {
    request.set_page_size(limit - printed);
    v1::ListJobsResponse response;
    const auto context = ShortCall(options);
    if (const grpc::Status status = connection.stub->ListJobs(context.get(), request, &response); !status.ok()) {
      return ReportFailure(options, "jobs", status);
    }
    for (const v1::Job& job : response.jobs()) {
      options.json ? PrintJson(job) : PrintRow(job);
      ++printed;
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && printed < limit);
  if (printed == 0 && !options.json) std::fprintf(stderr, "no jobs\n");
  return kOk;
}

int Watch(const Options& options, const std::string& name, int64_t after) {
  Connection connection = Connect(options);
  Progress progress(DetectTerminal(options.no_color), stderr, options.quiet || options.json);
  const Followed followed = FollowJob(connection, name, after, OnInterrupt::kLeaveJob, progress);
  if (followed.exit_code == kOk && !options.json) {
    progress.Note(name + " succeeded; fetch it with: ovi-client download " + name);
  }
  return followed.exit_code;
}

int Cancel(const Options& options, const std::string& name) {
  Connection connection = Connect(options);
  v1::CancelJobRequest request;
  request.set_name(name);
  v1::Job job;
  const auto context = ShortCall(options);
  if (const grpc::Status status = connection.stub->CancelJob(context.get(), request, &job); !status.ok()) {
    return ReportFailure(options, "cancel", status);
  }
  if (options.json) {
    PrintJson(job);
  } else {
    std::printf("%s %s\n", name.c_str(),
                job.state() == v1::Job::CANCELLED ? "is cancelled" : "stops after the network call it is in");
  }
  return kOk;
}

int Delete(const Options& options, const std::string& name) {
  Connection connection = Connect(options);
  v1::DeleteJobRequest request;
  request.set_name(name);
  google::protobuf::Empty nothing;
  const auto context = ShortCall(options);
  const grpc::Status status = connection.stub->DeleteJob(context.get(), request, &nothing);
  return status.ok() ? static_cast<int>(kOk) : ReportFailure(options, "delete", status);
}

int Download(const Options& options, const std::string& name, std::string output) {
  if (output.empty()) output = name.substr(name.rfind('/') + 1) + ".mp4";
  absl::StatusOr<OutputFile> file = OutputFile::Create(output);
  if (!file.ok()) {
    std::fprintf(stderr, "ovi-client download: %s\n", std::string(file.status().message()).c_str());
    return kUsage;
  }
  Connection connection = Connect(options);
  const int exit_code = DownloadArtifact(connection, name, *file);
  if (exit_code == kOk && output != "-") std::printf("%s\n", output.c_str());
  return exit_code;
}

}  // namespace

std::string JobName(const std::string& given) { return given.rfind("jobs/", 0) == 0 ? given : "jobs/" + given; }

void AddJobs(CLI::App& app, const Options& options, int& exit_code) {
  struct Flags {
    std::string filter;
    int limit = 50;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* const command = app.add_subcommand("jobs", "List jobs, newest first");
  command->add_option("--filter", flags->filter, "Such as: state = QUEUED, or labels.album = \"night\"");
  command->add_option("--limit", flags->limit, "The most to list")->check(CLI::Range(1, 100000))->capture_default_str();
  command->callback([flags, &options, &exit_code] { exit_code = ListJobs(options, flags->filter, flags->limit); });
}

void AddWatch(CLI::App& app, const Options& options, int& exit_code) {
  struct Flags {
    std::string job;
    int64_t after = 0;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* const command = app.add_subcommand("watch", "Follow a job to its end; Ctrl-C leaves it running");
  command->add_option("job", flags->job, "Name of the job")->required();
  command->add_option("--after", flags->after, "Only events with a greater number");
  command->callback([flags, &options, &exit_code] { exit_code = Watch(options, JobName(flags->job), flags->after); });
}

void AddCancel(CLI::App& app, const Options& options, int& exit_code) {
  auto job = std::make_shared<std::string>();
  CLI::App* const command = app.add_subcommand("cancel", "Stop a job");
  command->add_option("job", *job, "Name of the job")->required();
  command->callback([job, &options, &exit_code] { exit_code = Cancel(options, JobName(*job)); });
}

void AddDelete(CLI::App& app, const Options& options, int& exit_code) {
  auto job = std::make_shared<std::string>();
  CLI::App* const command = app.add_subcommand("delete", "Delete the record and the result of a job that has ended");
  command->add_option("job", *job, "Name of the job")->required();
  command->callback([job, &options, &exit_code] { exit_code = Delete(options, JobName(*job)); });
}

void AddDownload(CLI::App& app, const Options& options, int& exit_code) {
  struct Flags {
    std::string job, output;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* const command = app.add_subcommand("download", "Fetch the result of a job");
  command->add_option("job", flags->job, "Name of the job")->required();
  command->add_option("-o,--output", flags->output, "File to write; - is stdout. Absent: the job's id with .mp4");
  command->callback(
      [flags, &options, &exit_code] { exit_code = Download(options, JobName(flags->job), flags->output); });
}

}  // namespace ovi::client
