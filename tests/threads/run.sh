#!/bin/sh
# What connections of a process share, under ThreadSanitizer: the unit tests of
# accounts, connections.c, the checker of histories, and the suite of the
# server. SQLite itself is not instrumented; its mutexes are, for they are those
# of pthread.
#
# usage: run.sh   (from anywhere; builds in build-tsan; the suite of the server
# looks at its files with build/dynamo.so)
set -eu
cd "$(dirname "$0")/../.."
[ -f build-tsan/build.ninja ] ||
    meson setup build-tsan -Db_sanitize=thread -Db_lundef=false \
        -Doptimization=1 >/dev/null
ninja -C build-tsan tests/check_account tests/check_admission \
    tests/connections tests/history server/dynamo-server >/dev/null
export CK_FORK=no TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1"
timeout 300 build-tsan/tests/check_account >/dev/null
timeout 300 build-tsan/tests/check_admission >/dev/null
timeout 300 build-tsan/tests/connections
timeout 300 build-tsan/tests/history --seconds 60
for suite in protocol signatures durable hostile; do
    timeout 300 /usr/bin/python3 "tests/server/$suite.py" \
        build-tsan/server/dynamo-server build/dynamo.so
done
echo "threads: ok"
