// The size of a clip, checked: a part of ResolveRequest.
#pragma once

#include <optional>

#include "base/field_violations.h"
#include "engine/clip.h"
#include "engine/request/sizes.h"

namespace ovi {

// Text to video: height and width together, or neither for the checkpoint's default; each from 1 to max_side, and so
// must be the sides they are snapped to. Nothing if `violations` got one.
std::optional<PixelSize> SizeForText(const ClipRequest& request, const CheckpointInfo& checkpoint,
                                     FieldViolations& violations);

// Image to video: the picture decides. Nothing if it has no size or one that leads beyond max_side.
std::optional<PixelSize> SizeForPicture(const std::optional<PixelSize>& picture, const CheckpointInfo& checkpoint,
                                        FieldViolations& violations);

}  // namespace ovi
