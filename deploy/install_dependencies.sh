#!/usr/bin/env bash
# Installs what ovi is built from: Debian 12 or Ubuntu 24.04 packages, and LibTorch out of the PyPI wheel into .venv.
#
#   deploy/install_dependencies.sh            what a build needs
#   deploy/install_dependencies.sh --tests    also what tests/run.sh needs
#
# Does nothing where everything is there already. Needs root or sudo for packages. OVI_PIP_ARGS is handed to pip:
# `OVI_PIP_ARGS="--index-url ..."` chooses another build of the wheel. OVI_TORCH_PREFIX set: no wheel is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

torch_version=2.13.0
packages=(
  build-essential cmake ninja-build ccache git pkg-config ca-certificates python3 python3-venv
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libabsl-dev libre2-dev
  libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libswresample-dev
  libjpeg-dev libpng-dev libwebp-dev libarchive-dev zlib1g-dev libsqlite3-dev libpq-dev
  libsentencepiece-dev libutf8proc-dev libspdlog-dev libfmt-dev nlohmann-json3-dev libcli11-dev libssl-dev
  libcurl4-openssl-dev
  prometheus-cpp-dev libcpp-httplib-dev
)
test_packages=(libgtest-dev libgmock-dev clang-format ffmpeg libfaketime postgresql postgresql-client)
# For hip_compile_test and the fuzz targets, which skip where a distribution lacks one: 90 MB to fetch, no AMD GPU needed.
optional_test_packages=(clang-19 libclang-rt-19-dev lld-19 libamdhip64-dev rocm-device-libs)
optional_packages=()
python_packages=()
test_python_packages=(grpcio==1.76.0 grpcio-tools==1.76.0 grpcio-reflection==1.76.0 grpcio-health-checking==1.76.0 buf-bin numpy scipy pillow
  'moto[s3]==5.2.5' flask flask-cors)

if [ "${1:-}" = "--tests" ]; then
  packages+=("${test_packages[@]}")
  optional_packages=("${optional_test_packages[@]}")
  python_packages+=("${test_python_packages[@]}")
elif [ -n "${1:-}" ]; then
  echo "install_dependencies.sh: unknown argument '$1'; use --tests or nothing" >&2
  exit 2
fi

is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'; }
missing=() missing_optional=()
for package in "${packages[@]}"; do is_installed "$package" || missing+=("$package"); done
for package in "${optional_packages[@]}"; do is_installed "$package" || missing_optional+=("$package"); done
if [ ${#missing[@]} -gt 0 ] || [ ${#missing_optional[@]} -gt 0 ]; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -q
  for package in "${missing_optional[@]}"; do
    if apt-cache show "$package" >/dev/null 2>&1; then missing+=("$package"); fi
  done
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing packages: ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

[ -x .venv/bin/python ] || python3 -m venv .venv
if [ -z "${OVI_TORCH_PREFIX:-}" ] && ! compgen -G ".venv/lib/python3*/site-packages/torch-${torch_version}*" >/dev/null; then
  echo "installing LibTorch ${torch_version} from its wheel"
  # Without dependencies: the C++ libraries of the wheel are all that is used; Python never imports it.
  # shellcheck disable=SC2086  # OVI_PIP_ARGS holds several words on purpose
  .venv/bin/python -m pip install --quiet --no-deps ${OVI_PIP_ARGS:-} "torch==${torch_version}"
  # Some indexes answer with the CUDA build, which cannot be linked without a CUDA toolkit.
  if compgen -G ".venv/lib/python3*/site-packages/torch/lib/libtorch_cuda.so" >/dev/null && ! command -v nvcc >/dev/null; then
    .venv/bin/python -m pip uninstall --quiet --yes torch
    echo "pip found a CUDA build of torch ${torch_version}, and there is no CUDA toolkit (nvcc) on this machine. Name PyTorch's" >&2
    echo "index of CPU wheels: OVI_PIP_ARGS='--index-url URL' $0 $*   (pytorch.org, \"Get started\", Compute Platform: CPU)" >&2
    exit 1
  fi
fi
if [ ${#python_packages[@]} -gt 0 ]; then
  # shellcheck disable=SC2086
  .venv/bin/python -m pip install --quiet ${OVI_PIP_ARGS:-} "${python_packages[@]}"
fi
