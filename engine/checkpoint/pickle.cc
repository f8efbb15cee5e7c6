#include "engine/checkpoint/pickle.h"

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/pickle_machine.h"

namespace ovi {
namespace {

constexpr int kMaxDepth = 16;               // of nested dictionaries; a pickle may make one that contains itself
constexpr size_t kMaxNameBytes = 1024;      // one long key could multiply by the entries below it
constexpr int64_t kMaxEntries = 1'000'000;  // shared dictionaries could multiply on the way down

using pickle::Dictionary;
using pickle::Ref;

absl::Status Collect(const Dictionary& dictionary, const std::string& prefix, int depth, int64_t& budget,
                     std::map<std::string, PickledTensor>& tensors) {
  if (depth > kMaxDepth) return absl::InvalidArgumentError("its dictionaries are nested too deeply");
  for (const auto& [key, value] : dictionary.items) {
    if (--budget < 0) return absl::InvalidArgumentError("its dictionaries hold too many entries");
    const auto* const name = std::get_if<std::string>(&key->data);
    if (name == nullptr) continue;
    if (prefix.size() + name->size() > kMaxNameBytes) {
      return absl::InvalidArgumentError(absl::StrFormat("holds a name of %d bytes, which no tensor has (%s...)",
                                                        prefix.size() + name->size(), (prefix + *name).substr(0, 40)));
    }
    const std::string full = prefix + *name;
    if (const auto* const tensor = std::get_if<PickledTensor>(&value->data)) {
      tensors.insert_or_assign(full, *tensor);
    } else if (const auto* const inner = std::get_if<Dictionary>(&value->data)) {
      OVI_RETURN_IF_ERROR(Collect(*inner, full + ".", depth + 1, budget, tensors));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::map<std::string, PickledTensor>> ReadPickledTensors(std::string_view bytes) {
  pickle::Machine machine(bytes);
  OVI_ASSIGN_OR_RETURN(const Ref root, machine.Run());
  const auto* const dictionary = std::get_if<Dictionary>(&root->data);
  if (dictionary == nullptr) return absl::InvalidArgumentError("holds no dictionary of tensors; save a state_dict");
  std::map<std::string, PickledTensor> tensors;
  int64_t budget = kMaxEntries;
  OVI_RETURN_IF_ERROR(Collect(*dictionary, "", 0, budget, tensors));
  return tensors;
}

}  // namespace ovi
