// The video VAE against the goldens: both directions, with the output of every chunk.
#include <gtest/gtest.h>

#include "tests/parity/golden.h"

namespace ovi {
namespace {

TEST(VideoVaeParityTest, MatchesEveryGolden) { ExpectAllMatch("video_vae", RunVideoVaeCase); }

}  // namespace
}  // namespace ovi
