// LoadEngine of a program that is linked with the fake engine instead of the real one.
#include <cstdlib>
#include <memory>
#include <string_view>

#include "tests/service/fake_engine.h"

namespace ovi {

// OVI_FAKE_ENGINE=hold: clips stay at their first step for as long as the process lives, or until they are cancelled.
absl::StatusOr<std::unique_ptr<Engine>> LoadEngine(const EngineOptions&) {
  auto engine = std::make_unique<FakeEngine>();
  engine->SlowSteps();
  const char* mode = std::getenv("OVI_FAKE_ENGINE");
  if (mode != nullptr && std::string_view(mode) == "hold") engine->RepeatFirstStep();
  return engine;
}

}  // namespace ovi
