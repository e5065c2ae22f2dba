#!/bin/sh
# Installs what weir needs on Debian 12, and only what is missing.
# usage: tools/install-packages.sh [build|test|guest]   (test includes build; guest is what test/guest needs besides)
set -eu

build_packages="gcc libc6-dev cmake ninja-build libsnappy-dev libzstd-dev liblz4-dev libdeflate-dev libbrotli-dev libxxhash-dev libjansson-dev nettle-dev libsqlite3-dev"
test_packages="libcmocka-dev clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev valgrind strace time zstd llvm-14 python3 python3-venv gawk"
guest_packages="qemu-system-x86 busybox-static python3 libc-bin"

case "${1:-build}" in
build) wanted=$build_packages ;;
test) wanted="$build_packages $test_packages" ;;
guest) wanted=$guest_packages ;;
*)
    echo "usage: $0 [build|test|guest]" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian system. Please install the equivalents of: $wanted" >&2
    exit 0
fi

missing=""
for package in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Missing packages:$missing" >&2
        echo "Install them as root: apt-get install -y --no-install-recommends$missing" >&2
        exit 1
    fi
    as_root="sudo"
fi
echo "Installing:$missing"
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q </dev/null
# shellcheck disable=SC2086  # a list of words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing </dev/null
