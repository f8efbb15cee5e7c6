#!/usr/bin/env bash
# Compiles every kernel of engine/kernels for AMD's gfx1151 (Strix Halo), device code to a linked code object and host code
# to its syntax tree: what a machine without an AMD GPU can tell about them. They are not run here.
#
#   hip_compile_test.sh FOLDER     a scratch folder
#
# Takes the compiler of a ROCm under ROCM_PATH (/opt/rocm), else Debian's clang-19 with lld-19, libamdhip64-dev and
# rocm-device-libs. Exits with 77, "skipped", where there is neither.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$1
arch=gfx1151
debian_bitcode=/usr/lib/x86_64-linux-gnu/amdgcn/bitcode

skip() {
  echo "hip_compile_test: skipped: $*"
  exit 77
}

kernels=("$source"/engine/kernels/*.cu)
[ -e "${kernels[0]}" ] || skip "no engine/kernels/*.cu"
mkdir -p "$scratch"

# Debian's bitcode is older than gfx1151 and lacks one constant: which instruction set this is (11.5.1).
make_bitcode() {
  rm -rf "$scratch/bitcode"
  cp -r "$debian_bitcode" "$scratch/bitcode"
  cat > "$scratch/isa.ll" <<'IR'
target triple = "amdgcn-amd-amdhsa"
@__oclc_ISA_version = linkonce_odr protected local_unnamed_addr addrspace(4) constant i32 11501, align 4
IR
  clang-19 -x ir -target amdgcn-amd-amdhsa -Wno-override-module -nogpulib -emit-llvm -c "$scratch/isa.ll" \
    -o "$scratch/bitcode/oclc_isa_version_1151.bc"
}

rocm=${ROCM_PATH:-/opt/rocm}
if [ -x "$rocm/llvm/bin/clang++" ]; then
  compiler=("$rocm/llvm/bin/clang++" "--rocm-path=$rocm")
elif command -v clang++-19 >/dev/null && command -v ld.lld-19 >/dev/null && [ -e /usr/include/hip/hip_runtime.h ] &&
  [ -e "$debian_bitcode/ockl.bc" ]; then
  make_bitcode
  compiler=(clang++-19 --rocm-path=/usr "--rocm-device-lib-path=$scratch/bitcode")
else
  skip "no HIP compiler: neither a ROCm in $rocm (ROCM_PATH) nor the packages clang-19 lld-19 libamdhip64-dev rocm-device-libs"
fi

flags=(-x hip --offload-arch=$arch -std=c++20 -O3 -Wall -Wextra -Werror "-I$source")
for kernel in "${kernels[@]}"; do
  name=$(basename "$kernel" .cu)
  "${compiler[@]}" "${flags[@]}" --offload-device-only --no-gpu-bundle-output -c "$kernel" -o "$scratch/$name.$arch"
  "${compiler[@]}" "${flags[@]}" --offload-host-only -fsyntax-only "$kernel"
  # An ELF file for AMDGPU (machine 224), of this very processor (EF_AMDGPU_MACH 0x4a).
  found=$(od -An -tu1 -j18 -N1 "$scratch/$name.$arch" | tr -d ' ')/$(od -An -tx1 -j48 -N1 "$scratch/$name.$arch" | tr -d ' ')
  [ "$found" = 224/4a ] || { echo "hip_compile_test: $name: machine/processor are $found, not 224/4a" >&2; exit 1; }
  echo "hip_compile_test: $name: $(stat -c %s "$scratch/$name.$arch") bytes of $arch code"
done
