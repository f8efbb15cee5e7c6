#include "engine/checkpoint/pickle_literals.h"

#include <charconv>
#include <string>
#include <utility>

namespace ovi::pickle {
namespace {

constexpr std::string_view kNumbers = "KMJ\x8aGIL", kTexts = "X\x8c\x8dUTCB";

bool Holds(std::string_view opcodes, uint8_t opcode) {
  return opcodes.find(static_cast<char>(opcode)) != std::string_view::npos;
}

// LONG1: little-endian two's complement of any length.
absl::Status ReadLong(Input& input, int64_t& number) {
  uint8_t count = 0;
  std::string_view bytes;
  OVI_RETURN_IF_ERROR(input.Fixed(count));
  OVI_RETURN_IF_ERROR(input.Bytes(count, bytes));
  if (count > 8) return input.Bad("holds an integer beyond 64 bits");
  const bool negative = count > 0 && (static_cast<uint8_t>(bytes.back()) & 0x80) != 0;
  number = negative ? -1 : 0;
  std::memcpy(&number, bytes.data(), count);
  return absl::OkStatus();
}

// INT, LONG: a line of text.
absl::Status ReadDecimal(Input& input, bool ends_in_l, int64_t& number) {
  std::string_view line;
  OVI_RETURN_IF_ERROR(input.Line(line));
  if (ends_in_l && !line.empty() && line.back() == 'L') line.remove_suffix(1);
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  const bool whole = error == std::errc() && end == line.data() + line.size();
  return whole ? absl::OkStatus() : input.Bad("holds an integer that cannot be read");
}

// BINFLOAT: big-endian, unlike everything else.
absl::StatusOr<Value> ReadDouble(Input& input) {
  std::string_view bytes;
  OVI_RETURN_IF_ERROR(input.Bytes(sizeof(double), bytes));
  const std::string reversed(bytes.rbegin(), bytes.rend());
  double value = 0;
  std::memcpy(&value, reversed.data(), sizeof(value));
  return Value{value};
}

absl::Status ReadLength(Input& input, uint8_t opcode, uint64_t& length) {
  switch (opcode) {
    case 0x8c:
    case 'U':
    case 'C':
      return input.Widened<uint8_t>(length);
    case 0x8d:
      return input.Fixed(length);
    default:
      return input.Widened<uint32_t>(length);
  }
}

}  // namespace

bool IsNumber(uint8_t opcode) { return Holds(kNumbers, opcode); }
bool IsText(uint8_t opcode) { return Holds(kTexts, opcode); }

absl::StatusOr<Value> ReadNumber(Input& input, uint8_t opcode) {
  int64_t number = 0;
  switch (opcode) {
    case 'K':
      OVI_RETURN_IF_ERROR(input.Widened<uint8_t>(number));
      break;
    case 'M':
      OVI_RETURN_IF_ERROR(input.Widened<uint16_t>(number));
      break;
    case 'J':
      OVI_RETURN_IF_ERROR(input.Widened<int32_t>(number));
      break;
    case 0x8a:
      OVI_RETURN_IF_ERROR(ReadLong(input, number));
      break;
    case 'G':
      return ReadDouble(input);
    default:
      OVI_RETURN_IF_ERROR(ReadDecimal(input, opcode == 'L', number));
  }
  return Value{number};
}

absl::StatusOr<Value> ReadText(Input& input, uint8_t opcode) {
  uint64_t length = 0;
  std::string_view text;
  OVI_RETURN_IF_ERROR(ReadLength(input, opcode, length));
  OVI_RETURN_IF_ERROR(input.Bytes(length, text));
  return Value{std::string(text)};
}

}  // namespace ovi::pickle
