// The flags that are about the models and the device they run on.
#pragma once

#include <string>

#include "base/field_violations.h"
#include "engine/engine.h"

namespace ovi {

// The flags as they are now. What is wrong is added to `violations`, each with its remedy. `executable` is where this
// program lies, to find the demo bundle beside it. OVI_ENGINE_DEBUG=1 and OVI_VAE_DEBUG=1 in the environment do what
// --debug=engine,vae does.
EngineOptions EngineFromFlags(const std::string& executable, FieldViolations& violations);

}  // namespace ovi
