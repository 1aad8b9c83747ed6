# A dynamo-server for a suite, and a folder that goes with it; to be sourced.
#
# begin SERVER: work in a new folder; it is removed at the end, and the server
# is ended. serve [ARGUMENT ...]: start the server on a file there, with its port
# in $port. A suite that cannot run says why, and exits with 77.

skip() { echo "skip: $1"; exit 77; }

finish() {
    [ -n "$server_id" ] && kill "$server_id" 2>/dev/null && wait "$server_id"
    rm -rf "$directory"
}

begin() {
    server=$(realpath "$1")
    server_id=
    directory=$(mktemp -d) || exit 1
    trap finish EXIT
    cd "$directory" || exit 1
}

# install PACKAGE ...
install() {
    command -v node >/dev/null || skip "no node"
    command -v npm >/dev/null || skip "no npm"
    npm init -y >/dev/null 2>&1
    timeout 600 npm install --no-audit --no-fund "$@" >npm.log 2>&1 ||
        skip "npm cannot install $*"
}

serve() {
    "$server" server.db --port 0 --synchronous off "$@" >address &
    server_id=$!
    tries=0
    until [ -s address ] || [ $tries -eq 200 ]; do
        kill -0 "$server_id" 2>/dev/null || break
        tries=$((tries + 1))
        sleep 0.05
    done
    port=$(sed -n 's/.*:\([0-9]*\)$/\1/p' address)
    [ -n "$port" ] || { echo "the server does not start"; exit 1; }
}

# check DYNAMO.SO: all tables of the file are sound.
check() {
    "${PYTHON:-/usr/bin/python3}" - "$1" <<'CHECK'
import sqlite3
import sys
db = sqlite3.connect("server.db")
db.enable_load_extension(True)
db.load_extension(sys.argv[1])
for name, in db.execute("SELECT table_name FROM dynamo_tables").fetchall():
    report, = db.execute("SELECT dynamo_check(?)", (name,)).fetchone()
    assert report == "ok", report
CHECK
}
