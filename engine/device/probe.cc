#include "engine/device/probe.h"

#include <ATen/ops/clone.h>

namespace ovi {

void RecordingProbe::Record(std::string_view name, const at::Tensor& value) {
  values_.insert_or_assign(std::string(name), value.detach().clone());
}

}  // namespace ovi
