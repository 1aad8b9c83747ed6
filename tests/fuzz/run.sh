#!/bin/sh
# Fuzz a parser with libFuzzer, address and undefined behaviour sanitizers.
# What it finds of new ground stays in build-fuzz/corpus_TARGET; what fails is
# written to build-fuzz.
#
# usage: tests/fuzz/run.sh expression|statement|item|large|leaf|request|signature SECONDS
set -eu
cd "$(dirname "$0")/../.."
target=$1
seconds=$2
flags=-fsanitize=fuzzer-no-link,address,undefined
[ -f build-fuzz/build.ninja ] ||
    CC=clang meson setup build-fuzz -Db_lundef=false \
        -Dc_args="$flags -fno-sanitize-recover=undefined" -Dc_link_args="$flags"
ninja -C build-fuzz "tests/fuzz_$target"
mkdir -p "build-fuzz/corpus_$target"
cd build-fuzz
exec "tests/fuzz_$target" -max_total_time="$seconds" -timeout=20 \
    -print_final_stats=1 -max_len=4096 "corpus_$target" "../tests/fuzz/corpus/$target"
