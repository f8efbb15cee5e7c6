#include "engine/fusion/onednn_linear.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <string_view>

namespace ovi {
namespace {

using Scalars = c10::List<std::optional<at::Scalar>>;
using LinearPointwise = at::Tensor(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                                   std::string_view activation, Scalars activation_scalars,
                                   std::optional<std::string_view> activation_form);

// A look-up in a hash table: nothing beside the product, and no state to keep.
std::optional<c10::OperatorHandle> FindOperator() {
  const auto found = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
  return found.has_value() && found->hasKernelForDispatchKey(c10::DispatchKey::CPU) ? found : std::nullopt;
}

}  // namespace

bool CanUseOneDnn(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && FindOperator().has_value();
}

at::Tensor OneDnnLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, Activation activation) {
  const auto linear = FindOperator().value().typed<LinearPointwise>();
  return activation == Activation::kGeluTanh ? linear.call(x, weight, bias, "gelu", Scalars(), "tanh")
                                             : linear.call(x, weight, bias, "none", Scalars(), "");
}

}  // namespace ovi
