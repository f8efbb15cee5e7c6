// What torch.save puts into a pickle: the few names it may hold, and the data they stand for. Private to
// engine/checkpoint.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/checkpoint/pickle_value.h"

namespace ovi::pickle {

// OrderedDict, torch's tensor and parameter builders, storage types, torch.Size: nothing that acts.
bool IsAllowedGlobal(const std::string& name);

// The persistent id ("storage", type, key, location, elements).
absl::StatusOr<Storage> ToStorage(const Value& persistent_id);

// The value that calling `name` with `arguments` would give.
absl::StatusOr<Value> Rebuild(const std::string& name, const Sequence& arguments);

}  // namespace ovi::pickle
