// device_bench: the table of docs/performance.md for the device it runs on.
//
//   ovi-bundle synthesize --checkpoint 720x720_5s --seed 1 --out /tmp/full
//   device_bench --bundle /tmp/full --device cuda [--rows TEXT ...] [--profile] [--repeats N]
//                [--json FILE] [--compare OTHER.json]
//
// Prints Markdown. Weights need not mean anything: speed and memory do not depend on them.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "base/log.h"
#include "base/status_macros.h"
#include "bench/device/repeats.h"
#include "bench/device/report.h"
#include "bench/device/timing.h"
#include "engine/device/attention_selection.h"

namespace ovi::bench {
namespace {

struct Options {
  EngineOptions engine;
  RowOptions rows;
  int repeats = 0;
  std::string json, compare;
};

absl::Status Run(const Options& options) {
  std::unique_ptr<Models> models;
  OVI_ASSIGN_OR_RETURN(const c10::Device device, ParseDevice(options.engine.device));
  if (device.is_cpu()) {
    return absl::InvalidArgumentError("--device is cpu, which full sizes would take hours on; time it with clip_bench");
  }
  absl::Status loaded;
  const double load_seconds = SecondsOn(device, [&] {
    auto result = LoadModels(options.engine);
    loaded = result.status();
    if (loaded.ok()) models = *std::move(result);
  });
  OVI_RETURN_IF_ERROR(loaded);
  Report report{.device = DescribeDevice(device),
                .libtorch = LibTorchVersion(),
                .bundle = models->bundle.name,
                .attention = models->attention.line,
                .floors = MeasureFloors(device, models->attention.choice),
                .rows = {}};
  OVI_ASSIGN_OR_RETURN(Measurements measured, MeasureRows(*models, report.floors, load_seconds, options.rows));
  report.rows = std::move(measured.rows);
  std::fputs(ToMarkdown(report).c_str(), stdout);
  for (const Profile& profile : measured.profiles) std::fputs(ToMarkdown(profile).c_str(), stdout);
  if (options.repeats > 0) {
    OVI_ASSIGN_OR_RETURN(const std::vector<Repeat> repeats, MeasureRepeats(*models, options.repeats));
    std::fputs(ToMarkdown(repeats).c_str(), stdout);
  }
  if (!options.json.empty()) std::ofstream(options.json) << ToJson(report);
  if (!options.compare.empty()) {
    std::ifstream in(options.compare);
    const std::string other((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    OVI_ASSIGN_OR_RETURN(const std::string table, ComparisonMarkdown(report, other));
    std::printf("\n%s", table.c_str());
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace ovi::bench

int main(int argc, char** argv) {
  CLI::App app("Times what a server does at full size, beside what the device could do at best.");
  ovi::bench::Options options;
  options.engine.device = "cuda";
  options.engine.dtype = "bfloat16";
  options.rows.scratch = "/tmp";
  app.add_option("--bundle", options.engine.bundle, "folder of a bundle")->required();
  app.add_option("--checkpoint", options.engine.checkpoint, "which of its checkpoints; the first if absent");
  app.add_option("--device", options.engine.device, "cuda, cuda:1, cpu");
  app.add_option("--rows", options.rows.only, "only rows whose name holds one of these: text, forward, decode, clip");
  app.add_flag("--profile", options.rows.profile, "print which kernels the networks' rows spend their time in");
  app.add_option("--repeats", options.repeats, "also run every network so often on one input and count what differs");
  app.add_option("--scratch", options.rows.scratch, "folder for the clip");
  app.add_option("--json", options.json, "write the table as JSON to this file");
  app.add_option("--compare", options.compare, "a JSON file of another run or program: print both side by side");
  app.add_option("--attention", options.engine.attention, "an attention backend by name instead of by trial");
  app.add_option("--convolution", options.engine.convolution, "a convolution backend by name instead of by trial");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = ovi::bench::Run(options);
  if (!status.ok()) std::fprintf(stderr, "device_bench: %s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
