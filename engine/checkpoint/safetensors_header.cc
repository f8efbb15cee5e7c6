#include "engine/checkpoint/safetensors_header.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/strict_json.h"
#include "engine/checkpoint/tensor_bytes.h"

namespace ovi {
namespace {

using nlohmann::json;

constexpr std::pair<const char*, at::ScalarType> kTypes[] = {{"F64", at::kDouble}, {"F32", at::kFloat},
                                                             {"F16", at::kHalf},   {"BF16", at::kBFloat16},
                                                             {"I64", at::kLong},   {"I32", at::kInt},
                                                             {"I16", at::kShort},  {"I8", at::kChar},
                                                             {"U8", at::kByte},    {"F8_E4M3", at::kFloat8_e4m3fn},
                                                             {"BOOL", at::kBool}};

constexpr uint64_t kMaxSide = uint64_t{1} << 48;

std::optional<at::ScalarType> TypeOf(const std::string& name) {
  for (const auto& [known, type] : kTypes) {
    if (name == known) return type;
  }
  return std::nullopt;
}

bool IsListOfUnsigned(const json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const json& item) { return item.is_number_unsigned(); });
}

absl::StatusOr<StoredTensor> ParseEntry(const std::string& name, const json& entry, uint64_t data_bytes) {
  const auto bad = [&](const std::string& what) {
    return absl::InvalidArgumentError(absl::StrFormat("tensor %s: %s", name, what));
  };
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets")) {
    return bad("its header entry lacks dtype, shape or data_offsets");
  }
  if (!entry["dtype"].is_string()) return bad("dtype is not a string");
  const std::string type_name = entry["dtype"].get<std::string>();
  const std::optional<at::ScalarType> type = TypeOf(type_name);
  if (!type)
    return bad(absl::StrFormat("dtype is %s; readable are F32, BF16, F16, F8_E4M3, F64, BOOL and integers", type_name));
  if (!IsListOfUnsigned(entry["shape"])) return bad("shape is not a list of non-negative integers");
  const json& offsets = entry["data_offsets"];
  if (!IsListOfUnsigned(offsets) || offsets.size() != 2)
    return bad("data_offsets is not a pair of non-negative integers");

  StoredTensor tensor;
  tensor.info.dtype = *type;
  for (const json& side : entry["shape"]) {
    const auto length = side.get<uint64_t>();
    if (length > kMaxSide) return bad(absl::StrFormat("shape has a side of %d, which no tensor has", length));
    tensor.info.shape.push_back(static_cast<int64_t>(length));
  }
  tensor.begin = offsets[0].get<uint64_t>();
  tensor.end = offsets[1].get<uint64_t>();
  if (tensor.begin > tensor.end || tensor.end > data_bytes) {
    return bad(absl::StrFormat("data_offsets [%d, %d] lie outside the %d bytes of data: the file is cut or damaged",
                               tensor.begin, tensor.end, data_bytes));
  }
  const std::optional<uint64_t> needed = BytesOf(tensor.info);
  if (!needed || *needed != tensor.end - tensor.begin) {
    return bad(absl::StrFormat("its shape and dtype %s need other than the %d bytes that data_offsets give", type_name,
                               tensor.end - tensor.begin));
  }
  return tensor;
}

// Sorted by place, each tensor must begin where the one before ended.
absl::Status CheckCoverage(const std::map<std::string, StoredTensor>& tensors, uint64_t data_bytes) {
  std::vector<std::pair<const std::string*, const StoredTensor*>> by_place;
  for (const auto& [name, tensor] : tensors) by_place.emplace_back(&name, &tensor);
  std::sort(by_place.begin(), by_place.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second->begin, a.second->end) < std::pair(b.second->begin, b.second->end);
  });
  uint64_t reached = 0;
  for (const auto& [name, tensor] : by_place) {
    if (tensor->begin != reached) {
      return absl::InvalidArgumentError(absl::StrFormat("tensor %s begins at %d where %d was expected: %s", *name,
                                                        tensor->begin, reached,
                                                        tensor->begin < reached ? "offsets overlap" : "a gap"));
    }
    reached = tensor->end;
  }
  if (reached != data_bytes) {
    return absl::InvalidArgumentError(
        absl::StrFormat("the tensors end at %d, the data at %d: bytes that belong to no tensor", reached, data_bytes));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::map<std::string, StoredTensor>> ParseSafetensorsHeader(const std::string& text,
                                                                           uint64_t data_bytes) {
  absl::StatusOr<json> parsed = ParseStrictJson(text);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrFormat("its header %s", std::string(parsed.status().message())));
  }
  const json header = *std::move(parsed);
  if (!header.is_object()) return absl::InvalidArgumentError("its header is not a JSON object");
  std::map<std::string, StoredTensor> tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    OVI_ASSIGN_OR_RETURN(StoredTensor tensor, ParseEntry(name, entry, data_bytes));
    tensors.emplace(name, std::move(tensor));
  }
  OVI_RETURN_IF_ERROR(CheckCoverage(tensors, data_bytes));
  return tensors;
}

std::string SafetensorsTypeName(at::ScalarType type) {
  for (const auto& [name, known] : kTypes) {
    if (type == known) return name;
  }
  return "";
}

}  // namespace ovi
