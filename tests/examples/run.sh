#!/bin/sh
# Run one example as a reader does, from a folder that has ./build/dynamo, and
# compare what the shell prints with NAME.out beside this script.
#
# usage: run.sh EXTENSION NAME.sql [--accept]
set -u
extension=$1
script=$2
expected=$(dirname "$0")/$(basename "$script" .sql).out
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

mkdir "$folder/build"
ln -s "$(realpath "$extension")" "$folder/build/dynamo.so"
script=$(realpath "$script")
(cd "$folder" && sqlite3 <"$script" >actual 2>&1)
if [ "${3-}" = --accept ]; then
    cp "$folder/actual" "$expected"
fi
diff -u "$expected" "$folder/actual"
