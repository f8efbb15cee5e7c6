// libovi_sentencepiece.so: all of ovi that sees the sentencepiece library. Why it is a module: sentencepiece_model.h.
#include <sentencepiece_processor.h>

#include "engine/text/sentencepiece_interface.h"

namespace ovi {
namespace {

class Model final : public SentencePieceModel {
 public:
  std::string Load(std::string_view bytes) override {
    const auto status = processor_.LoadFromSerializedProto(bytes);
    return status.ok() ? std::string() : status.ToString();
  }

  std::vector<int> Encode(std::string_view text) const override {
    std::vector<int> ids;
    // Fails only for a model that did not load.
    if (!processor_.Encode(text, &ids).ok()) ids.clear();
    return ids;
  }

  int size() const override { return processor_.GetPieceSize(); }
  int pad_id() const override { return processor_.pad_id(); }
  int eos_id() const override { return processor_.eos_id(); }
  int unk_id() const override { return processor_.unk_id(); }
  bool IsControl(int id) const override { return processor_.IsControl(id); }
  const std::string& Piece(int id) const override { return processor_.IdToPiece(id); }
  int IdOf(std::string_view piece) const override { return processor_.PieceToId(piece); }

 private:
  sentencepiece::SentencePieceProcessor processor_;
};

}  // namespace
}  // namespace ovi

extern "C" ovi::SentencePieceModel* ovi_make_sentencepiece_model() { return new ovi::Model(); }
