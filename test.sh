#!/bin/bash
# Builds and tests everything. The last line is "N passed, N failed" (and ", N skipped" where there are any).
# usage: ./test.sh [--full] [STEP...]     --full: longer fuzzing, more kills and faults, a billion rows
set -uo pipefail
cd "$(dirname "$0")"

full=0
only=()
for argument in "$@"; do
    case $argument in
    --full) full=1 ;;
    -*) echo "usage: ./test.sh [--full] [STEP...]" >&2; exit 2 ;;
    *) only+=("$argument") ;;
    esac
done
export WEIR_FULL=$full
jobs=$(nproc)
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0
failed=0
skipped=0
failures=()

# The numbers in a step's log: those of its last line "N passed, N failed", or of cmocka's programs.
count_of() {
    gawk -v wanted="$2" '
        /^[0-9]+ passed, [0-9]+ failed/ {
            summary = 1; count["passed"] = $1; count["failed"] = $3; count["skipped"] = $5
        }
        /\[       OK \]/ { ok++ }
        /\[  FAILED  \] [a-z_]/ && !seen[$0]++ { bad++ }
        /\[  SKIPPED \] [a-z_]/ && !seen[$0]++ { passed_over++ }
        END {
            if (!summary) { count["passed"] = ok; count["failed"] = bad; count["skipped"] = passed_over }
            print count[wanted] + 0
        }' "$1"
}

# step NAME COMMAND...: runs a command quietly, counts, and shows its output where it failed.
step() {
    local name=$1 log=$logs/log begin=$SECONDS status good bad over
    shift
    if [ ${#only[@]} -gt 0 ] && [[ " ${only[*]} " != *" $name "* ]]; then
        return
    fi
    "$@" >"$log" 2>&1 </dev/null
    status=$?
    good=$(count_of "$log" passed)
    bad=$(count_of "$log" failed)
    over=$(count_of "$log" skipped)
    # A step without counts of its own is one test.
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    elif [ "$status" -eq 0 ] && [ $((good + over)) -eq 0 ]; then
        good=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    skipped=$((skipped + over))
    if [ "$status" -eq 0 ] && [ "$bad" -eq 0 ]; then
        printf 'ok      %-24s %4d tests %5d s\n' "$name" "$good" $((SECONDS - begin))
    else
        printf 'FAILED  %-24s %4d tests %5d s\n' "$name" "$bad" $((SECONDS - begin))
        # What failed comes first: whoever shows only the beginning of this shows that.
        grep -E '^failed: |\[  FAILED  \] [a-z_]|^FAIL(ED)?[: ]|^ERROR: |[Ee]rror: ' "$log" | sort -u | head -n 20 | sed 's/^/    ! /'
        sed 's/^/    | /' "$log" | tail -n 200
        failures+=("$name")
    fi
}

build() {
    cmake --preset "$1" >/dev/null && cmake --build --preset "$1" -j "$jobs"
}

unit() {
    ctest --preset "$1" -j "$jobs" --verbose "${@:2}"
}

# One fuzz target, a while. Output of the fuzzer's own choosing is long: shown only when it found something.
fuzz_one() {
    local target=$1 name log
    name=$(basename "$target")
    log=$(mktemp)
    mkdir -p ".cache/fuzz/$name"
    if ASAN_OPTIONS=allocator_may_return_null=1 "$target" -max_total_time="$FUZZ_SECONDS" -timeout=10 -rss_limit_mb=2048 \
        -max_len=65536 -print_final_stats=1 -artifact_prefix=".cache/fuzz/$name-" \
        ".cache/fuzz/$name" ".cache/seeds/$name" >"$log" 2>&1; then
        echo "[       OK ] $name"
        rm "$log"
    else
        echo "$(tail -n 60 "$log")
[  FAILED  ] $name"
        rm "$log"
        return 1
    fi
}
export -f fuzz_one

# Each target twenty seconds (--full: five minutes), from files of real writers and what was found before.
fuzz() {
    export FUZZ_SECONDS=${FUZZ_SECONDS:-$((full ? 300 : 20))}
    build fuzz && "$python" tools/fuzz-seeds.py .cache/seeds || return
    find build-fuzz/test/fuzz -maxdepth 1 -name 'fuzz_*' -type f -executable -print0 |
        sort -z | xargs -0 -n 1 -P "$jobs" bash -c 'fuzz_one "$0"'
}

tidy() {
    find src -name "*.c" -print0 | xargs -0 -n 4 -P "$jobs" clang-tidy-14 --quiet --extra-arg=-Wno-unknown-warning-option -p build-dev
}

python=.venv/bin/python

cases_on() {
    "$python" tools/run-cases.py --weir "$1/weir" --jobs "$jobs"
}

oracle() {
    WEIR=build/weir "$python" test/oracle/run.py "$@"
}

# AddressSanitizer and UndefinedBehaviorSanitizer see what a damaged file does that no signal shows.
sanitized() {
    WEIR=build-dev/weir WEIR_SANITIZED=1 ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 \
        "$python" test/oracle/run.py "$@"
}

# Values that were never written: the sums and the writer under valgrind, which knows AVX2 at most.
uninitialised() {
    local folder status=0
    folder=$(mktemp -d)
    build/weir synth "$folder/s" --files 2 --paths 50 --dates 12 -q
    for command in "sum --by path,Date --agg sum:value,mean:value,min:value -o $folder/r.parquet $folder/s" \
        "sum --by path,Date --sum value -o $folder/r.csv --sort $folder/s" \
        "sum --by path,Date --sum value -o $folder/r.arrow $folder/s" \
        "sum --by Date --sum value -o $folder/folded.parquet $folder/s" \
        "sum --by path,Date --sum value --where path>3 -o $folder/sorted.parquet $folder/s" \
        "sum --by path,Date,value --agg count:* --where path>3 -o $folder/any.parquet $folder/s" \
        "sum --by path --sum value -o $folder/dense.parquet $folder/any.parquet $folder/sorted.parquet" \
        "inspect $folder/s" \
        "diff $folder/s/sim-00000.parquet $folder/s/sim-00000.parquet"; do
        # shellcheck disable=SC2086  # a list of words
        XDG_CACHE_HOME=$folder/cache WEIR_KERNELS=avx2 valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
            build/weir $command >"$folder/out" 2>"$folder/err" || {
            cat "$folder/err"
            status=1
        }
    done
    rm -rf "$folder"
    return $status
}

# The corpus of foreign files, where it lies beside the project.
conformance() {
    WEIR=build/weir "$python" test/oracle/conformance.py --mutants "$((full ? 3000 : 300))"
}

conformance_sanitized() {
    WEIR=build-dev/weir WEIR_SANITIZED=1 ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0 \
        "$python" test/oracle/conformance.py
}

# Batches and their history with sanitizers: the same tests, fewer jobs.
batches_sanitized() {
    sanitized complaints history batch_display
}

# Files that do not align, with sanitizers: fewer random cases.
keys_sanitized() {
    sanitized any_keys filter
}

# Real control groups version 2, a machine without memory, containers: in a virtual machine.
guest() {
    WEIR_BUILD=build test/guest/run.sh
}

threads_sanitized() {
    WEIR=build-tsan/weir WEIR_SANITIZED=1 "$python" test/oracle/run.py -k order_threads same_bits
}

export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
WEIR_START=$SECONDS

step packages tools/install-packages.sh test
step python tools/python-env.sh
step build-release build release
step build-dev build dev
step build-tsan build tsan
step format sh -c 'find src test bench -name "*.[ch]" -print0 | xargs -0 clang-format-14 --dry-run --Werror'
step rooms tools/check-rooms.py
step sizes tools/check-sizes.py
step words tools/check-words.py
step links tools/check-links.py
step unit-dev unit dev
step unit-release unit release
step unit-tsan unit tsan -R 'unit/(os|mem|exact|store|sum|term|sort|group|fingerprint)/'
step cases cases_on build
step cases-dev cases_on build-dev
step readme tools/check-readme.py build/weir
step oracle oracle
step python-package "$python" test/python/run.py
step fault oracle --fault
step damage-dev sanitized --fault -k mutants damage programs
step replay-dev sanitized --fault -k replayed_seeds programs
step oracle-dev sanitized sums
step keys-dev keys_sanitized
step conformance conformance
step conformance-dev conformance_sanitized
step batches-dev batches_sanitized
step misuse-dev sanitized --fault batch_misuse batch_clock
step order-tsan threads_sanitized
step valgrind uninitialised
step tidy tidy
step fuzz fuzz
step coverage tools/coverage.sh --at-least 95 90
if [ "$full" -eq 1 ]; then
    step memory "$python" bench/memory.py --weir build/weir
    # A dozen loads in 100,000 may take more than half as long again as a schedule that knows all durations.
    step admission-sim nice -n 10 build/test/sim/admission_sim --loads 100000 --above 12
    step batch-load "$python" bench/batch.py load --without-dask
    step batch-many "$python" bench/batch.py many
    step batch-trivial "$python" bench/batch.py trivial
    step guest-packages tools/install-packages.sh guest
    step guest guest
fi

echo "$((SECONDS - WEIR_START)) s in all"
[ ${#failures[@]} -eq 0 ] || echo "failed: ${failures[*]}"
if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
