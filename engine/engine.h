// The one public face of the engine: load a bundle, turn a request into a clip. No LibTorch, FFmpeg or gRPC type here.
//
//   OVI_ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine, LoadEngine(options));
//   OVI_ASSIGN_OR_RETURN(ClipSpec spec, engine->Resolve(request));             // at submit: checks, fills, snaps
//   OVI_ASSIGN_OR_RETURN(ClipResult result, engine->Generate(spec, path, observer));  // on the worker's thread
//
// Engine is an interface so that the server can be tested without LibTorch; LoadEngine makes the real one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/clip.h"
#include "engine/observer.h"

namespace ovi {

// What LoadEngine needs to know. Empty strings mean "as the bundle says".
struct EngineOptions {
  std::string bundle;             // folder: described bundle (ovi-bundle.json) or upstream's layout
  std::string device = "cpu";     // as LibTorch writes it: cpu, cuda, cuda:1 (ROCm presents itself as cuda)
  std::string dtype = "float32";  // float32 or bfloat16
  int threads = 0;                // CPU threads of one operation; 0: every core
  // Files that replace the bundle's, per component.
  std::string fusion_file, text_encoder_file, tokenizer_file, video_vae_file, audio_vae_file, vocoder_file;
  std::string checkpoint;  // which of the bundle's checkpoints to serve; empty: the first

  // How the transformer attends: auto (probed at start), cudnn, flash, efficient or math.
  std::string attention = "auto";
  // How convolutions run: auto, vendor (cuDNN, or MIOpen on ROCm) or native (LibTorch's own kernels).
  std::string convolution = "auto";
  // Between the last step and the decode, and after a clip, give what the allocator keeps back to the system.
  bool release_caches = true;
  // A clip that is predicted to need more at its peak, models included, is refused; 0: none is.
  int64_t memory_budget_bytes = 0;
  // Accelerators: make one step of the default clip before serving, so that no job pays for a search of kernels.
  bool warm_up = true;
  bool debug_engine = false, debug_vae = false;  // log what each stage does
};

// What an engine is, for GetServerInfo and logs.
struct EngineInfo {
  std::string bundle_name;
  std::string device;  // "cpu", "cuda:0 (NVIDIA H200)"
  std::string dtype;
  std::string libtorch_version;
  std::string video_encoder;        // FFmpeg's name, "libx264"
  std::string attention_backend;    // the one in use; empty: there is no choice
  std::string convolution_backend;  // likewise
  int64_t memory_budget_bytes = 0;  // 0: no budget
};

class Engine {
 public:
  virtual ~Engine() = default;

  // Checks every field of `request` and returns it with all defaults filled in, the seed drawn, the size snapped and
  // the prompt rewritten. Does not touch the device. Thread-safe.
  // Errors: InvalidArgument listing every violated field (base/field_violations.h); NotFound for an unknown checkpoint;
  // ResourceExhausted, reason MEMORY_BUDGET_EXCEEDED, for a clip whose predicted peak is above the memory budget.
  virtual absl::StatusOr<ClipSpec> Resolve(const ClipRequest& request) const = 0;

  // Makes the clip and writes it to `output_path`, which must not exist; on error nothing is left there.
  // One call at a time. Same spec, same device and build: same bytes. Whatever it returns, what the clip held on the
  // device is given back, and the next call is served; after Internal, ask CheckDevice first.
  // Errors: Cancelled (the observer said stop), ResourceExhausted (device or disk full), Internal (the device).
  virtual absl::StatusOr<ClipResult> Generate(const ClipSpec& spec, const std::string& output_path,
                                              GenerateObserver& observer) = 0;

  // OK while the device does what it is told: a small operation, and waiting for it, went well. Internal when it does
  // not; some faults (an illegal access on CUDA) stay until the process ends. Not while Generate runs.
  virtual absl::Status CheckDevice() { return absl::OkStatus(); }

  // What the device holds now. Thread-safe; cheap enough to call every second while a clip is made.
  virtual MemorySample Memory() const = 0;

  // Served checkpoints with what each can do. Constant.
  virtual const std::vector<CheckpointInfo>& Checkpoints() const = 0;
  virtual const EngineInfo& Info() const = 0;
};

// Loads every model onto the device; returns when a request can be served.
// Errors: InvalidArgument (options, manifest), NotFound (a file), FailedPrecondition (a file that does not fit: one
// error lists every missing, unexpected and misshapen tensor), ResourceExhausted (memory).
absl::StatusOr<std::unique_ptr<Engine>> LoadEngine(const EngineOptions& options);

}  // namespace ovi
