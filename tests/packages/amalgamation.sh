#!/bin/sh
# dynamo.c is all of dynamo: it compiles without a warning, alone in a folder,
# and README's first example gives the same rows in the sqlite3 shell, in a
# program of C and in one of C++.
# usage: amalgamation.sh SOURCE_ROOT BUILD_DIRECTORY
set -eu
root=$1
"$root/tools/amalgamate" "$2" >/dev/null
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cp "$root/dist/dynamo.c" "$root/dist/dynamo.h" "$directory"
cd "$directory"

fail() { echo "$1"; exit 1; }
check() { [ "$2" = "$want" ] || fail "$1: $2"; }
warn='-std=c11 -Wall -Wextra -Werror'
# shellcheck disable=SC2086
for setting in '' -DSQLITE_CORE; do
    clang $warn $setting -fsyntax-only dynamo.c
done

"$root/tests/packages/example.py" "$root/README.md" sql >example.sql
want='alice|2026-01-20|80'

# shellcheck disable=SC2086
gcc $warn -O2 -fPIC -shared dynamo.c -o dynamo.so -lz -lmd
exported=$(nm -D --defined-only dynamo.so | cut -d ' ' -f 3)
[ "$exported" = sqlite3_dynamo_init ] || fail "exports $exported"
check shell "$(sqlite3 -cmd '.load ./dynamo' <example.sql)"

# shellcheck disable=SC2086
gcc $warn -DSQLITE_CORE -c dynamo.c
# shellcheck disable=SC2086
gcc $warn -I. -o program "$root/tests/packages/program.c" dynamo.o -lsqlite3 -lz -lmd
check C "$(./program <example.sql)"
clang -x c++ -std=c++17 -Wall -Wextra -Werror -I. -c -o program.o "$root/tests/packages/program.c"
gcc -o program program.o dynamo.o -lsqlite3 -lz -lmd
check C++ "$(./program <example.sql)"
echo ok
