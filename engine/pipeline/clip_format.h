// How a clip is written into its file: size, rates, and the metadata that would make it again.
#pragma once

#include "engine/clip.h"
#include "engine/media/clip_writer.h"
#include "engine/pipeline/models.h"

namespace ovi {

ClipFormat ClipFormatOf(const Models& models, const ClipSpec& spec);

}  // namespace ovi
