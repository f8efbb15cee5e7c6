// SHA-256, as artifacts and first frames are named by it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ovi {

// Fed piece by piece. One thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void Add(std::string_view bytes);
  // Lower-case hexadecimal; call it once, last.
  std::string Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string Sha256Of(std::string_view bytes);

// HMAC-SHA256: 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view text);

}  // namespace ovi
