#include "engine/checkpoint/pickle_torch.h"

#include <optional>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace ovi::pickle {
namespace {

constexpr char kOrderedDict[] = "collections.OrderedDict";
constexpr char kTensor[] = "torch._utils._rebuild_tensor_v2";
constexpr char kTypedTensor[] = "torch._utils._rebuild_tensor_v3";  // for dtypes that have no storage class
constexpr char kParameter[] = "torch._utils._rebuild_parameter";
constexpr char kSize[] = "torch.Size";
constexpr size_t kMaxDimensions = 16;

constexpr std::pair<const char*, at::ScalarType> kStorages[] = {
    {"torch.FloatStorage", at::kFloat},         {"torch.HalfStorage", at::kHalf},
    {"torch.BFloat16Storage", at::kBFloat16},   {"torch.DoubleStorage", at::kDouble},
    {"torch.LongStorage", at::kLong},           {"torch.IntStorage", at::kInt},
    {"torch.ShortStorage", at::kShort},         {"torch.CharStorage", at::kChar},
    {"torch.ByteStorage", at::kByte},           {"torch.BoolStorage", at::kBool},
    {"torch.storage.UntypedStorage", at::kByte}};
constexpr std::pair<const char*, at::ScalarType> kDtypes[] = {{"torch.float8_e4m3fn", at::kFloat8_e4m3fn}};

template <size_t kCount>
std::optional<at::ScalarType> Find(const std::pair<const char*, at::ScalarType> (&types)[kCount], const Global* name) {
  for (const auto& [known, type] : types) {
    if (name != nullptr && name->name == known) return type;
  }
  return std::nullopt;
}

template <typename Kind>
const Kind* Argument(const Sequence& arguments, size_t index) {
  return index < arguments.items.size() ? std::get_if<Kind>(&arguments.items[index]->data) : nullptr;
}

bool ToIntegers(const Sequence* sequence, std::vector<int64_t>& out) {
  if (sequence == nullptr || sequence->items.size() > kMaxDimensions) return false;
  for (const Ref item : sequence->items) {
    const auto* const number = std::get_if<int64_t>(&item->data);
    if (number == nullptr || *number < 0) return false;
    out.push_back(*number);
  }
  return true;
}

absl::StatusOr<Value> RebuildTensor(const Sequence& arguments) {
  const auto* const storage = Argument<Storage>(arguments, 0);
  const auto* const offset = Argument<int64_t>(arguments, 1);
  PickledTensor tensor;
  if (storage == nullptr || offset == nullptr || *offset < 0 ||
      !ToIntegers(Argument<Sequence>(arguments, 2), tensor.shape) ||
      !ToIntegers(Argument<Sequence>(arguments, 3), tensor.strides) || tensor.shape.size() != tensor.strides.size()) {
    return absl::InvalidArgumentError("holds a tensor whose storage, offset, shape or strides cannot be read");
  }
  tensor.storage_key = storage->key;
  tensor.dtype = storage->dtype;
  tensor.offset = *offset;
  return Value{std::move(tensor)};
}

}  // namespace

bool IsAllowedGlobal(const std::string& name) {
  const Global global{name};
  return name == kOrderedDict || name == kTensor || name == kTypedTensor || name == kParameter || name == kSize ||
         Find(kStorages, &global) || Find(kDtypes, &global);
}

absl::StatusOr<Storage> ToStorage(const Value& persistent_id) {
  const auto* const tuple = std::get_if<Sequence>(&persistent_id.data);
  if (tuple == nullptr) return absl::InvalidArgumentError("names a storage by something that is no tuple");
  const auto* const kind = Argument<std::string>(*tuple, 0);
  const auto* const type = Argument<Global>(*tuple, 1);
  const auto* const key = Argument<std::string>(*tuple, 2);
  const auto* const elements = Argument<int64_t>(*tuple, 4);
  const std::optional<at::ScalarType> dtype = Find(kStorages, type);
  if (kind == nullptr || *kind != "storage" || !dtype || key == nullptr || elements == nullptr || *elements < 0) {
    return absl::InvalidArgumentError("names a storage whose type, key or size cannot be read");
  }
  return Storage{*key, *dtype};
}

absl::StatusOr<Value> Rebuild(const std::string& name, const Sequence& arguments) {
  if (name == kTensor) return RebuildTensor(arguments);
  if (name == kTypedTensor) {
    const std::optional<at::ScalarType> dtype = Find(kDtypes, Argument<Global>(arguments, 6));
    if (!dtype) return absl::InvalidArgumentError("holds a tensor of a dtype that is not read; save it as bfloat16");
    OVI_ASSIGN_OR_RETURN(Value tensor, RebuildTensor(arguments));
    std::get<PickledTensor>(tensor.data).dtype = *dtype;
    return tensor;
  }
  if (name == kParameter) {
    const auto* const tensor = Argument<PickledTensor>(arguments, 0);
    if (tensor == nullptr) return absl::InvalidArgumentError("holds a parameter without a tensor");
    return Value{*tensor};
  }
  if (name == kOrderedDict) return Value{Dictionary{}};  // filled by SETITEMS afterwards
  if (name == kSize) {
    const auto* const sides = Argument<Sequence>(arguments, 0);
    if (sides != nullptr && sides->items.size() > kMaxDimensions) {  // a copy of a long list, made again and again
      return absl::InvalidArgumentError("holds a torch.Size of too many sides");
    }
    return Value{sides != nullptr ? *sides : Sequence{}};
  }
  return absl::InvalidArgumentError(absl::StrFormat("wants to call %s", name));
}

}  // namespace ovi::pickle
