#!/bin/sh
# Makes .venv with the pinned Python packages of tools/requirements.txt; quick when it is there.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/requirements.stamp
if [ -f "$stamp" ] && cmp -s tools/requirements.txt "$stamp"; then
    exit 0
fi
rm -rf .venv
python3 -m venv .venv
.venv/bin/python -m pip install --quiet --only-binary :all: --no-deps -r tools/requirements.txt </dev/null
.venv/bin/python -c 'import pyarrow, pandas, polars, duckdb, fastparquet, datafusion, numpy'
cp tools/requirements.txt "$stamp"
