#!/bin/sh
# The npm package is made, installed into a new project, and found by require
# and by import. With --hosts, its README's example runs in node:sqlite and in
# better-sqlite3: node 22 and the sources of better-sqlite3 come from the npm
# registry.
# usage: npm.sh SOURCE_ROOT BUILD_DIRECTORY [--hosts]
# exit 77 (skipped) without node and npm, or without what the hosts need
set -eu
root=$1
hosts=${3:-}
better_sqlite3=${BETTER_SQLITE3:-11.10.0}

skip() { echo "skip: $1"; exit 77; }
fail() { echo "$1"; exit 1; }
command -v node >/dev/null || skip "no node"
command -v npm >/dev/null || skip "no npm"

package=$root/$(CFLAGS="${CFLAGS--O0}" "$root/tools/package-npm" "$2")
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm init -y >/dev/null
npm install --offline --no-audit --no-fund "$package" >npm.log 2>&1 || fail "$(cat npm.log)"
cat >paths.mjs <<'END_OF_PATHS'
import assert from 'node:assert'
import { createRequire } from 'node:module'
import * as imported from 'dynamo-sqlite'
const required = createRequire(import.meta.url)('dynamo-sqlite')
const path = required.getLoadablePath()
assert.equal(imported.getLoadablePath(), path)
let loaded
imported.load({ loadExtension: file => { loaded = file } })
assert.equal(loaded, path)
console.log(path)
Object.defineProperty(process, 'arch', { value: 'other' })
assert.throws(required.getLoadablePath, /built for linux-.*this is linux-other/)
END_OF_PATHS
path=$(node paths.mjs)
case $path in "$directory"/node_modules/dynamo-sqlite/dynamo.so) ;; *) fail "path $path" ;; esac
sqlite3 -cmd ".load $path" </dev/null
needs=$(objdump -p "$path" | sed -n 's/^ *NEEDED *//p')
[ "$needs" = libc.so.6 ] || fail "needs $needs"

example=$root/tests/packages/example.py
want=$("$example" "$root/packages/npm/README.md" text)
"$example" "$root/packages/npm/README.md" js >orders.mjs

# check NODE SCRIPT: the example prints what README says
check() {
    got=$("$1" "$2" 2>errors.log) || fail "$(cat errors.log)"
    [ "$got" = "$want" ] || fail "$2: $got"
    echo "$2: ok"
}

if node -e 'require("node:sqlite")' 2>errors.log; then check node orders.mjs; fi
[ "$hosts" = --hosts ] || exit 0

platform=$(node -p 'process.platform + "-" + process.arch')
timeout 600 npm install --no-audit --no-fund "node-$platform@22" >npm.log 2>&1 ||
    skip "npm cannot install node-$platform@22"
check "node_modules/node-$platform/bin/node" orders.mjs

headers=$(dirname "$(dirname "$(realpath "$(command -v node)")")")
timeout 900 npm install --no-audit --no-fund "better-sqlite3@$better_sqlite3" \
    --build-from-source --nodedir="$headers" >npm.log 2>&1 ||
    skip "npm cannot install better-sqlite3@$better_sqlite3"
# README: only the first lines differ
{
    "$example" "$root/packages/npm/README.md" js 2
    sed '1,/^dynamo.load/d' orders.mjs
} >better.mjs
check node better.mjs
