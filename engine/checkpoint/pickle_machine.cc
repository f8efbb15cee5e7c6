#include "engine/checkpoint/pickle_machine.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/pickle_torch.h"

namespace ovi::pickle {
namespace {

// A checkpoint of 2,000 tensors takes some 60,000 opcodes. Each makes one value of about 100 bytes at most, so this
// bounds the memory of a hostile one to some 200 MB.
constexpr uint64_t kMaxOpcodes = 2'000'000;

template <typename Number>
bool ParseDecimal(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

absl::Status Machine::Bad(const std::string& what) const {
  return absl::InvalidArgumentError(absl::StrFormat("pickle byte %d: %s", at_, what));
}

void Machine::Push(Value value) {
  arena_.push_back(std::move(value));
  stack_.push_back(&arena_.back());
}

absl::Status Machine::Bytes(uint64_t count, std::string_view& out) {
  if (count > pickle_.size() - at_) return Bad("ends early");
  out = pickle_.substr(at_, count);
  at_ += count;
  return absl::OkStatus();
}

template <typename Number>
absl::Status Machine::Fixed(Number& out) {
  std::string_view bytes;
  OVI_RETURN_IF_ERROR(Bytes(sizeof(Number), bytes));
  std::memcpy(&out, bytes.data(), sizeof(Number));
  return absl::OkStatus();
}

absl::Status Machine::Line(std::string_view& out) {
  const size_t end = pickle_.find('\n', at_);
  if (end == std::string_view::npos) return Bad("ends early");
  out = pickle_.substr(at_, end - at_);
  at_ = end + 1;
  return absl::OkStatus();
}

absl::Status Machine::Pop(Ref& out) {
  if (stack_.empty() || std::holds_alternative<struct Mark>(stack_.back()->data))
    return Bad("takes from an empty stack");
  out = stack_.back();
  stack_.pop_back();
  return absl::OkStatus();
}

absl::Status Machine::PopToMark(std::vector<Ref>& out) {
  const auto mark = std::find_if(stack_.rbegin(), stack_.rend(),
                                 [](Ref value) { return std::holds_alternative<struct Mark>(value->data); });
  if (mark == stack_.rend()) return Bad("has no mark on its stack");
  out.assign(mark.base(), stack_.end());
  stack_.erase(mark.base() - 1, stack_.end());
  return absl::OkStatus();
}

absl::StatusOr<Ref> Machine::Run() {
  for (uint64_t count = 0; count < kMaxOpcodes; ++count) {
    uint8_t opcode = 0;
    OVI_RETURN_IF_ERROR(Fixed(opcode));
    if (opcode == '.') {
      if (stack_.size() != 1) return Bad("stops with other than one value");
      return stack_.back();
    }
    OVI_RETURN_IF_ERROR(Step(opcode));
  }
  return Bad("is too long to be a checkpoint");
}

absl::Status Machine::Step(uint8_t opcode) {
  switch (opcode) {
    case 0x80: {  // PROTO
      uint8_t protocol = 0;
      return Fixed(protocol);
    }
    case 0x95: {  // FRAME
      uint64_t length = 0;
      return Fixed(length);
    }
    case 'N':
      Push({None{}});
      return absl::OkStatus();
    case 0x88:
    case 0x89:
      Push({opcode == 0x88});
      return absl::OkStatus();
    case '(':
      Push({pickle::Mark{}});
      return absl::OkStatus();
    case 'K':
    case 'M':
    case 'J':
    case 0x8a:
    case 'G':
    case 'I':
    case 'L':
      return PushNumber(opcode);
    case 'X':
    case 0x8c:
    case 0x8d:
    case 'U':
    case 'T':
    case 'C':
    case 'B':
      return PushText(opcode);
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
    case 'i': {  // INST calls what it names; refused below like any other callable, so that the error can name it
      std::string_view module, name;
      OVI_RETURN_IF_ERROR(Line(module));
      OVI_RETURN_IF_ERROR(Line(name));
      if (opcode == 'i') return Bad(absl::StrFormat("wants to call %s.%s; nothing is executed", module, name));
      return PushGlobal(absl::StrFormat("%s.%s", module, name));
    }
    case 0x93:
      return PushStackGlobal();
    case 'Q':
      return LoadStorage();
    case 'R':
      return Reduce();
    default:
      return Bad(absl::StrFormat(
          "opcode 0x%02x is not one a state dictionary needs; nothing in a checkpoint is executed", opcode));
  }
}

absl::Status Machine::PushNumber(uint8_t opcode) {
  int64_t number = 0;
  if (opcode == 'K') {
    uint8_t value = 0;
    OVI_RETURN_IF_ERROR(Fixed(value));
    number = value;
  } else if (opcode == 'M') {
    uint16_t value = 0;
    OVI_RETURN_IF_ERROR(Fixed(value));
    number = value;
  } else if (opcode == 'J') {
    int32_t value = 0;
    OVI_RETURN_IF_ERROR(Fixed(value));
    number = value;
  } else if (opcode == 0x8a) {  // LONG1: little-endian two's complement of any length
    uint8_t count = 0;
    std::string_view bytes;
    OVI_RETURN_IF_ERROR(Fixed(count));
    OVI_RETURN_IF_ERROR(Bytes(count, bytes));
    if (count > 8) return Bad("holds an integer beyond 64 bits");
    const bool negative = count > 0 && (static_cast<uint8_t>(bytes.back()) & 0x80) != 0;
    number = negative ? -1 : 0;
    std::memcpy(&number, bytes.data(), count);
  } else if (opcode == 'G') {  // BINFLOAT: big-endian, unlike everything else
    std::string_view bytes;
    OVI_RETURN_IF_ERROR(Bytes(8, bytes));
    std::string reversed(bytes.rbegin(), bytes.rend());
    double value = 0;
    std::memcpy(&value, reversed.data(), sizeof(value));
    Push({value});
    return absl::OkStatus();
  } else {  // INT, LONG: text
    std::string_view line;
    OVI_RETURN_IF_ERROR(Line(line));
    if (opcode == 'L' && !line.empty() && line.back() == 'L') line.remove_suffix(1);
    if (!ParseDecimal(line, number)) return Bad("holds an integer that cannot be read");
  }
  Push({number});
  return absl::OkStatus();
}

absl::Status Machine::PushText(uint8_t opcode) {
  uint64_t length = 0;
  if (opcode == 0x8c || opcode == 'U' || opcode == 'C') {
    uint8_t value = 0;
    OVI_RETURN_IF_ERROR(Fixed(value));
    length = value;
  } else if (opcode == 0x8d) {
    OVI_RETURN_IF_ERROR(Fixed(length));
  } else {
    uint32_t value = 0;
    OVI_RETURN_IF_ERROR(Fixed(value));
    length = value;
  }
  std::string_view text;
  OVI_RETURN_IF_ERROR(Bytes(length, text));
  Push({std::string(text)});
  return absl::OkStatus();
}

absl::Status Machine::PushContainer(uint8_t opcode) {
  if (opcode == '}') {
    Push({Dictionary{}});
    return absl::OkStatus();
  }
  Sequence sequence;
  if (opcode == 't' || opcode == 'l' || opcode == 'd') {
    OVI_RETURN_IF_ERROR(PopToMark(sequence.items));
  } else if (opcode >= 0x85) {
    sequence.items.resize(opcode - 0x84u);
    for (auto item = sequence.items.rbegin(); item != sequence.items.rend(); ++item) OVI_RETURN_IF_ERROR(Pop(*item));
  }
  if (opcode == 'd') {
    if (sequence.items.size() % 2 != 0) return Bad("has a key without a value");
    Dictionary dictionary;
    for (size_t i = 0; i < sequence.items.size(); i += 2) {
      dictionary.items.emplace_back(sequence.items[i], sequence.items[i + 1]);
    }
    Push({std::move(dictionary)});
  } else {
    Push({std::move(sequence)});
  }
  return absl::OkStatus();
}

absl::Status Machine::Memo(uint8_t opcode) {
  uint64_t index = memo_.size();
  if (opcode == 'q' || opcode == 'h') {
    uint8_t value = 0;
    OVI_RETURN_IF_ERROR(Fixed(value));
    index = value;
  } else if (opcode == 'r' || opcode == 'j') {
    uint32_t value = 0;
    OVI_RETURN_IF_ERROR(Fixed(value));
    index = value;
  }
  if (opcode == 'h' || opcode == 'j') {
    const auto found = memo_.find(index);
    if (found == memo_.end()) return Bad("recalls what it never stored");
    stack_.push_back(found->second);
    return absl::OkStatus();
  }
  if (stack_.empty()) return Bad("stores from an empty stack");
  memo_[index] = stack_.back();
  return absl::OkStatus();
}

absl::Status Machine::Fill(uint8_t opcode) {
  std::vector<Ref> items;
  if (opcode == 'e' || opcode == 'u') {
    OVI_RETURN_IF_ERROR(PopToMark(items));
  } else {
    items.resize(opcode == 's' ? 2 : 1);
    for (auto item = items.rbegin(); item != items.rend(); ++item) OVI_RETURN_IF_ERROR(Pop(*item));
  }
  if (opcode == '0') return absl::OkStatus();  // POP
  if (stack_.empty()) return Bad("fills nothing");
  Value& target = *stack_.back();
  if (opcode == 'b') return absl::OkStatus();  // BUILD: attributes of an OrderedDict (_metadata); no tensor is in them
  if (auto* const list = std::get_if<Sequence>(&target.data); list != nullptr && (opcode == 'a' || opcode == 'e')) {
    list->items.insert(list->items.end(), items.begin(), items.end());
    return absl::OkStatus();
  }
  auto* const dictionary = std::get_if<Dictionary>(&target.data);
  if (dictionary == nullptr || opcode == 'a' || opcode == 'e' || items.size() % 2 != 0)
    return Bad("fills the wrong container");
  for (size_t i = 0; i < items.size(); i += 2) dictionary->items.emplace_back(items[i], items[i + 1]);
  return absl::OkStatus();
}

absl::Status Machine::PushGlobal(const std::string& name) {
  if (!IsAllowedGlobal(name)) {
    return Bad(
        absl::StrFormat("wants to call %s; only tensors and plain containers are read, and nothing is executed", name));
  }
  Push({Global{name}});
  return absl::OkStatus();
}

absl::Status Machine::PushStackGlobal() {
  Ref name = nullptr, module = nullptr;
  OVI_RETURN_IF_ERROR(Pop(name));
  OVI_RETURN_IF_ERROR(Pop(module));
  const auto* const name_text = std::get_if<std::string>(&name->data);
  const auto* const module_text = std::get_if<std::string>(&module->data);
  if (name_text == nullptr || module_text == nullptr) return Bad("names a callable by something that is no text");
  return PushGlobal(absl::StrFormat("%s.%s", *module_text, *name_text));
}

absl::Status Machine::LoadStorage() {
  Ref description = nullptr;
  OVI_RETURN_IF_ERROR(Pop(description));
  absl::StatusOr<Storage> storage = ToStorage(*description);
  if (!storage.ok()) return Bad(std::string(storage.status().message()));
  Push({*std::move(storage)});
  return absl::OkStatus();
}

absl::Status Machine::Reduce() {
  Ref arguments = nullptr, callable = nullptr;
  OVI_RETURN_IF_ERROR(Pop(arguments));
  OVI_RETURN_IF_ERROR(Pop(callable));
  const auto* const global = std::get_if<Global>(&callable->data);
  const auto* const tuple = std::get_if<Sequence>(&arguments->data);
  if (global == nullptr || tuple == nullptr) return Bad("calls something that is no callable");
  absl::StatusOr<Value> value = Rebuild(global->name, *tuple);
  if (!value.ok()) return Bad(std::string(value.status().message()));
  Push(*std::move(value));
  return absl::OkStatus();
}

}  // namespace ovi::pickle
