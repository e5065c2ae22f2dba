#!/bin/sh
# Runs the tests that need a kernel of their own. The last line is "N passed, N failed[, N skipped]".
# usage: test/guest/run.sh [-k WORD...]    needs tools/install-packages.sh guest; else everything is skipped
set -eu
cd "$(dirname "$0")/../.."
export PYTHONDONTWRITEBYTECODE=1
exec python3 test/guest/test_guest.py "$@"
