#include "engine/device/convolution_backend.h"

#include <ATen/Context.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <cstdlib>

#include "absl/strings/str_format.h"
#include "engine/device/trial.h"
#include "engine/guard.h"

namespace ovi {
namespace {

// Rounding to bf16 loses 2^-9 at most, one of the 27 taps left out moves the output by 1/sqrt(27) = 0.19; TF32 and
// Winograd kernels lie between. 2^-5 tells bugs from rounding. Seen failing: a flipped kernel is off by 1.4.
constexpr double kAllowedError = 0x1p-5;

std::string VendorName() {
  const at::Context& context = at::globalContext();
  if (context.hasROCM()) return "MIOpen";
  const long version = context.versionRuntimeCuDNN();  // 91002: 9.10.2
  return absl::StrFormat("cuDNN %d.%d.%d", version / 10000, version / 100 % 100, version % 100);
}

ConvolutionTrial TryBackend(c10::Device device, at::ScalarType dtype, ConvolutionBackend backend) {
  at::globalContext().setUserEnabledCuDNN(backend == ConvolutionBackend::kVendor);
  return TryConvolution(device, dtype,
                        [](const at::Tensor& x, const at::Tensor& weight) { return at::conv3d(x, weight); });
}

absl::StatusOr<ConvolutionSelection> ChooseOnCpu(const std::string& requested) {
  if (requested == "vendor") {
    return absl::FailedPreconditionError(
        "convolution is \"vendor\", and the CPU has no cuDNN or MIOpen; use auto or native");
  }
  return ConvolutionSelection{.backend = ConvolutionBackend::kNative, .line = "convolution: native (CPU)"};
}

}  // namespace

std::string PrepareMiopen() {
  if (!at::globalContext().hasROCM()) return "";
  // Without a stored search result NORMAL compiles and times every solver; FAST takes the first that fits.
  setenv("MIOPEN_FIND_MODE", "FAST", /*overwrite=*/0);
  std::string settings;
  for (const char* name :
       {"MIOPEN_FIND_MODE", "MIOPEN_FIND_ENFORCE", "MIOPEN_USER_DB_PATH", "PYTORCH_MIOPEN_SUGGEST_NHWC"}) {
    const char* const value = std::getenv(name);
    if (value != nullptr) settings += absl::StrFormat("%s%s=%s", settings.empty() ? "" : " ", name, value);
  }
  return settings;
}

ConvolutionTrial TryConvolution(c10::Device device, at::ScalarType dtype, const ConvolutionFunction& run) {
  return Guard("unavailable", [&]() -> ConvolutionTrial {
    const at::Generator generator = TrialGenerator(c10::Device(c10::kCPU));
    const at::Tensor x = at::randn({1, 32, 4, 18, 18}, generator, at::kFloat).to(dtype);
    const at::Tensor weight = at::randn({48, 32, 3, 3, 3}, generator, at::kFloat).to(dtype);
    const at::Tensor exact = at::conv3d(x.to(at::kDouble), weight.to(at::kDouble));
    for (const at::MemoryFormat format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast3d}) {
      const at::Tensor out = run(x.to(device).contiguous(format), weight.to(device).contiguous(format));
      const double error = out.sizes() == exact.sizes() ? RelativeError(out, exact) : 1;
      if (error <= kAllowedError) continue;  // a NaN is wrong too
      return absl::InternalError(absl::StrFormat(
          "wrong results in %s: off by %.2g, where %.2g is rounding",
          format == at::MemoryFormat::Contiguous ? "contiguous memory" : "channels_last_3d", error, kAllowedError));
    }
    if (device.is_cpu()) return 0.0;
    // The shape of the decoder's middle, where a naive kernel shows.
    const at::TensorOptions options = at::device(device).dtype(dtype);
    const at::Tensor large = at::zeros({1, 256, 6, 46, 46}, options), filter = at::zeros({256, 256, 3, 3, 3}, options);
    run(large, filter);
    return MedianMilliseconds(device, [&] { run(large, filter); });
  });
}

absl::StatusOr<ConvolutionSelection> SelectConvolution(const std::string& requested, const std::string& vendor_name,
                                                       const ConvolutionTrial& vendor, const ConvolutionTrial& native) {
  if (!vendor.ok() && !native.ok()) {
    return absl::FailedPreconditionError(
        absl::StrFormat("no convolution works on this device: %s: %s; native: %s; use a LibTorch that is built for it",
                        vendor_name, vendor.status().message(), native.status().message()));
  }
  const bool use_vendor =
      requested == "vendor" || (requested == "auto" && vendor.ok() && (!native.ok() || *vendor <= *native));
  const ConvolutionTrial &used = use_vendor ? vendor : native, &other = use_vendor ? native : vendor;
  const std::string used_name = use_vendor ? vendor_name : "native", other_name = use_vendor ? "native" : vendor_name;
  if (!used.ok()) {
    return absl::FailedPreconditionError(
        absl::StrFormat("convolution is \"%s\", which cannot serve here: %s; use auto or %s", requested,
                        used.status().message(), use_vendor ? "native" : "vendor"));
  }
  const std::string rival = other.ok() ? absl::StrFormat("%s takes %.2f", other_name, *other)
                                       : absl::StrFormat("%s: %s", other_name, other.status().message());
  return ConvolutionSelection{
      .backend = use_vendor ? ConvolutionBackend::kVendor : ConvolutionBackend::kNative,
      .line = absl::StrFormat("convolution: %s, %.2f ms for a 3-D sample (%s); checked against float64", used_name,
                              *used, rival)};
}

absl::StatusOr<ConvolutionSelection> ChooseConvolution(c10::Device device, at::ScalarType dtype,
                                                       std::string_view requested_name) {
  const std::string requested(requested_name);
  if (requested != "auto" && requested != "vendor" && requested != "native") {
    return absl::InvalidArgumentError(absl::StrFormat("convolution is \"%s\"; use auto, vendor or native", requested));
  }
  if (device.is_cpu()) return ChooseOnCpu(requested);
  // Who asks for one may have a reason not to touch the other: a MIOpen whose search hangs, say.
  const ConvolutionTrial not_tried = absl::CancelledError("not tried");
  const ConvolutionTrial vendor =
      requested == "native" ? not_tried : TryBackend(device, dtype, ConvolutionBackend::kVendor);
  const ConvolutionTrial native =
      requested == "vendor" ? not_tried : TryBackend(device, dtype, ConvolutionBackend::kNative);
  const absl::StatusOr<ConvolutionSelection> selection = SelectConvolution(requested, VendorName(), vendor, native);
  if (selection.ok()) at::globalContext().setUserEnabledCuDNN(selection->backend == ConvolutionBackend::kVendor);
  return selection;
}

}  // namespace ovi
