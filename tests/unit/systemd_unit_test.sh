#!/usr/bin/env bash
# deploy/systemd/ovi-server.service is one that systemd accepts without a warning, and is as closed as it says.
#
#   systemd_unit_test.sh build/dev/bin/ovi-server       a program that stands where the unit's will
#
# Exits with 77, "skipped", without systemd-analyze.
set -euo pipefail
server=$(realpath "$1")
unit=$(cd "$(dirname "$0")/../.." && pwd)/deploy/systemd/ovi-server.service
command -v systemd-analyze >/dev/null || { echo "systemd_unit_test: skipped: no systemd-analyze"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Its program, user and page need not be installed where it is tested.
sed -e "s|^ExecStart=[^ ]*|ExecStart=$server|" -e "s|^User=.*|User=root|" -e "s|^Group=.*|Group=root|" \
    -e "s|^Documentation=.*||" "$unit" >"$folder/ovi-server.service"
said=$(systemd-analyze verify --man=no --recursive-errors=no "$folder/ovi-server.service" 2>&1) || { echo "$said"; exit 1; }
[ -z "$said" ] || { echo "systemd-analyze verify: $said"; exit 1; }
# systemd's own measure of exposure, 0 to 100; a unit without hardening has 96.
systemd-analyze security --offline=yes --no-pager --threshold=30 "$unit" >"$folder/security" || { cat "$folder/security"; exit 1; }
tail -n 1 "$folder/security"
# The flags that it passes are the server's.
"$server" --help >"$folder/help"
for flag in $(sed -n 's/^ExecStart=[^ ]* //p' "$unit" | grep -o -- '--[a-z_]*'); do
  grep -q -- "^  $flag" "$folder/help" || { echo "ovi-server knows no $flag"; exit 1; }
done
