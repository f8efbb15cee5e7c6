#!/usr/bin/env bash
# Builds and tests everything, on a clean machine too: installs what is missing.
#
#   tests/run.sh                 the optimised build with all tests, then ASan+UBSan and TSan builds of theirs and fuzzing
#   tests/run.sh --fast          the optimised build alone
#   tests/run.sh -R parity       further arguments go to ctest (with --fast)
set -euo pipefail
cd "$(dirname "$0")/.."

fast=0
if [ "${1:-}" = "--fast" ]; then
  fast=1
  shift
fi
deploy/install_dependencies.sh --tests

run_preset() {
  local preset="$1"
  shift
  cmake --preset "$preset" ${OVI_TORCH_PREFIX:+-DOVI_TORCH_PREFIX="$OVI_TORCH_PREFIX"} >"/tmp/ovi-configure-$preset.log" 2>&1 ||
    { cat "/tmp/ovi-configure-$preset.log" >&2; return 1; }
  echo "== $preset: build"
  cmake --build --preset "$preset"
  echo "== $preset: test"
  ctest --preset "$preset" "$@"
}

if [ "$fast" -eq 0 ]; then
  run_preset tsan -L "unit|service"
  run_preset asan -L "unit|parity|service"
  tests/fuzz/run.sh
fi
run_preset dev "$@"
