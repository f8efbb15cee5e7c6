// What libovi_sentencepiece.so offers: no type of Abseil here, whose name the sentencepiece header takes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ovi {

// Thread-safe once loaded.
class SentencePieceModel {
 public:
  virtual ~SentencePieceModel() = default;

  // `bytes`: the content of a .model file. Returns what is wrong with it, or an empty string.
  virtual std::string Load(std::string_view bytes) = 0;

  // Normalises as the model says, and gives the ids of the most probable pieces; bytes where the model has byte pieces.
  virtual std::vector<int> Encode(std::string_view text) const = 0;

  virtual int size() const = 0;
  virtual int pad_id() const = 0;  // negative: none; eos_id too
  virtual int eos_id() const = 0;
  virtual int unk_id() const = 0;
  virtual bool IsControl(int id) const = 0;
  virtual const std::string& Piece(int id) const = 0;
  virtual int IdOf(std::string_view piece) const = 0;  // unk_id() if there is no such piece
};

}  // namespace ovi

// Made with new; the one symbol that the module exports.
extern "C" ovi::SentencePieceModel* ovi_make_sentencepiece_model();
