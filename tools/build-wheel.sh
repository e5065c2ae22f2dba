#!/bin/sh
# Builds the wheel weirflow: the program, linked with nothing it would need on another machine, and the package.
# usage: tools/build-wheel.sh [FOLDER]     FOLDER gets the wheel, dist/ by default; its name is the last line
#
# The program is a static one (static-pie), so it runs with any glibc and without. That works since it looks up no
# host, user or locale and loads nothing at run time: the linker's warning about dlopen is SQLite's, for extensions
# that are never loaded. WEIR_SOURCE is another tree to build the program from.
set -eu
cd "$(dirname "$0")/.."

out=${1:-dist}
source=${WEIR_SOURCE:-.}
build=${WEIR_WHEEL_BUILD:-build-wheel}
mkdir -p "$out"

launcher=
! command -v ccache >/dev/null || launcher=ccache
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DWEIR_TESTS=OFF -DCMAKE_C_COMPILER_LAUNCHER=$launcher \
    -DCMAKE_EXE_LINKER_FLAGS=-static-pie -DCMAKE_C_STANDARD_LIBRARIES="-lbrotlicommon -lstdc++ -lm" >/dev/null
cmake --build "$build" --target weir -j "$(nproc)" >"$build/log" 2>&1 || {
    cat "$build/log" >&2
    exit 1
}

binaries=$build/binaries
mkdir -p "$binaries"
strip -o "$binaries/weir" "$build/weir"
${CC:-cc} -std=gnu17 -O2 -fPIC -shared -fvisibility=hidden -Wall -Wextra -Werror -Wconversion -Wshadow \
    -Wl,-z,relro,-z,now,-z,noexecstack -s -o "$binaries/libweir-arrow.so" python/native/arrow_export.c

if readelf -d "$binaries/weir" | grep NEEDED >&2; then
    echo "the program is not static" >&2
    exit 1
fi
WEIR_WHEEL_BINARIES=$binaries python3 python/build_backend.py "$out"
