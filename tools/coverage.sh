#!/bin/bash
# Line and branch coverage of one room by the tests: each of its files, then the total; with --lines what is uncovered.
# usage: tools/coverage.sh [--room NAME] [--lines] [--quick] [--at-least LINES BRANCHES] [--build FOLDER]
#
#   --room NAME               the folder of src/ that is looked at, parquet by default
#   --lines                   after the table: uncovered lines and branches never taken, file by file
#   --quick                   unit tests and replays alone, as while tests are being written
#   --at-least LINES BRANCHES exit 1 where the total is under these per cents
#   --build FOLDER            build-coverage by default
#
# Unit tests, kept inputs and seeds of the fuzz targets, command-line cases, and the oracle tests that read most. Whether
# those pass is not this script's matter. Clang counts branches where the source has them; each use of TRY() has two.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

room=parquet
lines=0
quick=0
least=(0 0)
build=build-coverage
while [ $# -gt 0 ]; do
    case $1 in
    --room) room=$2; shift ;;
    --lines) lines=1 ;;
    --quick) quick=1 ;;
    --at-least) least=("$2" "$3"); shift 2 ;;
    --build) build=$2; shift ;;
    *) sed -n '3p' "$0" | cut -c 3- >&2; exit 2 ;;
    esac
    shift
done
jobs=$(nproc)
python=.venv/bin/python
profiles=$(mktemp -d)
trap 'rm -rf "$profiles"' EXIT
# %m: one file a program, into which its runs are added up.
export LLVM_PROFILE_FILE=$profiles/%m.profraw
export WEIR_SANITIZED=1 # slow, as under a sanitizer

# The programs in which the room is looked at; other rooms' unit tests are left out.
programs() {
    ninja -C "$build" -t targets all | gawk -F: -v unit="^test/unit/${room}_test_" '$1 ~ unit || $1 ~ "^test/fuzz/fuzz_" { print $1 }'
}

make_programs() {
    cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang-14 -DWEIR_TESTS=ON \
        -DCMAKE_C_FLAGS="-fprofile-instr-generate -fcoverage-mapping" >/dev/null &&
        programs | xargs ninja -C "$build" -j "$jobs" weir >"$profiles/build.log" || { tail -n 30 "$profiles/build.log" >&2; exit 1; }
}

# run NAME COMMAND...: says how it went, on standard error.
run() {
    local name=$1 begin=$SECONDS status
    shift
    "$@" >"$profiles/log" 2>&1 </dev/null
    status=$?
    printf '%-12s %4d s%s\n' "$name" $((SECONDS - begin)) "$([ $status -eq 0 ] || echo "  (status $status)")" >&2
}

replay() {
    local target name
    "$python" tools/fuzz-seeds.py "$profiles/seeds" || return
    for target in $(programs | grep /fuzz_); do
        name=$(basename "$target")
        for folder in "$profiles/seeds/$name" ".cache/fuzz/$name" "test/fuzz/regressions/$name"; do
            [ ! -d "$folder" ] || "$build/$target" "$folder" || true
        done
    done
}

# Every instruction set that the machine has; which of them a program takes is decided when it starts.
unit() {
    local kernels status=0
    for kernels in "" avx2 scalar; do
        if [ -n "$kernels" ]; then export WEIR_KERNELS=$kernels; fi
        ctest --test-dir "$build" -j "$jobs" -R "unit/$room/|replay/" || status=1
    done
    unset WEIR_KERNELS
    return $status
}

cases() {
    "$python" tools/run-cases.py --weir "$build/weir" --jobs "$jobs"
}

oracle() {
    WEIR=$build/weir "$python" test/oracle/run.py "$@"
}

make_programs
run unit unit
run replay replay
if [ $quick -eq 0 ]; then
    run cases cases
    run oracle oracle sums outputs encodings
    run damage oracle --fault damage
fi

llvm-profdata-14 merge -sparse "$profiles"/*.profraw -o "$profiles/all.profdata" || exit 1
objects=("$build/weir")
while read -r program; do
    objects+=(-object "$build/$program")
done < <(programs)
llvm-cov-14 export -format=lcov -instr-profile "$profiles/all.profdata" "${objects[@]}" "src/$room" \
    >"$profiles/coverage.lcov" 2>"$profiles/warnings" || { cat "$profiles/warnings" >&2; exit 1; }
gawk -v room="src/$room/" -v show="$lines" -v least_lines="${least[0]}" -v least_branches="${least[1]}" \
    -f tools/coverage.awk "$profiles/coverage.lcov"
