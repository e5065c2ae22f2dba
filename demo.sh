#!/bin/bash
# From a fresh clone to summed Parquet files: installs what is missing, builds, makes example data, sums it.
# usage: ./demo.sh [FILES]        20 files by default; what it makes is in weir-demo/
set -euo pipefail
cd "$(dirname "$0")"
files=${1:-20}
folder=weir-demo

bold=""
plain=""
if [ -t 1 ]; then
    bold=$'\033[1m'
    plain=$'\033[0m'
fi

step() {
    printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

# Says a command as the reader could type it, and runs it.
show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

build() {
    local log
    log=$(mktemp)
    if ! { [ -f build/CMakeCache.txt ] || cmake --preset release -DWEIR_TESTS=OFF; } >"$log" 2>&1 ||
        ! cmake --build build --target weir >>"$log" 2>&1; then
        cat "$log"
        exit 1
    fi
    rm -f "$log"
    build/weir version
}

make_data() {
    if [ "$(find "$folder/sims" -name '*.parquet' 2>/dev/null | wc -l)" -ge "$files" ]; then
        echo "$folder/sims holds $files files already."
        return
    fi
    mkdir -p "$folder"
    build/weir synth "$folder/sims" --files "$files" --overwrite
}

# Files by another writer beside ours, where there is one: same keys, other layout.
make_foreign_data() {
    [ -d "$folder/foreign" ] && return
    for python in .venv/bin/python python3; do
        if "$python" -c 'import pyarrow, numpy' 2>/dev/null; then
            "$python" tools/demo-data.py "$folder/foreign" 4
            return
        fi
    done
    echo "(No Python with pyarrow here, so no files by pyarrow; tools/python-env.sh would install one.)"
}

step "1. What is needed"
tools/install-packages.sh build
echo "All there."

step "2. The program"
build

# What weir keeps of keys between runs stays in the demo's folder.
export XDG_CACHE_HOME=$PWD/$folder/cache

step "3. Example data: a bank's simulations, 50,000 paths by 120 dates in each file"
make_data
make_foreign_data
inputs=("$folder/sims")
[ -d "$folder/foreign" ] && inputs+=("$folder/foreign")

step "4. The sum by path and Date, in 64 MiB"
show build/weir sum --by path,Date --sum value --memory 64MiB -o "$folder/total.parquet" --overwrite "${inputs[@]}"

step "5. What is in it"
show build/weir sum --by path,Date --sum value --rows 5 --quiet "$folder/total.parquet"

step "Next"
cat <<EOT
  build/weir sum --by path,Date --sum value --dry-run $folder/sims       the plan, and why the memory is enough
  build/weir sum --by path,Date --agg mean:value,max:value $folder/sims  other aggregates, shown as a table
  build/weir inspect $folder/total.parquet                               what a file holds, and what it takes in memory
  build/weir help sum                                                    all options, with examples
EOT
