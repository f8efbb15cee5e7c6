// LoadEngine and RunSelfTest of a program that is linked with the fake engine instead of the real one.
#include <cstdlib>
#include <memory>
#include <string_view>

#include "engine/self_test.h"
#include "tests/service/fake_engine.h"

namespace ovi {

namespace {

std::string_view Mode() {
  const char* mode = std::getenv("OVI_FAKE_ENGINE");
  return mode == nullptr ? "" : mode;
}

size_t Number(const char* variable, size_t otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : std::strtoul(value, nullptr, 10);
}

}  // namespace

// OVI_FAKE_ENGINE_BYTES, OVI_FAKE_ENGINE_STEP_MS: the size of clips, and what a step takes.
// OVI_FAKE_ENGINE=hold: clips stay at their first step for as long as the process lives, or until they are cancelled.
// OVI_FAKE_ENGINE=hang: the first step of a clip never returns, not even when it is cancelled.
// OVI_FAKE_ENGINE=lost: the same, but a clip that is cancelled ends with a fault that the device does not survive.
absl::StatusOr<std::unique_ptr<Engine>> LoadEngine(const EngineOptions& options) {
  auto engine = std::make_unique<FakeEngine>();
  engine->SetMemoryBudget(options.memory_budget_bytes);
  engine->SlowSteps(absl::Milliseconds(Number("OVI_FAKE_ENGINE_STEP_MS", 5)));
  engine->SetOutputBytes(Number("OVI_FAKE_ENGINE_BYTES", 1000));
  if (Mode() == "hold" || Mode() == "lost") engine->RepeatFirstStep();
  if (Mode() == "hang") engine->HoldSteps();
  if (Mode() == "lost") {
    engine->FailWhenStopped(absl::InternalError("diffusion: CUDA error: an illegal memory access was encountered"));
    engine->BreakDevice(absl::InternalError("device check: CUDA error: an illegal memory access was encountered"));
  }
  return engine;
}

absl::StatusOr<std::vector<SelfTestLine>> RunSelfTest(const EngineOptions&) {
  return std::vector<SelfTestLine>{{.name = "device", .ok = true, .detail = "cpu", .seconds = 0.25},
                                   {.name = "clip", .ok = Mode() != "lost", .detail = "128x128", .seconds = 1}};
}

}  // namespace ovi
