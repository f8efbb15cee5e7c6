// The launchers of a build without a GPU compiler. CanFuse and its like keep everybody from calling them.
#include <c10/util/Exception.h>

#include "engine/kernels/snake_kernels.h"
#include "engine/kernels/text_kernels.h"
#include "engine/kernels/tower_kernels.h"
#include "engine/kernels/vae_kernels.h"

namespace ovi::gpu {
namespace {

[[noreturn]] void Absent() { TORCH_CHECK(false, "this build has no fused kernels"); }

}  // namespace

void LaunchResidualNorm(const ResidualNormArgs&, Stream) { Absent(); }
void LaunchNormRope(const NormRopeArgs&, Stream) { Absent(); }
void LaunchNormSilu(const NormSiluArgs&, Stream) { Absent(); }
void LaunchEnlarge(const EnlargeArgs&, Stream) { Absent(); }
void LaunchToRgb(const ToRgbArgs&, Stream) { Absent(); }
void LaunchAddRmsNorm(const AddRmsNormArgs&, Stream) { Absent(); }
void LaunchGatedGelu(const GatedGeluArgs&, Stream) { Absent(); }
void LaunchAntiAliasedSnake(const AntiAliasedSnakeArgs&, Stream) { Absent(); }
void LaunchBiasSoftmax(const BiasSoftmaxArgs&, Stream) { Absent(); }

}  // namespace ovi::gpu
