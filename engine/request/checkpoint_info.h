// What a checkpoint of a bundle can do, said in a client's terms.
#pragma once

#include "engine/checkpoint/config.h"
#include "engine/clip.h"

namespace ovi {

// `checkpoint` is one of `bundle`. Limits that the model does not set are ours, and stand in the .cc.
CheckpointInfo MakeCheckpointInfo(const CheckpointConfig& checkpoint, const BundleConfig& bundle);

}  // namespace ovi
