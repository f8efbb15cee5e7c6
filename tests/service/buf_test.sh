#!/usr/bin/env bash
# The API passes buf's lint, and breaks nobody who was compiled against proto/ovi_v1.binpb: the API as last released.
#
#   tests/service/buf_test.sh             what ctest runs
#   tests/service/buf_test.sh --release   writes the image anew; part of making a release
#
# Seen failing: `steps` renamed gave "Field 7 ... changed name"; an enum without a zero value failed the lint.
set -euo pipefail
cd "$(dirname "$0")/../../proto"
buf="${BUF:-../.venv/bin/buf}"
[ -x "$buf" ] || { echo "buf is missing; run deploy/install_dependencies.sh --tests, or set BUF" >&2; exit 1; }

if [ "${1:-}" = "--release" ]; then
  "$buf" build --exclude-source-info -o ovi_v1.binpb
  exit
fi
"$buf" lint
"$buf" breaking --against ovi_v1.binpb
