#include "engine/text/sentencepiece_model.h"

#include <dlfcn.h>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

constexpr char kModule[] = "libovi_sentencepiece.so";

// Local: its protobuf answers nobody else. Deep: nobody else's protobuf answers it, which AddressSanitizer cannot load.
#ifdef __SANITIZE_ADDRESS__
constexpr int kScope = RTLD_NOW | RTLD_LOCAL;
#else
constexpr int kScope = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

absl::Status NotLoaded() {
  const char* const why = dlerror();  // names the file
  return absl::FailedPreconditionError(absl::StrFormat(
      "the tokenizer's library cannot be loaded: %s; it belongs in ../lib beside this program", why ? why : kModule));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SentencePieceModel>> MakeSentencePieceModel() {
  void* const module = dlopen(kModule, kScope);  // never closed: models made by it live as long as they like
  if (module == nullptr) return NotLoaded();
  const auto make = reinterpret_cast<decltype(&ovi_make_sentencepiece_model)>(
      dlsym(module, "ovi_make_sentencepiece_model"));
  if (make == nullptr) return NotLoaded();
  return std::unique_ptr<SentencePieceModel>(make());
}

}  // namespace ovi
