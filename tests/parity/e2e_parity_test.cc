#include <gtest/gtest.h>

#include "tests/parity/golden.h"

namespace ovi {
namespace {

// Prompt, and picture, to latents, frames and sound, through the stages that the server runs.
TEST(EndToEndParityTest, MatchesEveryGolden) { ExpectAllMatch("e2e", RunEndToEndCase); }

}  // namespace
}  // namespace ovi
