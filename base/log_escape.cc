#include <cstdint>
#include <optional>

#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/utf8.h"

namespace ovi::log {
namespace {

// C0 and C1, among them NEL, and U+2028 and U+2029, at which some readers end a line too.
bool IsControl(uint32_t value) {
  return value < 0x20 || (value >= 0x7f && value < 0xa0) || value == 0x2028 || value == 0x2029;
}

}  // namespace

std::string Escaped(std::string_view message) {
  std::string out;
  out.reserve(message.size());
  while (!message.empty()) {
    std::string_view rest = message;
    const std::optional<uint32_t> character = TakeCharacter(rest);
    if (!character.has_value()) rest.remove_prefix(1);
    const std::string_view bytes = message.substr(0, message.size() - rest.size());
    message = rest;
    if (bytes == "\n") {
      out += "\\n";
    } else if (bytes == "\r") {
      out += "\\r";
    } else if (bytes == "\t") {
      out += "\\t";
    } else if (character.has_value() && !IsControl(*character)) {
      out.append(bytes);
    } else {
      for (const char c : bytes) out += absl::StrFormat("\\x%02x", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace ovi::log
