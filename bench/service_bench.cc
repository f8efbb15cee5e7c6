// What the server adds to a clip: the same clips by a client of a real server, over gRPC on loopback with jobs in
// SQLite and the clip's bytes back, and by calling the engine, in turn and in the same process.
//   service_bench [FOLDER [CLIPS]]         a bundle, models/demo; how many clips of each, 7
//
// The last line is exact where the ratio of two medians is not: how long a clip took its client beyond what the engine
// needed for that very clip, without the time that the engine spent in the server's observer.
#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>
#include <stdlib.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "bench/compare.h"
#include "engine/engine.h"
#include "ovi/v1/ovi_service.grpc.pb.h"
#include "server/artifacts/directory_store.h"
#include "server/server.h"
#include "server/stores/sqlite/sqlite_job_store.h"

namespace ovi::bench {
namespace {

constexpr char kPrompt[] = "A red ball bounces up and down on a black background. Audio: A dull thud at every bounce.";
constexpr uint64_t kSeed = 100;

// Passes everything on and notes how long that took.
class TimedObserver final : public GenerateObserver {
 public:
  explicit TimedObserver(GenerateObserver& inner) : inner_(inner) {}
  void OnStage(Stage stage) override {
    seconds_ += Seconds([&] { inner_.OnStage(stage); });
  }
  void OnStep(const StepProgress& progress) override {
    seconds_ += Seconds([&] { inner_.OnStep(progress); });
  }
  void OnDecode(const DecodeProgress& progress) override {
    seconds_ += Seconds([&] { inner_.OnDecode(progress); });
  }
  void OnMemory(const MemorySample& sample) override {
    seconds_ += Seconds([&] { inner_.OnMemory(sample); });
  }
  void OnPreview(const Preview& preview) override {
    seconds_ += Seconds([&] { inner_.OnPreview(preview); });
  }
  bool ShouldStop() override {
    bool stop = false;
    seconds_ += Seconds([&] { stop = inner_.ShouldStop(); });
    return stop;
  }
  double seconds() const { return seconds_; }

 private:
  GenerateObserver& inner_;
  double seconds_ = 0;
};

// The engine with a clock beside it.
class TimedEngine final : public Engine {
 public:
  explicit TimedEngine(Engine& inner) : inner_(inner) {}
  absl::StatusOr<ClipSpec> Resolve(const ClipRequest& request) const override { return inner_.Resolve(request); }
  absl::StatusOr<ClipResult> Generate(const ClipSpec& spec, const std::string& path,
                                      GenerateObserver& observer) override {
    TimedObserver timed(observer);
    absl::StatusOr<ClipResult> result;
    own_seconds_ = Seconds([&] { result = inner_.Generate(spec, path, timed); }) - timed.seconds();
    return result;
  }
  MemorySample Memory() const override { return inner_.Memory(); }
  const std::vector<CheckpointInfo>& Checkpoints() const override { return inner_.Checkpoints(); }
  const EngineInfo& Info() const override { return inner_.Info(); }

  // Of the last clip. Read it when its end is known.
  double own_seconds() const { return own_seconds_; }

 private:
  Engine& inner_;
  double own_seconds_ = 0;
};

absl::Status MakeByEngine(Engine& engine, const std::string& path) {
  ClipRequest request;
  request.prompt = kPrompt;
  request.seed = kSeed;
  GenerateObserver observer;
  OVI_ASSIGN_OR_RETURN(const ClipSpec spec, engine.Resolve(request));
  OVI_RETURN_IF_ERROR(engine.Generate(spec, path, observer).status());
  std::filesystem::remove(path);
  return absl::OkStatus();
}

absl::Status MakeByServer(v1::OviService::Stub& stub) {
  v1::GenerateRequest request;
  request.mutable_job()->mutable_request()->set_prompt(kPrompt);
  request.mutable_job()->mutable_request()->set_seed(kSeed);
  grpc::ClientContext context;
  const auto reader = stub.Generate(&context, request);
  v1::GenerateResponse response;
  v1::Job job;
  size_t bytes = 0;
  while (reader->Read(&response)) {
    if (response.has_chunk()) bytes += response.chunk().data().size();
    if (response.event().has_outcome()) job = response.event().outcome();
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return absl::InternalError(status.error_message());
  if (job.state() != v1::Job::SUCCEEDED) return absl::InternalError(job.error().message());
  if (bytes == 0) return absl::InternalError("no clip came back");
  return absl::OkStatus();
}

absl::Status Run(const std::string& bundle, int clips, const std::string& folder) {
  EngineOptions engine_options;
  engine_options.bundle = bundle;
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, LoadEngine(engine_options));
  TimedEngine timed(*engine);
  OVI_ASSIGN_OR_RETURN(const auto jobs, SqliteJobStore::Open(folder + "/jobs.db"));
  OVI_ASSIGN_OR_RETURN(const auto artifacts, OpenDirectoryStore(folder + "/artifacts"));
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  OVI_ASSIGN_OR_RETURN(const auto server, OviServer::Start(timed, *jobs, *artifacts, RealClock(), options));
  const auto stub = v1::OviService::NewStub(grpc::CreateChannel(server->address(), grpc::InsecureChannelCredentials()));

  absl::Status failed;
  std::vector<double> beyond, share;
  const auto by_server = [&] {
    const double total = Seconds([&] { failed.Update(MakeByServer(*stub)); });
    beyond.push_back(total - timed.own_seconds());
    share.push_back(total / timed.own_seconds());
  };
  const auto by_engine = [&] { failed.Update(MakeByEngine(*engine, folder + "/direct.mp4")); };
  const Comparison result = Compare(by_server, by_engine, clips);
  OVI_RETURN_IF_ERROR(failed);
  std::printf("%-44s %12s %12s %8s\n", "work", "server ms", "engine ms", "ratio");
  std::printf("%-44s %12.2f %12.2f %8.4f\n", "a clip, medians", result.ours_seconds * 1e3, result.rival_seconds * 1e3,
              result.ratio());
  std::printf("the client's time beyond the engine's own: %.2f ms, ratio %.4f (medians of %d clips)\n",
              Median(beyond) * 1e3, Median(share), static_cast<int>(beyond.size()));
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  log::Configure(log::Level::kWarning, log::Format::kText);
  std::string folder = (std::filesystem::temp_directory_path() / "ovi-service-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 1;
  const absl::Status status = Run(argc > 1 ? argv[1] : "models/demo", argc > 2 ? std::atoi(argv[2]) : 7, folder);
  std::filesystem::remove_all(folder);
  if (status.ok()) return 0;
  std::fprintf(stderr, "service_bench: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace
}  // namespace ovi::bench

int main(int argc, char** argv) { return ovi::bench::Main(argc, argv); }
