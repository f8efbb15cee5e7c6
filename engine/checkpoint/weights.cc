#include "engine/checkpoint/weights.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/checkpoint/device_loader.h"

namespace ovi {
namespace {

constexpr size_t kListed = 20;  // names per kind in one error; a wrong checkpoint has thousands

std::string ShapeText(at::IntArrayRef shape) { return absl::StrFormat("[%s]", absl::StrJoin(shape, ", ")); }

void AppendList(std::string& message, const char* what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  if (!message.empty()) message += "; ";
  const size_t shown = std::min(names.size(), kListed);
  message += absl::StrFormat("%d %s (%s", names.size(), what,
                             absl::StrJoin(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (names.size() > shown) message += absl::StrFormat(" and %d more", names.size() - shown);
  message += ")";
}

at::Tensor Zeros(at::IntArrayRef shape, const at::TensorOptions& options) {
  return at::zeros({}, options).expand(shape);  // one element's memory, whatever the shape
}

}  // namespace

WeightScope WeightScope::Sub(std::string_view name) const {
  return {weights_, absl::StrFormat("%s%s.", prefix_, name)};
}
WeightScope WeightScope::Sub(int64_t index) const { return {weights_, absl::StrFormat("%s%d.", prefix_, index)}; }

at::Tensor WeightScope::TakeRaw(std::string_view name, at::IntArrayRef shape) const {
  const at::Tensor stored = weights_->Read(absl::StrFormat("%s%s", prefix_, name), shape, Weights::Where::kHost);
  // Whoever takes raw weights computes with them, and not every operation that they need knows the device "meta".
  if (!stored.defined() || stored.is_meta()) return Zeros(shape, at::kFloat);
  return at::isFloatingType(stored.scalar_type()) ? stored.to(at::kFloat) : stored;
}

at::Tensor WeightScope::Take(std::string_view name, at::IntArrayRef shape) const {
  const at::Tensor stored = weights_->Read(absl::StrFormat("%s%s", prefix_, name), shape, Weights::Where::kDevice);
  // Not placed: converting would give each of a wrong file's thousand missing tensors memory of its own.
  if (!stored.defined()) return Zeros(shape, at::device(placement().device).dtype(placement().compute));
  return Place(stored);
}

at::Tensor WeightScope::TakeFloat(std::string_view name, at::IntArrayRef shape) const {
  const at::Tensor stored = weights_->Read(absl::StrFormat("%s%s", prefix_, name), shape, Weights::Where::kDevice);
  if (!stored.defined()) return Zeros(shape, at::device(placement().device).dtype(at::kFloat));
  return stored.to(placement().device, at::isFloatingType(stored.scalar_type()) ? at::kFloat : stored.scalar_type());
}

at::Tensor WeightScope::Place(const at::Tensor& raw) const {
  const Placement& to = placement();
  if (!at::isFloatingType(raw.scalar_type())) return raw.to(to.device);
  return raw.to(to.stored).to(to.device, to.compute);
}

bool WeightScope::Has(std::string_view name) const {
  return weights_->file_ != nullptr && weights_->file_->tensors().count(absl::StrFormat("%s%s", prefix_, name)) > 0;
}

void WeightScope::Ignore() const { weights_->ignored_prefixes_.push_back(prefix_); }

const Placement& WeightScope::placement() const { return weights_->placement_; }

Weights::Weights(std::shared_ptr<const TensorFile> file, Placement placement)
    : file_(std::move(file)), placement_(placement) {
  if (!placement.device.is_cpu()) loader_ = std::make_unique<DeviceLoader>(placement.device);
}

Weights::Weights(TensorShapes* shapes) : shapes_(shapes), placement_{.device = c10::Device(c10::kMeta)} {}

Weights::~Weights() = default;

WeightScope Weights::Root() { return {this, ""}; }

at::Tensor Weights::Read(const std::string& name, at::IntArrayRef shape, Where where) {
  if (file_ == nullptr) {
    shapes_->insert_or_assign(name, shape.vec());
    return at::empty(shape, at::device(c10::kMeta).dtype(at::kFloat));
  }
  const auto found = file_->tensors().find(name);
  if (found == file_->tensors().end()) {
    missing_.push_back(name);
    return {};
  }
  taken_.insert(name);
  if (at::IntArrayRef(found->second.shape) != shape) {
    misshapen_.push_back(
        absl::StrFormat("%s: file %s, model %s", name, ShapeText(found->second.shape), ShapeText(shape)));
    return {};
  }
  absl::StatusOr<at::Tensor> tensor =
      where == Where::kDevice && loader_ != nullptr ? loader_->Load(*file_, name) : file_->Read(name);
  if (!tensor.ok()) {
    if (read_error_.ok()) read_error_ = tensor.status();
    return {};
  }
  return *std::move(tensor);
}

absl::Status Weights::Finish() const {
  if (file_ == nullptr) return absl::OkStatus();
  if (!read_error_.ok()) return read_error_;
  std::vector<std::string> unexpected;
  for (const auto& [name, info] : file_->tensors()) {
    const bool ignored = std::any_of(ignored_prefixes_.begin(), ignored_prefixes_.end(),
                                     [&name = name](const std::string& prefix) { return name.rfind(prefix, 0) == 0; });
    if (!ignored && taken_.count(name) == 0) unexpected.push_back(name);
  }
  std::string message;
  AppendList(message, missing_.size() == 1 ? "tensor missing" : "tensors missing", missing_);
  AppendList(message, "unexpected", unexpected);
  AppendList(message, "misshapen", misshapen_);
  if (message.empty()) return absl::OkStatus();
  const std::string file = std::filesystem::path(file_->path()).filename().string();
  return absl::FailedPreconditionError(absl::StrFormat("%s: %s: wrong checkpoint or manifest?", file, message));
}

}  // namespace ovi
