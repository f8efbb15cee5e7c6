// The numbers and texts of a pickle. Private to engine/checkpoint.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "engine/checkpoint/pickle_input.h"
#include "engine/checkpoint/pickle_value.h"

namespace ovi::pickle {

bool IsNumber(uint8_t opcode);
bool IsText(uint8_t opcode);

// What stands behind such an opcode. Errors as Input's.
absl::StatusOr<Value> ReadNumber(Input& input, uint8_t opcode);
absl::StatusOr<Value> ReadText(Input& input, uint8_t opcode);

}  // namespace ovi::pickle
