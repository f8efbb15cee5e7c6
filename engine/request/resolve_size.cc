#include "engine/request/resolve_size.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

PixelSize Snap(PixelSize size, const CheckpointInfo& checkpoint) {
  return SnapToArea(size, checkpoint.video_area, checkpoint.size_multiple);
}

bool Fits(PixelSize size, const CheckpointInfo& checkpoint) {
  return std::max(size.height, size.width) <= checkpoint.max_side;
}

// The most elongated size within the limit that is wide where `wanted` is wide, and stays what it is when snapped.
PixelSize NearestThatFits(PixelSize wanted, const CheckpointInfo& checkpoint) {
  const int64_t multiple = checkpoint.size_multiple;
  for (int64_t longer = checkpoint.max_side / multiple * multiple; longer > multiple; longer -= multiple) {
    const int64_t shorter = std::max<int64_t>(1, checkpoint.video_area / longer);
    const PixelSize size = wanted.width > wanted.height ? PixelSize{shorter, longer} : PixelSize{longer, shorter};
    const PixelSize snapped = Snap(size, checkpoint);
    if (Fits(snapped, checkpoint) && Snap(snapped, checkpoint) == snapped) return snapped;
  }
  return Snap({1, 1}, checkpoint);
}

bool CheckSide(const std::string& field, int64_t side, const CheckpointInfo& checkpoint, FieldViolations& violations) {
  if (side >= 1 && side <= checkpoint.max_side) return true;
  violations.Add(field, "SIZE_OUT_OF_RANGE",
                 absl::StrFormat("%s is %d; ask for 1 to %d pixels", field, side, checkpoint.max_side));
  return false;
}

}  // namespace

std::optional<PixelSize> SizeForText(const ClipRequest& request, const CheckpointInfo& checkpoint,
                                     FieldViolations& violations) {
  if (!request.height.has_value() && !request.width.has_value()) {
    return Snap({checkpoint.default_height, checkpoint.default_width}, checkpoint);
  }
  if (!request.height.has_value() || !request.width.has_value()) {
    const bool has_height = request.height.has_value();
    const std::string missing = has_height ? "width" : "height";
    violations.Add(missing, "SIZE_INCOMPLETE",
                   absl::StrFormat("%s is missing while %s is %d; give both or neither", missing,
                                   has_height ? "height" : "width", has_height ? *request.height : *request.width));
    return std::nullopt;
  }
  const bool height_is_valid = CheckSide("height", *request.height, checkpoint, violations);
  const bool width_is_valid = CheckSide("width", *request.width, checkpoint, violations);
  if (!height_is_valid || !width_is_valid) return std::nullopt;

  const PixelSize wanted = {*request.height, *request.width};
  const PixelSize snapped = Snap(wanted, checkpoint);
  if (Fits(snapped, checkpoint)) return snapped;
  const PixelSize nearest = NearestThatFits(wanted, checkpoint);
  violations.Add(wanted.height > wanted.width ? "height" : "width", "SIZE_OUT_OF_RANGE",
                 absl::StrFormat("height %d and width %d are scaled to %dx%d for this checkpoint, beyond its longest "
                                 "side of %d; use height %d and width %d",
                                 wanted.height, wanted.width, snapped.height, snapped.width, checkpoint.max_side,
                                 nearest.height, nearest.width));
  return std::nullopt;
}

std::optional<PixelSize> SizeForPicture(const std::optional<PixelSize>& picture, const CheckpointInfo& checkpoint,
                                        FieldViolations& violations) {
  if (!picture.has_value()) return std::nullopt;
  const PixelSize size = BestSizeForPicture(*picture, checkpoint.video_area, checkpoint.size_multiple);
  if (Fits(size, checkpoint)) return size;
  const PixelSize nearest = NearestThatFits(*picture, checkpoint);
  violations.Add("first_frame", "SIZE_OUT_OF_RANGE",
                 absl::StrFormat("first_frame of %d pixels high and %d wide would make a clip of %dx%d, beyond the "
                                 "longest side of %d; crop it to the shape of %dx%d",
                                 picture->height, picture->width, size.height, size.width, checkpoint.max_side,
                                 nearest.height, nearest.width));
  return std::nullopt;
}

}  // namespace ovi
