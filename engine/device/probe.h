// Lets a parity run look inside a network without the network knowing what for. Forward takes `Probe* probe = nullptr`
// and offers the tensors that a reader would want to see; null costs one comparison.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <string_view>

namespace ovi {

class Probe {
 public:
  virtual ~Probe() = default;
  // `value` is only valid during the call if the network goes on to write into it: keep a clone.
  virtual void Record(std::string_view name, const at::Tensor& value) = 0;
};

// Keeps a copy of everything offered.
class RecordingProbe final : public Probe {
 public:
  void Record(std::string_view name, const at::Tensor& value) override;
  const std::map<std::string, at::Tensor>& values() const { return values_; }

 private:
  std::map<std::string, at::Tensor> values_;
};

}  // namespace ovi
