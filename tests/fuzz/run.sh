#!/usr/bin/env bash
# Builds the fuzz targets and runs each over its corpus, then on inputs made from it.
#
#   tests/fuzz/run.sh                          ten seconds each: what tests/run.sh does
#   tests/fuzz/run.sh --seconds 600            ten minutes each
#   tests/fuzz/run.sh --seconds 60 pickle ...  some of them
#   OVI_FUZZ_CLANG=clang++-16 ...              another compiler than the preset's
#
# Skips with a message where there is no clang with libFuzzer. New inputs gather in build/fuzz/found/<target>; one that
# ends the target is named there and makes this script fail. Prints what was done: executions, seconds, edges reached.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=10
if [ "${1:-}" = "--seconds" ]; then
  seconds="$2"
  shift 2
fi
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for source in tests/fuzz/*_fuzz.cc; do targets+=("$(basename "$source" _fuzz.cc)"); done
fi

clang="${OVI_FUZZ_CLANG:-clang++-19}"
if ! echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
  "$clang" -fsanitize=fuzzer,address -x c++ - -o /dev/null 2>/dev/null; then
  echo "fuzz: skipped: $clang is missing or has no libFuzzer; install clang-19 and libclang-rt-19-dev"
  exit 0
fi

build=build/fuzz
mkdir -p "$build"
cmake --preset fuzz -DCMAKE_CXX_COMPILER="$clang" ${OVI_TORCH_PREFIX:+-DOVI_TORCH_PREFIX="$OVI_TORCH_PREFIX"} >"$build/configure.log" 2>&1 ||
  { cat "$build/configure.log" >&2; exit 1; }
cmake --build "$build" --target "${targets[@]/%/_fuzz}"

# LibTorch's containers are not instrumented; its statics stay until the process ends.
export ASAN_OPTIONS="detect_container_overflow=0:allocator_may_return_null=1"
export UBSAN_OPTIONS="print_stacktrace=1"
# What a target has no folder for, or more to start from.
seeds_of() {
  if [ -d "tests/fuzz/corpus/$1" ]; then echo "tests/fuzz/corpus/$1"; fi
  case "$1" in
    image) echo tests/data/media ;;
    tensor_file) echo tests/data/checkpoint ;;
  esac
}

failed=0
for target in "${targets[@]}"; do
  found="$build/found/$target" log="$build/$target.log"
  mkdir -p "$found"
  options=(-max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -max_len=8192 -print_final_stats=1
    -artifact_prefix="$found/")
  if [ -f "tests/fuzz/dictionaries/$target.dict" ]; then options+=(-dict="tests/fuzz/dictionaries/$target.dict"); fi
  # shellcheck disable=SC2046  # one folder a word
  if ! "$build/bin/${target}_fuzz" "${options[@]}" "$found" $(seeds_of "$target") >"$log" 2>&1; then
    tail -40 "$log" >&2
    failed=1
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
  total=$(sed -n 's/.*(\([0-9]*\) inline 8-bit counters).*/\1/p' "$log" | head -1)
  memory=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
  echo "fuzz: $target: ${executions:-?} executions in $seconds s, ${edges:-?} of ${total:-?} edges, ${memory:-?} MB"
done
exit "$failed"
