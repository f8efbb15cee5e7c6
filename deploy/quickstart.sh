#!/usr/bin/env bash
# From a clean clone to a first clip: installs what is missing, builds, starts ovi-server with the demo model, makes one
# clip, prints its path, and stops the server it started.
#
#   deploy/quickstart.sh "A red ball bounces up and down on a black background. Audio: A dull thud at every bounce."
#   deploy/quickstart.sh --output ball.mp4 --keep-server "..."     the server stays up; its address and pid are printed
#
# models/demo/README.md has the grammar of prompts that the demo model understands.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
prompt="" output="$PWD/clip.mp4" keep=0
while [ $# -gt 0 ]; do
  case "$1" in
    -h | --help) usage; exit 0 ;;
    -o | --output) output="${2:?--output needs a file name}"; shift ;;
    --keep-server) keep=1 ;;
    -*) echo "quickstart.sh: unknown flag '$1'; see --help" >&2; exit 2 ;;
    *) [ -z "$prompt" ] || { echo "quickstart.sh: more than one prompt; put it in quotes" >&2; exit 2; }
       prompt="$1" ;;
  esac
  shift
done
[ -n "$prompt" ] || prompt="A red ball bounces up and down on a black background. Audio: A dull thud at every bounce."

"$root/deploy/install_dependencies.sh"
cd "$root"
cmake --preset release ${OVI_TORCH_PREFIX:+-DOVI_TORCH_PREFIX="$OVI_TORCH_PREFIX"} >/dev/null
cmake --build --preset release

log="$(mktemp -t ovi-server.XXXXXX.log)"
data="$(mktemp -d -t ovi-data.XXXXXX)"
build/release/bin/ovi-server --listen=127.0.0.1:0 --data_dir="$data" >"$log" 2>&1 &
server=$!
stop_server() {
  kill -TERM "$server" 2>/dev/null && wait "$server" 2>/dev/null || true
  rm -rf "$data" "$log"
}
trap stop_server EXIT

address=""
for _ in $(seq 300); do
  address="$(sed -n 's/.*listening on \([0-9.]*:[0-9]*\).*/\1/p' "$log" | head -n 1)"
  [ -n "$address" ] && break
  kill -0 "$server" 2>/dev/null || { echo "ovi-server did not start:" >&2; cat "$log" >&2; exit 1; }
  sleep 0.2
done
[ -n "$address" ] || { echo "ovi-server did not start within a minute:" >&2; cat "$log" >&2; exit 1; }

build/release/bin/ovi-client --server="$address" generate "$prompt" -o "$output"
if [ "$keep" -eq 1 ]; then
  trap - EXIT
  echo "ovi-server keeps running on $address (pid $server, log $log, data $data); stop it with: kill $server"
fi
