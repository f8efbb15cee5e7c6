// The sentencepiece library behind two walls.
//
// At compile time: its header puts a `string_view` of its own into namespace absl, which clashes with the packaged
// Abseil, so sentencepiece_module.cc alone includes it. At run time: the packaged library carries and exports an old
// protobuf; linked beside gRPC's it answers calls that were meant for that one, and the process dies before main. So it
// is a module, libovi_sentencepiece.so, which is loaded into a scope of its own.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "engine/text/sentencepiece_interface.h"

namespace ovi {

// An empty model. FailedPrecondition if the module is not where the program looks for it: ../lib beside itself.
absl::StatusOr<std::unique_ptr<SentencePieceModel>> MakeSentencePieceModel();

}  // namespace ovi
