#!/usr/bin/env bash
# deploy/rocm/check_host.sh on made-up machines: it passes one that is set up, and names the line to add for one that is not.
set -euo pipefail
check=$(cd "$(dirname "$0")/../.." && pwd)/deploy/rocm/check_host.sh
machine=$(mktemp -d)
trap 'rm -rf "$machine"' EXIT
device=$machine/sys/class/drm/card1/device
mkdir -p "$machine/proc/sys/kernel" "$machine/sys/module/ttm/parameters" "$device" "$machine/dev/dri"
touch "$machine/dev/kfd"

# set_up KERNEL GIB: what the machine has
set_up() {
  echo "$1" > "$machine/proc/sys/kernel/osrelease"
  echo "quiet amd_iommu=off" > "$machine/proc/cmdline"
  echo $(($2 * 262144)) > "$machine/sys/module/ttm/parameters/pages_limit"
  echo $(($2 << 30)) > "$device/mem_info_gtt_total"
  echo $((512 << 20)) > "$device/mem_info_vram_total"
}
expect() {
  grep -qF -- "$1" <<< "$output" || { echo "expected: $1"; echo "$output"; exit 1; }
}

set_up 6.18.4-200.fc43 96
output=$(OVI_SYS_ROOT=$machine "$check" 96) || { echo "$output"; exit 1; }
expect "ok    GTT 96 GiB"

set_up 6.17.9 62
if output=$(OVI_SYS_ROOT=$machine "$check" 96); then echo "passed a machine that is not set up"; exit 1; fi
expect "kernel 6.17.9: older than 6.18.4"
expect "ttm.pages_limit=25165824"
expect "GTT is 62 GiB, wanted 96"
