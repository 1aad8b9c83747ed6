#!/bin/sh
# Check that all C files are as clang-format would write them.
#
# usage: format.sh SOURCE_ROOT
cd "$1" || exit 2
find src ext server remote tests -name '*.[ch]' -exec \
    clang-format --dry-run -Werror {} +
