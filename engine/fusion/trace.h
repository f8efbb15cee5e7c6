// Hands tensors to a Probe under a prefix of names: a block of a tower names what it computes without knowing where it
// stands. Without a probe it builds no string and costs one comparison.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

#include "engine/device/probe.h"

namespace ovi {

class Trace {
 public:
  explicit Trace(Probe* probe, std::string prefix = "") : probe_(probe), prefix_(std::move(prefix)) {}

  // The trace whose names start with `<prefix><name>`.
  Trace Sub(std::string_view name) const {
    return probe_ == nullptr ? Trace(nullptr) : Trace(probe_, prefix_ + std::string(name));
  }
  void Record(std::string_view name, const at::Tensor& value) const {
    if (probe_ != nullptr) probe_->Record(prefix_ + std::string(name), value);
  }
  bool active() const { return probe_ != nullptr; }

 private:
  Probe* probe_;
  std::string prefix_;
};

}  // namespace ovi
