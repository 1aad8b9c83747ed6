#!/bin/sh
# Run clang-tidy (.clang-tidy has the checks) over the files of src/, ext/ and
# server/ and remote/ that the compile database has, in which there are flags of
# gcc alone. The analyzer gives up a function after max-nodes states; its own
# limit takes a minute for some files. Each file has a process of its own: the
# analyzer keeps names of functions from one file to the next, by their address,
# and then takes other functions for them.
#
# usage: tidy.sh SOURCE_ROOT BUILD_ROOT
cd "$1" || exit 2
out=$(mktemp)
trap 'rm -f "$out"' EXIT
find src ext server remote -name '*.c' |
    grep -F -f - -o -h "$2/compile_commands.json" | sort -u |
    xargs -n 1 -P "$(nproc)" clang-tidy --quiet -p "$2" \
        --extra-arg=-Wno-ignored-optimization-argument \
        --extra-arg=-Xclang --extra-arg=-analyzer-config \
        --extra-arg=-Xclang --extra-arg=max-nodes=20000 >"$out" 2>&1
status=$?
grep -v ' warnings\{0,1\} generated\.$' "$out"
exit $status
