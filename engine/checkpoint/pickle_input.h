// The bytes of a pickle, from front to back. Private to engine/checkpoint.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/status_macros.h"

namespace ovi::pickle {

// Errors are InvalidArgument and name the byte that was reached.
class Input {
 public:
  explicit Input(std::string_view pickle) : pickle_(pickle) {}

  absl::Status Bytes(uint64_t count, std::string_view& out);
  // Up to the next line feed, which is passed over.
  absl::Status Line(std::string_view& out);
  // A little-endian number, as wide as its type.
  template <typename Number>
  absl::Status Fixed(Number& out) {
    std::string_view bytes;
    OVI_RETURN_IF_ERROR(Bytes(sizeof(Number), bytes));
    std::memcpy(&out, bytes.data(), sizeof(Number));
    return absl::OkStatus();
  }
  // A little-endian number of another width than the variable that takes it.
  template <typename Stored, typename Number>
  absl::Status Widened(Number& out) {
    Stored stored = 0;
    OVI_RETURN_IF_ERROR(Fixed(stored));
    out = stored;
    return absl::OkStatus();
  }

  absl::Status Bad(std::string_view what) const;

 private:
  std::string_view pickle_;
  uint64_t at_ = 0;
};

}  // namespace ovi::pickle
