#!/bin/sh
# Random requests to dynamo and to dynalite, whose answers are compared.
# usage: peer.sh DYNAMO.SO [--count N] [--seed N] ...; exit 77 (skipped) without
# node, npm or the package.
set -u
so=$(realpath "$1")
shift
here=$(dirname "$(realpath "$0")")
version=${DYNALITE:-4.0.0}
python=${PYTHON:-/usr/bin/python3}

skip() { echo "skip: $1"; exit 77; }
command -v node >/dev/null || skip "no node"
command -v npm >/dev/null || skip "no npm"
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
(cd "$directory" && npm init -y >/dev/null 2>&1 &&
    timeout 600 npm install --no-audit --no-fund "dynalite@$version" \
        >npm.log 2>&1) || skip "npm cannot install dynalite@$version"
"$python" "$here/differential.py" "$so" \
    "$directory/node_modules/dynalite/cli.js" "$@"
