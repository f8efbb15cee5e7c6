#include "engine/synthesis/torch_pickle.h"

#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

// Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py
class PickleWriter {
 public:
  PickleWriter& Op(std::string_view opcode) {
    bytes_ += opcode;
    return *this;
  }
  PickleWriter& Global(std::string_view module, std::string_view name) {
    bytes_ += absl::StrFormat("c%s\n%s\n", module, name);
    return *this;
  }
  PickleWriter& Text(std::string_view text) {
    bytes_ += 'X';
    Number(static_cast<uint32_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  PickleWriter& Integer(int64_t value) {  // not negative
    if (value <= std::numeric_limits<uint8_t>::max()) {
      bytes_ += 'K';
      Number(static_cast<uint8_t>(value));
    } else if (value <= std::numeric_limits<int32_t>::max()) {
      bytes_ += 'J';
      Number(static_cast<int32_t>(value));
    } else {
      bytes_ += "\x8a\x08";  // LONG1 of 8 bytes
      Number(value);
    }
    return *this;
  }
  PickleWriter& Tuple(const std::vector<int64_t>& values) {
    bytes_ += '(';
    for (const int64_t value : values) Integer(value);
    bytes_ += 't';
    return *this;
  }
  PickleWriter& EmptyOrderedDict() { return Global("collections", "OrderedDict").Op(")R"); }
  std::string Take() { return std::move(bytes_); }

 private:
  template <typename T>
  void Number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));  // little-endian, as all machines we run on
  }
  std::string bytes_;
};

std::vector<int64_t> ContiguousStrides(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

// torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, backward_hooks)
void WriteTensor(PickleWriter& out, const TensorPlace& tensor, const std::string& storage_key, const char* storage) {
  out.Global("torch._utils", "_rebuild_tensor_v2").Op("(");
  out.Op("(").Text("storage").Global("torch", storage).Text(storage_key).Text("cpu").Integer(tensor.numel).Op("tQ");
  out.Integer(0).Tuple(tensor.shape).Tuple(ContiguousStrides(tensor.shape)).Op("\x89").EmptyOrderedDict().Op("tR");
}

}  // namespace

absl::StatusOr<std::string> PickleStateDict(const std::vector<TensorPlace>& tensors, at::ScalarType dtype,
                                            const std::string& wrapper) {
  if (dtype != at::kFloat && dtype != at::kBFloat16) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "a torch archive of %s is not written; name the file .safetensors, or use bfloat16", c10::toString(dtype)));
  }
  PickleWriter out;
  out.Op("\x80\x02");
  if (!wrapper.empty()) out.Op("}").Text(wrapper);
  out.Op("}(");  // a plain dictionary: of an OrderedDict, LibTorch's own reader in C++ makes None
  for (size_t i = 0; i < tensors.size(); ++i) {
    out.Text(tensors[i].name);
    WriteTensor(out, tensors[i], std::to_string(i), dtype == at::kFloat ? "FloatStorage" : "BFloat16Storage");
  }
  out.Op("u");
  if (!wrapper.empty()) out.Op("s");
  return out.Op(".").Take();
}

}  // namespace ovi
