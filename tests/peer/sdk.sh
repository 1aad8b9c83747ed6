#!/bin/sh
# The AWS SDK for JavaScript v3 against dynamo, by an HTTP shim on 127.0.0.1.
# usage: sdk.sh DYNAMO.SO; exit 77 (skipped) without node, npm or the packages.
set -u
so=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
version=${AWS_SDK:-3.1169.0}
streams=${AWS_SDK_STREAMS:-3.1141.0}
python=${PYTHON:-/usr/bin/python3}

skip() { echo "skip: $1"; exit 77; }
command -v node >/dev/null || skip "no node"
command -v npm >/dev/null || skip "no npm"
directory=$(mktemp -d) || exit 1
shim=
finish() {
    [ -n "$shim" ] && kill "$shim" 2>/dev/null
    rm -rf "$directory"
}
trap finish EXIT
cd "$directory" || exit 1
npm init -y >/dev/null 2>&1
timeout 600 npm install --no-audit --no-fund \
    "@aws-sdk/client-dynamodb@$version" "@aws-sdk/lib-dynamodb@$version" \
    "@aws-sdk/client-dynamodb-streams@$streams" \
    >npm.log 2>&1 || skip "npm cannot install the SDK, $version and $streams"

mkfifo keep
"$python" "$here/shim.py" "$so" shim.db <keep >port &
shim=$!
exec 3>keep
tries=0
until [ -s port ] || [ $tries -eq 100 ]; do
    kill -0 "$shim" 2>/dev/null || break
    tries=$((tries + 1))
    sleep 0.05
done
[ -s port ] || { echo "the shim does not start"; exit 1; }
cp "$here/sdk.mjs" sdk.mjs
NODE_NO_WARNINGS=1 node sdk.mjs "$(cat port)" || exit 1
"$python" - "$so" shim.db <<'CHECK'
import sqlite3
import sys
db = sqlite3.connect(sys.argv[2])
db.enable_load_extension(True)
db.load_extension(sys.argv[1])
for name, in db.execute("SELECT table_name FROM dynamo_tables").fetchall():
    report, = db.execute("SELECT dynamo_check(?)", (name,)).fetchone()
    assert report == "ok", report
CHECK
