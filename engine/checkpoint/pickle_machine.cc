#include "engine/checkpoint/pickle_machine.h"

#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/pickle_literals.h"
#include "engine/checkpoint/pickle_torch.h"

namespace ovi::pickle {
namespace {

// A checkpoint of 2,000 tensors takes some 60,000 opcodes. Each makes one value of about 100 bytes at most, so this
// bounds the memory of a hostile one to some 200 MB.
constexpr uint64_t kMaxOpcodes = 2'000'000;

}  // namespace

absl::StatusOr<Ref> Machine::Run() {
  for (uint64_t count = 0; count < kMaxOpcodes; ++count) {
    uint8_t opcode = 0;
    OVI_RETURN_IF_ERROR(input_.Fixed(opcode));
    if (opcode == '.') {
      if (stack_.size() != 1) return input_.Bad("stops with other than one value");
      return stack_.Top();
    }
    OVI_RETURN_IF_ERROR(Step(opcode));
  }
  return input_.Bad("is too long to be a checkpoint");
}

absl::Status Machine::Step(uint8_t opcode) {
  if (IsNumber(opcode)) return Push(ReadNumber(input_, opcode));
  if (IsText(opcode)) return Push(ReadText(input_, opcode));
  switch (opcode) {
    case 0x80: {  // PROTO
      uint8_t protocol = 0;
      return input_.Fixed(protocol);
    }
    case 0x95: {  // FRAME
      uint64_t length = 0;
      return input_.Fixed(length);
    }
    case 'N':
      return Push(Value{None{}});
    case 0x88:
    case 0x89:
      return Push(Value{opcode == 0x88});
    case '(':
      return Push(Value{Mark{}});
    case '}':
    case ']':
    case ')':
    case 't':
    case 'l':
    case 'd':
    case 0x85:
    case 0x86:
    case 0x87:
      return PushContainer(opcode);
    case 'q':
    case 'r':
    case 'h':
    case 'j':
    case 0x94:
      return Memo(opcode);
    case 'a':
    case 'e':
    case 's':
    case 'u':
    case 'b':
    case '0':
      return Fill(opcode);
    case 'c':
    case 'i':
      return PushNamedGlobal(opcode);
    case 0x93:
      return PushStackGlobal();
    case 'Q':
      return LoadStorage();
    case 'R':
      return Reduce();
    default:
      return input_.Bad(absl::StrFormat(
          "opcode 0x%02x is not one a state dictionary needs; nothing in a checkpoint is executed", opcode));
  }
}

absl::Status Machine::Push(absl::StatusOr<Value> value) {
  OVI_RETURN_IF_ERROR(value.status());
  stack_.Push(*std::move(value));
  return absl::OkStatus();
}

absl::Status Machine::PushContainer(uint8_t opcode) {
  if (opcode == '}') return Push(Value{Dictionary{}});
  Sequence sequence;
  if (opcode == 't' || opcode == 'l' || opcode == 'd') {
    if (!stack_.PopToMark(sequence.items)) return input_.Bad("has no mark on its stack");
  } else if (opcode >= 0x85) {  // TUPLE1 to TUPLE3
    sequence.items.resize(opcode - 0x84u);
    if (!stack_.Pop(sequence.items)) return TooFew();
  }
  if (opcode != 'd') return Push(Value{std::move(sequence)});
  if (sequence.items.size() % 2 != 0) return input_.Bad("has a key without a value");
  Dictionary dictionary;
  for (size_t i = 0; i < sequence.items.size(); i += 2) {
    dictionary.items.emplace_back(sequence.items[i], sequence.items[i + 1]);
  }
  return Push(Value{std::move(dictionary)});
}

absl::Status Machine::Memo(uint8_t opcode) {
  uint64_t index = stack_.remembered();
  if (opcode == 'q' || opcode == 'h') OVI_RETURN_IF_ERROR(input_.Widened<uint8_t>(index));
  if (opcode == 'r' || opcode == 'j') OVI_RETURN_IF_ERROR(input_.Widened<uint32_t>(index));
  if (opcode == 'h' || opcode == 'j') {
    return stack_.Recall(index) ? absl::OkStatus() : input_.Bad("recalls what it never stored");
  }
  return stack_.Remember(index) ? absl::OkStatus() : input_.Bad("stores from an empty stack");
}

absl::Status Machine::Fill(uint8_t opcode) {
  std::vector<Ref> items;
  if (opcode == 'e' || opcode == 'u') {
    if (!stack_.PopToMark(items)) return input_.Bad("has no mark on its stack");
  } else {
    items.resize(opcode == 's' ? 2 : 1);
    if (!stack_.Pop(items)) return TooFew();
  }
  if (opcode == '0') return absl::OkStatus();  // POP
  const Ref target = stack_.Top();
  if (target == nullptr) return input_.Bad("fills nothing");
  if (opcode == 'b') return absl::OkStatus();  // BUILD: attributes of an OrderedDict (_metadata); no tensor is in them
  if (auto* const list = std::get_if<Sequence>(&target->data); list != nullptr && (opcode == 'a' || opcode == 'e')) {
    list->items.insert(list->items.end(), items.begin(), items.end());
    return absl::OkStatus();
  }
  auto* const dictionary = std::get_if<Dictionary>(&target->data);
  if (dictionary == nullptr || opcode == 'a' || opcode == 'e' || items.size() % 2 != 0)
    return input_.Bad("fills the wrong container");
  for (size_t i = 0; i < items.size(); i += 2) dictionary->items.emplace_back(items[i], items[i + 1]);
  return absl::OkStatus();
}

absl::Status Machine::PushGlobal(const std::string& name) {
  if (!IsAllowedGlobal(name)) {
    return input_.Bad(
        absl::StrFormat("wants to call %s; only tensors and plain containers are read, and nothing is executed", name));
  }
  return Push(Value{Global{name}});
}

absl::Status Machine::PushNamedGlobal(uint8_t opcode) {
  std::string_view module, name;
  OVI_RETURN_IF_ERROR(input_.Line(module));
  OVI_RETURN_IF_ERROR(input_.Line(name));
  // INST calls what it names: refused like any other callable that is not known, whatever it is.
  if (opcode == 'i') return input_.Bad(absl::StrFormat("wants to call %s.%s; nothing is executed", module, name));
  return PushGlobal(absl::StrFormat("%s.%s", module, name));
}

absl::Status Machine::PushStackGlobal() {
  Ref name = nullptr, module = nullptr;
  if (!stack_.Pop(name) || !stack_.Pop(module)) return TooFew();
  const auto* const name_text = std::get_if<std::string>(&name->data);
  const auto* const module_text = std::get_if<std::string>(&module->data);
  if (name_text == nullptr || module_text == nullptr) {
    return input_.Bad("names a callable by something that is no text");
  }
  return PushGlobal(absl::StrFormat("%s.%s", *module_text, *name_text));
}

absl::Status Machine::LoadStorage() {
  Ref description = nullptr;
  if (!stack_.Pop(description)) return TooFew();
  absl::StatusOr<Storage> storage = ToStorage(*description);
  if (!storage.ok()) return input_.Bad(std::string(storage.status().message()));
  return Push(Value{*std::move(storage)});
}

absl::Status Machine::Reduce() {
  Ref arguments = nullptr, callable = nullptr;
  if (!stack_.Pop(arguments) || !stack_.Pop(callable)) return TooFew();
  const auto* const global = std::get_if<Global>(&callable->data);
  const auto* const tuple = std::get_if<Sequence>(&arguments->data);
  if (global == nullptr || tuple == nullptr) return input_.Bad("calls something that is no callable");
  absl::StatusOr<Value> value = Rebuild(global->name, *tuple);
  if (!value.ok()) return input_.Bad(std::string(value.status().message()));
  return Push(std::move(value));
}

}  // namespace ovi::pickle
