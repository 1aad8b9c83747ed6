#!/bin/sh
# PutItem and GetItem per second, and how long one takes, of dynamo-server in
# memory and with a file, and of dynalite in memory; how long each takes to start
# and its memory. Prints markdown tables; nothing in it fails.
# usage: server.sh DYNAMO-SERVER [SECONDS]; without node and npm it leaves
# dynalite out. cc has to be there.
set -u
here=$(dirname "$(realpath "$0")")
seconds=${2:-3}
. "$here/../peer/serve.sh"
begin "$1"
cc -std=c11 -O2 "$here/server.c" -o load || exit 1

# measure NAME COMMAND...: the command prints its port when it listens
measure() {
    name=$1
    shift
    : >address # what the server before has printed
    begun=$(date +%s%N)
    "$@" >address 2>/dev/null &
    server_id=$!
    until grep -q ':[0-9]' address || ! kill -0 "$server_id"; do sleep 0.002; done
    ready=$(date +%s%N)
    echo "| $name | $(((ready - begun) / 1000000)) | $(memory) |" >>started
    ./load "$name" "$(grep -o '[0-9]*$' address | tail -n 1)" "seconds=$seconds"
    echo "| $name, after the load | | $(memory) |" >>started
    kill "$server_id" && wait "$server_id"
    server_id=
}

memory() { awk '/VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$server_id/status"; }

echo "| | operation | connections | a second | p50 ms | p99 ms | failed |"
echo "|---|---|---|---|---|---|---|"
if cc -std=c11 -O2 "$here/server_floor.c" -o server_floor -lmicrohttpd; then
    measure "floor" ./server_floor raw
    measure "floor with libmicrohttpd" ./server_floor library
fi
measure "memory" "$server" --port 0
measure "file" "$server" file.db --port 0
measure "file, normal" "$server" normal.db --port 0 --synchronous normal
if (install "dynalite@${DYNALITE:-4.0.0}") >/dev/null; then
    # a port that was free a moment ago
    free=$(node -p 's = require("net").createServer().listen(0, () => {
        console.log(s.address().port); s.close() }); ""' | tr -d '\n')
    measure "dynalite" node node_modules/dynalite/cli.js --port "$free"
fi
printf '\n| | starts in ms | memory MB |\n|---|---|---|\n'
cat started
