// The twin transformer against the goldens: embeddings, rotary positions, block 0 and whole passes.
#include <gtest/gtest.h>

#include "tests/parity/golden.h"

namespace ovi {
namespace {

TEST(FusionParityTest, MatchesEveryGolden) { ExpectAllMatch("fusion", RunFusionCase); }

}  // namespace
}  // namespace ovi
