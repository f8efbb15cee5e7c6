// The stack machine of a pickle, without the opcodes that would run code. Private to engine/checkpoint.
// https://docs.python.org/3/library/pickletools.html names the opcodes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/checkpoint/pickle_input.h"
#include "engine/checkpoint/pickle_stack.h"
#include "engine/checkpoint/pickle_value.h"

namespace ovi::pickle {

// Runs once over one pickle. The result lives as long as the machine.
class Machine {
 public:
  explicit Machine(std::string_view pickle) : input_(pickle) {}
  // The one value that STOP leaves. InvalidArgument: damaged, too long, or wants to call something.
  absl::StatusOr<Ref> Run();

 private:
  absl::Status Step(uint8_t opcode);
  absl::Status Push(absl::StatusOr<Value> value);
  absl::Status PushContainer(uint8_t opcode);
  absl::Status Memo(uint8_t opcode);
  absl::Status Fill(uint8_t opcode);
  absl::Status PushGlobal(const std::string& name);
  absl::Status PushNamedGlobal(uint8_t opcode);
  absl::Status PushStackGlobal();
  absl::Status LoadStorage();
  absl::Status Reduce();
  absl::Status TooFew() const { return input_.Bad("takes from an empty stack"); }

  Input input_;
  Stack stack_;
};

}  // namespace ovi::pickle
