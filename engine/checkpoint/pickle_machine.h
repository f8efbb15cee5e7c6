// The stack machine of a pickle, without the opcodes that would run code. Private to engine/checkpoint.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/checkpoint/pickle_value.h"

namespace ovi::pickle {

// Runs once over one pickle. The result lives as long as the machine.
class Machine {
 public:
  explicit Machine(std::string_view pickle) : pickle_(pickle) {}
  // The one value that STOP leaves. InvalidArgument: damaged, too long, or wants to call something.
  absl::StatusOr<Ref> Run();

 private:
  absl::Status Step(uint8_t opcode);
  absl::Status PushNumber(uint8_t opcode);
  absl::Status PushText(uint8_t opcode);
  absl::Status PushContainer(uint8_t opcode);
  absl::Status Memo(uint8_t opcode);
  absl::Status Fill(uint8_t opcode);
  absl::Status PushGlobal(const std::string& name);
  absl::Status PushStackGlobal();
  absl::Status LoadStorage();
  absl::Status Reduce();

  absl::Status Bytes(uint64_t count, std::string_view& out);
  absl::Status Line(std::string_view& out);
  template <typename Number>
  absl::Status Fixed(Number& out);
  absl::Status Pop(Ref& out);
  absl::Status PopToMark(std::vector<Ref>& out);
  void Push(Value value);
  absl::Status Bad(const std::string& what) const;

  std::string_view pickle_;
  uint64_t at_ = 0;
  std::deque<Value> arena_;
  std::vector<Ref> stack_;
  std::map<uint64_t, Ref> memo_;
};

}  // namespace ovi::pickle
