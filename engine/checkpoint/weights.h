// The weights of one file on their way into the classes that use them.
//
//   OVI_ASSIGN_OR_RETURN(std::shared_ptr<const TensorFile> file, OpenTensorFile(path));
//   Weights weights(file, {.device = device, .stored = at::kBFloat16, .compute = at::kFloat});
//   FusionModel model(weights.Root(), config);   // takes its tensors by name and shape
//   OVI_RETURN_IF_ERROR(weights.Finish());       // one error with all that is missing, unexpected or misshapen
//
// A class built while something was missing holds zeros of the right shape and must not be used: Finish says so.
// Not thread-safe; needed only while loading.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi {

// What becomes of a floating tensor on its way in: rounded to `stored`, then held as `compute` on `device`.
// They differ for the video VAE, which upstream rounds to bfloat16 and then computes in float32.
struct Placement {
  c10::Device device = c10::Device(c10::kCPU);
  at::ScalarType stored = at::kFloat;
  at::ScalarType compute = at::kFloat;
};

// Which tensors a network is built from.
using TensorShapes = std::map<std::string, std::vector<int64_t>>;

class DeviceLoader;
class Weights;

// A name prefix into a Weights. A value: copy it, hand it on. Must not outlive its Weights.
class WeightScope {
 public:
  // The scope `<prefix><name>.`: scope.Sub("blocks").Sub(3).Take("weight", ...) takes "blocks.3.weight".
  WeightScope Sub(std::string_view name) const;
  WeightScope Sub(int64_t index) const;

  // The tensor `<prefix><name>`, placed. `shape` must match exactly; else it is noted and zeros are returned.
  at::Tensor Take(std::string_view name, at::IntArrayRef shape) const;
  // The same, but kept in float32 whatever the placement's dtypes (statistics, filter taps).
  at::Tensor TakeFloat(std::string_view name, at::IntArrayRef shape) const;
  // On the CPU in float32, unrounded: for weights that are transformed at load (weight norm) and placed with Place.
  at::Tensor TakeRaw(std::string_view name, at::IntArrayRef shape) const;
  at::Tensor Place(const at::Tensor& raw) const;

  // Whether the file has `<prefix><name>`: for files that spell one thing in two ways.
  bool Has(std::string_view name) const;
  // Takes note that every tensor below this scope may be left unused (an encoder when only the decoder is built).
  void Ignore() const;

  const Placement& placement() const;

 private:
  friend class Weights;
  WeightScope(Weights* weights, std::string prefix) : weights_(weights), prefix_(std::move(prefix)) {}
  Weights* weights_;
  std::string prefix_;  // ends in '.', or is empty
};

class Weights {
 public:
  Weights(std::shared_ptr<const TensorFile> file, Placement placement);
  // Without a file: notes in `shapes`, which must outlive this, whatever is taken, and places it on LibTorch's device
  // "meta", which has no memory. Has says no. A network built so tells what its file must hold, no more.
  explicit Weights(TensorShapes* shapes);
  ~Weights();
  WeightScope Root();

  // OK, or FailedPrecondition: "model.safetensors: 2 tensors missing (a, b); 1 unexpected (c); 1 misshapen (d: file
  // [3, 4], model [4, 4]): wrong checkpoint?". Also reports read errors.
  absl::Status Finish() const;

 private:
  friend class WeightScope;
  enum class Where { kHost, kDevice };
  // As stored; undefined, and noted, where it is missing, misshapen or cannot be read.
  at::Tensor Read(const std::string& name, at::IntArrayRef shape, Where where);

  std::shared_ptr<const TensorFile> file_;  // or null, and
  TensorShapes* shapes_ = nullptr;
  Placement placement_;
  std::unique_ptr<DeviceLoader> loader_;  // null where the device is the CPU
  std::set<std::string> taken_;
  std::vector<std::string> ignored_prefixes_;
  std::vector<std::string> missing_, misshapen_;
  absl::Status read_error_;
};

}  // namespace ovi
