#!/usr/bin/env bash
# Every C++ file of the tree is formatted as .clang-format says; clang-format names the first line that is not.
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files '*.h' '*.cc' '*.cu' | xargs clang-format --dry-run -Werror
