#!/bin/sh
# Prints the folder of the foreign Parquet files that conformance is measured on: $WEIR_CORPUS, or .cache/corpus,
# unpacked there the first time from the archive beside the project. Without either: one line on stderr, exit 1.
set -eu
cd "$(dirname "$0")/.."

archive=../shared/corpus/corpus.tar.zst
folder=.cache/corpus

if [ -n "${WEIR_CORPUS:-}" ]; then
    if [ ! -f "$WEIR_CORPUS/index.json" ]; then
        echo "corpus: $WEIR_CORPUS has no index.json" >&2
        exit 1
    fi
    (cd "$WEIR_CORPUS" && pwd)
    exit 0
fi
if [ ! -f "$folder/index.json" ]; then
    if [ ! -f "$archive" ]; then
        echo "corpus: there is no $archive, and WEIR_CORPUS names no other" >&2
        exit 1
    fi
    if ! command -v zstd >/dev/null; then
        echo "corpus: zstd is needed to unpack $archive" >&2
        exit 1
    fi
    mkdir -p .cache
    part=$(mktemp -d .cache/corpus.XXXXXX)
    trap 'rm -rf "$part"' EXIT
    # By way of a file, because a shell without pipefail does not see a decompressor fail.
    zstd -dqc --long=27 "$archive" >"$part/all.tar"
    mkdir "$part/corpus"
    tar -x -f "$part/all.tar" -C "$part/corpus"
    cp "$(dirname "$archive")"/*.py "$part/corpus/"
    # Whoever comes second finds the folder there and drops its own.
    mv -T "$part/corpus" "$folder" 2>/dev/null || [ -f "$folder/index.json" ]
fi
(cd "$folder" && pwd)
