#include "engine/request/admission.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <tuple>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"

namespace ovi {
namespace {

// "61.2", or "0.101" of the small ones: three digits tell any two apart that are 1 % apart.
std::string Gb(int64_t bytes) {
  const double gigabytes = static_cast<double>(bytes) / 1e9;
  return gigabytes >= 10 ? absl::StrFormat("%.1f", gigabytes) : absl::StrFormat("%.3f", gigabytes);
}

// Rounded up, so that the budget named is enough.
std::string EnoughGb(int64_t bytes) {
  const double digits = bytes >= 10'000'000'000 ? 10 : 1000;
  return Gb(std::llround(std::ceil(static_cast<double>(bytes) / 1e9 * digits) / digits * 1e9));
}

// The largest size that the checkpoint makes and that fits; of equally large ones the nearest in shape to what was
// asked. All have about the checkpoint's area, so they differ by rounding alone: often none fits.
std::optional<PixelSize> LargestThatFits(const ClipSpec& spec, const CheckpointInfo& checkpoint, int64_t budget_bytes,
                                         const PeakOfSize& peak_of) {
  const double wanted = static_cast<double>(spec.width) / spec.height;
  const auto worth = [&](PixelSize size) {
    const double ratio = static_cast<double>(size.width) / static_cast<double>(size.height);
    return std::tuple(size.height * size.width, -std::abs(std::log(ratio / wanted)));
  };
  std::optional<PixelSize> best;
  for (int64_t height = checkpoint.size_multiple; height <= checkpoint.max_side; height += checkpoint.size_multiple) {
    const int64_t width = std::max<int64_t>(1, checkpoint.video_area / height);
    const PixelSize size = SnapToArea({height, width}, checkpoint.video_area, checkpoint.size_multiple);
    if (std::max(size.height, size.width) > checkpoint.max_side) continue;
    // What is advised must come out as it is when it is asked for.
    if (SnapToArea(size, checkpoint.video_area, checkpoint.size_multiple) != size) continue;
    if (peak_of(size) > budget_bytes) continue;
    if (!best.has_value() || worth(size) > worth(*best)) best = size;
  }
  return best;
}

}  // namespace

absl::Status AdmitClip(const ClipSpec& spec, const CheckpointInfo& checkpoint, int64_t budget_bytes,
                       const PeakOfSize& peak_of) {
  if (budget_bytes == 0 || spec.predicted_peak_bytes <= budget_bytes) return absl::OkStatus();
  const auto fits = LargestThatFits(spec, checkpoint, budget_bytes, peak_of);
  std::string remedy;
  if (!fits.has_value()) {
    remedy = absl::StrFormat("no size of checkpoint %s fits; set --memory_budget_gb to %s, or serve a smaller one",
                             checkpoint.name, EnoughGb(spec.predicted_peak_bytes));
  } else if (spec.first_frame.empty()) {
    remedy = absl::StrFormat("use %dx%d", fits->height, fits->width);
  } else {
    remedy = absl::StrFormat("crop the first frame to the shape of %dx%d", fits->height, fits->width);
  }
  return WithReason(absl::ResourceExhaustedError(absl::StrFormat(
                        "%dx%d for %.3g s needs %s GB at its peak, models included; the budget leaves %s: %s",
                        spec.height, spec.width, spec.frames / std::max(1e-9, checkpoint.frames_per_second),
                        Gb(spec.predicted_peak_bytes), Gb(budget_bytes), remedy)),
                    "MEMORY_BUDGET_EXCEEDED");
}

}  // namespace ovi
