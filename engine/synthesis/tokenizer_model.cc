#include "engine/synthesis/tokenizer_model.h"

#include <bit>
#include <cstdint>
#include <string_view>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

// Protocol buffers by hand, as no generated header may come into engine/: a field is its number and wire type, then a
// varint, a length and its bytes, or four bytes.
class Message {
 public:
  Message& Varint(uint32_t field, uint32_t value) {
    Number(field << 3);
    Number(value);
    return *this;
  }
  Message& Text(uint32_t field, std::string_view text) {
    Number(field << 3 | 2);
    Number(static_cast<uint32_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  Message& Float(uint32_t field, float value) {
    Number(field << 3 | 5);
    const auto bits = std::bit_cast<uint32_t>(value);
    bytes_.append(reinterpret_cast<const char*>(&bits), sizeof(bits));
    return *this;
  }
  const std::string& str() const { return bytes_; }

 private:
  void Number(uint32_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

// Field numbers and values: sentencepiece_model.proto of google/sentencepiece.
enum class Kind : uint32_t { kNormal = 1, kUnknown = 2, kControl = 3, kByte = 6 };

std::string Piece(std::string_view text, Kind kind, float score = 0) {
  return Message().Text(1, text).Float(2, score).Varint(3, static_cast<uint32_t>(kind)).str();
}

std::string TrainerSpec() {
  constexpr uint32_t kUnigram = 1;
  return Message()
      .Varint(3, kUnigram)
      .Varint(4, kTokenizerPieces)
      .Varint(35, 1)  // byte_fallback
      .Varint(40, 3)  // unk_id, bos_id, eos_id, pad_id
      .Varint(41, 2)
      .Varint(42, 1)
      .Varint(43, 0)
      .str();
}

}  // namespace

std::string MakeTokenizerModel() {
  Message model;
  const auto add = [&model](const std::string& piece) { model.Text(1, piece); };
  add(Piece("<pad>", Kind::kControl));
  add(Piece("</s>", Kind::kControl));
  add(Piece("<s>", Kind::kControl));
  add(Piece("<unk>", Kind::kUnknown));
  for (int byte = 0; byte < 256; ++byte) add(Piece(absl::StrFormat("<0x%02X>", byte), Kind::kByte));
  add(Piece("\u2581", Kind::kNormal, -2));  // the most frequent one
  for (char character = '!'; character <= '~'; ++character) {
    add(Piece(std::string_view(&character, 1), Kind::kNormal, -4));
  }
  model.Text(2, TrainerSpec());
  model.Text(3, Message().Text(1, "identity").str());  // the normaliser
  return model.str();
}

}  // namespace ovi
