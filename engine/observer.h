// How a running Generate reports, and how it is stopped. Called on the thread that runs Generate; must not block for
// long.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ovi {

enum class Stage { kTextEncode, kFirstFrameEncode, kDiffusion, kCleanup, kAudioDecode, kVideoDecode, kFinish };

// The named points of a job's memory record, in the order in which a job passes them.
enum class MemoryPoint { kLoaded, kTextEncoded, kDiffusionPeak, kAfterCleanup, kDecodePeak, kDone };

// One reading of the ledger. CPU: the allocator's figures are the process heap's and `system_bytes` is the RSS.
// CUDA and ROCm: the caching allocator's counters, and beside them what the driver says. What we use is never computed
// as `total - free`: others use the device too, and on unified memory free has been seen above total.
struct MemorySample {
  MemoryPoint point = MemoryPoint::kLoaded;
  int64_t allocated_bytes = 0;
  int64_t reserved_bytes = 0;  // held by the allocator, allocated or not
  int64_t peak_bytes = 0;      // largest allocated since the previous point
  int64_t system_bytes = 0;    // the operating system's view of this process (CPU) or device (amdgpu: VRAM and GTT)
  int64_t system_vram_bytes = 0, system_gtt_bytes = 0;    // amdgpu's two kinds of memory, in use by anybody; else 0
  int64_t device_total_bytes = 0, device_free_bytes = 0;  // as the device's runtime says; CPU: 0
  int64_t budget_bytes = 0;                               // what the engine was told to stay below; 0: nothing
};

struct StepProgress {
  int step = 0;  // 1-based: this many are done
  int steps = 0;
  double step_seconds = 0;
};

// Frame groups of the decode, so that a progress bar keeps moving after the last step.
struct DecodeProgress {
  int frames_done = 0;
  int frames = 0;
};

struct Preview {
  int step = 0;
  std::string png;  // one frame as the model sees it at this step
};

class GenerateObserver {
 public:
  virtual ~GenerateObserver() = default;
  virtual void OnStage(Stage) {}
  virtual void OnStep(const StepProgress&) {}
  virtual void OnDecode(const DecodeProgress&) {}
  virtual void OnMemory(const MemorySample&) {}
  virtual void OnPreview(const Preview&) {}
  // Asked between any two network calls: inside a step, between steps, between decode groups. True ends Generate with
  // Cancelled, and everything it held is released before it returns.
  virtual bool ShouldStop() { return false; }
};

// "text_encode", "diffusion_peak": the words of the log, the API and the metrics.
std::string_view StageName(Stage stage);
std::string_view MemoryPointName(MemoryPoint point);

}  // namespace ovi
