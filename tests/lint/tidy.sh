#!/bin/sh
# Run clang-tidy (.clang-tidy has the checks) over the extension, each file as
# the compile database says.
#
# usage: tidy.sh SOURCE_ROOT BUILD_ROOT
cd "$1" || exit 2
find src ext -name '*.c' -print0 |
    xargs -0 -n 4 -P "$(nproc)" clang-tidy --quiet -p "$2"
