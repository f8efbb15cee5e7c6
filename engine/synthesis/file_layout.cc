#include "engine/synthesis/file_layout.h"

#include <functional>
#include <map>
#include <numeric>

#include "base/status_macros.h"
#include "engine/checkpoint/safetensors_header.h"

namespace ovi {

TensorPlace PlaceOf(const std::string& name, const std::vector<int64_t>& shape, at::ScalarType dtype) {
  const int64_t numel = std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
  return {.name = name,
          .shape = shape,
          .numel = numel,
          .bytes = static_cast<uint64_t>(numel) * static_cast<uint64_t>(c10::elementSize(dtype))};
}

absl::StatusOr<FileLayout> SafetensorsLayout(const TensorShapes& shapes, at::ScalarType dtype) {
  std::map<std::string, TensorInfo> infos;
  for (const auto& [name, shape] : shapes) infos[name] = {dtype, shape};
  OVI_ASSIGN_OR_RETURN(std::string header, MakeSafetensorsHeader(infos));
  FileLayout layout{.dtype = dtype, .bytes = header.size()};
  for (const auto& [name, shape] : shapes) {
    TensorPlace place = PlaceOf(name, shape, dtype);
    place.offset = layout.bytes;
    layout.bytes += place.bytes;
    layout.tensors.push_back(std::move(place));
  }
  layout.container = [header = std::move(header)](const std::vector<uint32_t>&) {
    return std::vector<Fragment>{{.offset = 0, .bytes = header}};
  };
  return layout;
}

absl::StatusOr<FileLayout> LayoutFor(std::string_view path, const TensorShapes& shapes, at::ScalarType dtype,
                                     const std::string& wrapper) {
  if (path.ends_with(".safetensors")) return SafetensorsLayout(shapes, dtype);
  return TorchZipLayout(shapes, dtype, wrapper);
}

}  // namespace ovi
