#!/usr/bin/env bash
# Says whether this host is set up for ovi on Strix Halo, and for what is not, the line to add. Changes nothing.
#
#   deploy/rocm/check_host.sh [GIB]      GIB: how much of the memory the GPU may use; 96 by default
#
# Exits with 1 if something must be changed. Where the figures come from: docs/rocm.md.
set -euo pipefail
gib=${1:-96}
sys=${OVI_SYS_ROOT:-}  # tests put a made-up machine here
failed=0

good() { echo "ok    $*"; }
bad() {
  echo "FAIL  $*"
  failed=1
}
note() { echo "note  $*"; }

# version A >= version B
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

kernel=$(cat "$sys/proc/sys/kernel/osrelease")
if at_least "${kernel%%-*}" 6.18.4; then good "kernel $kernel"; else
  bad "kernel $kernel: older than 6.18.4 is unstable with gfx1151; install a newer one"
fi

pages=$(cat "$sys/sys/module/ttm/parameters/pages_limit" 2>/dev/null || echo 0)
wanted=$((gib * 262144))
if [ "$pages" -ge "$wanted" ]; then good "ttm.pages_limit $pages ($((pages / 262144)) GiB)"; else
  bad "ttm.pages_limit is $pages ($((pages / 262144)) GiB); add to the kernel's command line: ttm.pages_limit=$wanted"
fi

found=0
for device in "$sys"/sys/class/drm/card*/device; do
  [ -e "$device/mem_info_gtt_total" ] || continue
  found=1
  gtt=$(($(cat "$device/mem_info_gtt_total") >> 30)) vram=$(($(cat "$device/mem_info_vram_total") >> 30))
  if [ "$gtt" -ge "$gib" ]; then good "GTT $gtt GiB"; else bad "GTT is $gtt GiB, wanted $gib: raise ttm.pages_limit (above)"; fi
  if [ "$vram" -gt 4 ]; then
    note "the carve-out is $vram GiB, which programs cannot use twice: set it to 512 MB in the firmware's set-up"
  fi
done
[ "$found" -eq 1 ] || bad "no amdgpu device in /sys/class/drm: is the driver loaded (modprobe amdgpu)?"

for node in /dev/kfd /dev/dri; do
  if [ ! -e "$sys$node" ]; then bad "no $node: the amdgpu driver did not start"
  elif [ "$node" = /dev/kfd ] && [ ! -w "$sys$node" ]; then
    bad "/dev/kfd is not writable for $(id -un): usermod -aG render,video $(id -un), and log in again"
  else good "$node"; fi
done
grep -qw amd_iommu=off "$sys/proc/cmdline" || note "amd_iommu=off on the kernel's command line was measured 5 to 12 % faster"
exit "$failed"
