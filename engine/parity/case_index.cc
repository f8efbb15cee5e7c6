#include "engine/parity/case_index.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi {
namespace {

using nlohmann::json;

constexpr char kFormat[] = "ovi-goldens/1";
// Not std::string_view: the packaged Abseil has a type of its own.
constexpr absl::string_view kInput = "input.", kExpected = "expected.";

Tolerance ParseTolerance(const json& tensor) {
  Tolerance tolerance;
  if (!tensor.contains("tolerance")) return tolerance;
  const json& value = tensor["tolerance"];
  tolerance.max_abs = value.value("max_abs", 0.0);
  tolerance.rel_rms = value.value("rel_rms", -1.0);
  tolerance.differing = value.value("differing", -1.0);
  return tolerance;
}

absl::StatusOr<ParityCase> ParseCase(const json& entry, const std::string& folder) {
  ParityCase parity_case;
  parity_case.name = entry.value("name", "");
  parity_case.kind = entry.value("kind", "");
  parity_case.file = entry.value("file", "");
  parity_case.directory = folder;
  parity_case.args = entry.value("args", json::object());
  if (parity_case.name.empty() || parity_case.kind.empty()) {
    return absl::InvalidArgumentError("a case without name or kind");
  }
  const json tensors = entry.value("tensors", json::object());
  for (const auto& [name, tensor] : tensors.items()) {
    if (absl::StartsWith(name, kExpected)) {
      parity_case.expected[name.substr(kExpected.size())].tolerance = ParseTolerance(tensor);
    } else if (absl::StartsWith(name, kInput)) {
      parity_case.inputs[name.substr(kInput.size())] = at::Tensor();
    }
  }
  return parity_case;
}

}  // namespace

absl::StatusOr<std::vector<ParityCase>> LoadCaseIndex(const std::string& folder) {
  const std::string path = (std::filesystem::path(folder) / "index.json").string();
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrFormat("%s: cannot be opened; name a folder of golden cases", path));
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  try {  // the library reports wrong types by exception
    const json index = json::parse(text);
    if (index.value("format", "") != kFormat) {
      return absl::InvalidArgumentError(absl::StrFormat("%s: its format is not %s", path, kFormat));
    }
    std::vector<ParityCase> cases;
    for (const json& entry : index.at("cases")) {
      OVI_ASSIGN_OR_RETURN(ParityCase parity_case, ParseCase(entry, folder));
      cases.push_back(std::move(parity_case));
    }
    return cases;
  } catch (const json::exception& error) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: %s", path, error.what()));
  }
}

absl::Status LoadCaseTensors(ParityCase& parity_case) {
  if (!absl::EndsWith(parity_case.file, ".safetensors")) return absl::OkStatus();
  const std::string path = (std::filesystem::path(parity_case.directory) / parity_case.file).string();
  OVI_ASSIGN_OR_RETURN(const std::shared_ptr<const TensorFile> file, OpenTensorFile(path));
  for (const auto& [name, info] : file->tensors()) {
    OVI_ASSIGN_OR_RETURN(at::Tensor value, file->Read(name));
    if (absl::StartsWith(name, kInput)) {
      parity_case.inputs[name.substr(kInput.size())] = std::move(value);
    } else if (absl::StartsWith(name, kExpected)) {
      const auto found = parity_case.expected.find(name.substr(kExpected.size()));
      if (found == parity_case.expected.end()) {
        return absl::FailedPreconditionError(
            absl::StrFormat("%s: holds %s, which the index does not know", path, name));
      }
      found->second.value = std::move(value);
    }
  }
  for (const auto& [name, value] : parity_case.inputs) {
    if (!value.defined()) {
      return absl::FailedPreconditionError(absl::StrFormat("%s: lacks input.%s, which the index promises", path, name));
    }
  }
  for (const auto& [name, expected] : parity_case.expected) {
    if (!expected.value.defined()) {
      return absl::FailedPreconditionError(
          absl::StrFormat("%s: lacks expected.%s, which the index promises", path, name));
    }
  }
  return absl::OkStatus();
}

}  // namespace ovi
