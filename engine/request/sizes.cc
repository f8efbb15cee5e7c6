// Compiled with -ffp-contract=off: a fused multiply-add could tip a half the other way.
#include "engine/request/sizes.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

namespace ovi {
namespace {

// Half to even, in the default rounding mode: std::round would take halves away from zero.
int64_t Round(double value) { return static_cast<int64_t>(std::nearbyint(value)); }

// What brings `size` to `area` pixels, as a factor of each side.
double ScaleTo(PixelSize size, int64_t area) {
  return std::sqrt(static_cast<double>(area) / (static_cast<double>(size.height) * static_cast<double>(size.width)));
}

int64_t NearestMultiple(double side, int64_t multiple) {
  return std::max(multiple, Round(side / static_cast<double>(multiple)) * multiple);
}

}  // namespace

PixelSize SnapToArea(PixelSize size, int64_t area, int64_t multiple) {
  if (area > 0) {
    const double scale = ScaleTo(size, area);
    size = {Round(static_cast<double>(size.height) * scale), Round(static_cast<double>(size.width) * scale)};
  }
  return {NearestMultiple(static_cast<double>(size.height), multiple),
          NearestMultiple(static_cast<double>(size.width), multiple)};
}

PixelSize ScaleToArea(PixelSize size, int64_t area, int64_t multiple) {
  const double scale = ScaleTo(size, area);
  return {NearestMultiple(static_cast<double>(size.height) * scale, multiple),
          NearestMultiple(static_cast<double>(size.width) * scale, multiple)};
}

PixelSize BestSizeForPicture(PixelSize picture, int64_t area, int64_t multiple) {
  constexpr int kReach = 3;  // rows of units tried on either side of the nearest
  const double ratio = static_cast<double>(picture.width) / static_cast<double>(picture.height);
  const int64_t units = std::max<int64_t>(1, area / (multiple * multiple));
  const int64_t rows = std::max<int64_t>(1, Round(std::sqrt(static_cast<double>(units) / std::max(ratio, 1e-8))));
  const auto score = [&](PixelSize size) {
    return std::tuple(std::abs(size.height * size.width - area),
                      std::abs(static_cast<double>(size.width) / static_cast<double>(size.height) - ratio));
  };

  const auto candidate = [&](int64_t offset) {
    const int64_t height = std::max<int64_t>(1, rows + offset);
    const int64_t width = std::max<int64_t>(1, Round(static_cast<double>(height) * ratio));
    return PixelSize{height * multiple, width * multiple};
  };
  PixelSize best = candidate(-kReach);
  const auto keep_better = [&](PixelSize size) {
    if (score(size) < score(best)) best = size;  // of equals the first stays
  };
  for (int64_t offset = -kReach + 1; offset <= kReach; ++offset) keep_better(candidate(offset));
  keep_better(ScaleToArea(picture, area, multiple));
  return best;
}

}  // namespace ovi
