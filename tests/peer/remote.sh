#!/bin/sh
# Random queries of remote tables, which dynalite serves, and of ordinary ones
# with the same rows, and random writes to them and to tables of a file:
# random_remote.py and random_writes.py of tests/remote.
# usage: remote.sh DYNAMO.SO DYNAMO_REMOTE.SO [--count N] [--seed N]; exit 77
# (skipped) without node, npm or the package.
set -u
so=$(realpath "$1")
remote=$(realpath "$2")
shift 2
here=$(dirname "$(realpath "$0")")
version=${DYNALITE:-4.0.0}
python=${PYTHON:-/usr/bin/python3}

skip() { echo "skip: $1"; exit 77; }
command -v node >/dev/null || skip "no node"
command -v npm >/dev/null || skip "no npm"
directory=$(mktemp -d) || exit 1
server=
finish() {
    [ -n "$server" ] && kill "$server" 2>/dev/null
    rm -rf "$directory"
}
trap finish EXIT
(cd "$directory" && npm init -y >/dev/null 2>&1 &&
    timeout 600 npm install --no-audit --no-fund "dynalite@$version" \
        >npm.log 2>&1) || skip "npm cannot install dynalite@$version"
port=$("$python" -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
node "$directory/node_modules/dynalite/cli.js" --host 127.0.0.1 \
    --port "$port" --createTableMs 0 --updateTableMs 0 >/dev/null 2>&1 &
server=$!
"$python" "$here/../remote/random_writes.py" "$so" "$remote" \
    --endpoint "http://127.0.0.1:$port" || exit 1
"$python" "$here/../remote/random_remote.py" "$so" "$remote" --limited \
    --count 3000 --endpoint "http://127.0.0.1:$port" "$@"
