#include "engine/text/sentencepiece_model.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

// Not by a run path: that would be looked up for whoever calls dlopen, which is a sanitizer where there is one.
std::string ModulePath() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  return (program.parent_path().parent_path() / "lib" / "libovi_sentencepiece.so").string();
}

// Local: its protobuf answers nobody else. Deep: nobody else's protobuf answers it, which AddressSanitizer cannot load.
#ifdef __SANITIZE_ADDRESS__
constexpr int kScope = RTLD_NOW | RTLD_LOCAL;
#else
constexpr int kScope = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

absl::Status NotLoaded() {
  const char* const why = dlerror();  // names the file
  return absl::FailedPreconditionError(
      absl::StrFormat("the tokenizer's library cannot be loaded: %s; it belongs in ../lib beside this program",
                      why ? why : "no reason"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SentencePieceModel>> MakeSentencePieceModel() {
  // Never closed: models made by it live as long as they like.
  void* const module = dlopen(ModulePath().c_str(), kScope);
  if (module == nullptr) return NotLoaded();
  const auto make =
      reinterpret_cast<decltype(&ovi_make_sentencepiece_model)>(dlsym(module, "ovi_make_sentencepiece_model"));
  if (make == nullptr) return NotLoaded();
  return std::unique_ptr<SentencePieceModel>(make());
}

}  // namespace ovi
