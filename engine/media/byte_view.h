// Integers out of untrusted bytes. Reading beyond the end gives 0: every caller compares what it read with something
// that 0 is not, or checks `Has` first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ovi {

enum class ByteOrder { kLittle, kBig };

class ByteView {
 public:
  ByteView(std::string_view bytes, ByteOrder order) : bytes_(bytes), order_(order) {}

  size_t size() const { return bytes_.size(); }
  bool Has(size_t offset, size_t count) const { return offset <= bytes_.size() && count <= bytes_.size() - offset; }
  uint32_t U8(size_t offset) const { return Unsigned(offset, 1); }
  uint32_t U16(size_t offset) const { return Unsigned(offset, 2); }
  uint32_t U24(size_t offset) const { return Unsigned(offset, 3); }
  uint32_t U32(size_t offset) const { return Unsigned(offset, 4); }
  // Cut at the end of the bytes.
  std::string_view Slice(size_t offset, size_t count) const {
    return offset < bytes_.size() ? bytes_.substr(offset, count) : std::string_view();
  }

 private:
  uint32_t Unsigned(size_t offset, size_t count) const {
    if (!Has(offset, count)) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const size_t at = order_ == ByteOrder::kBig ? offset + i : offset + count - 1 - i;
      value = value << 8 | static_cast<uint8_t>(bytes_[at]);
    }
    return value;
  }

  std::string_view bytes_;
  ByteOrder order_;
};

}  // namespace ovi
