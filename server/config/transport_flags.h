// The flags that are about messages and connections.
#pragma once

#include "base/field_violations.h"
#include "server/transport_limits.h"

namespace ovi {

// The flags as they are now. What is wrong is added to `violations`.
TransportLimits TransportFromFlags(FieldViolations& violations);

}  // namespace ovi
