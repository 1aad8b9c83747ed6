#!/bin/sh
# The Debian package is made, installed by dpkg under a root of its own, used by
# the example of its README, and removed without a trace.
# usage: deb.sh SOURCE_ROOT BUILD_DIRECTORY
set -eu
root=$1
fail() { echo "$1"; exit 1; }
package=$root/$(DEBEMAIL=maintainer@example.org CFLAGS="${CFLAGS--O0}" \
    "$root/tools/package-deb" "$2")
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error,warning "$package"
fi
depends=$(dpkg-deb --field "$package" Depends)
for library in libc6 libmd0 zlib1g; do
    case $depends in *"$library (>= "*) ;; *) fail "Depends: $depends" ;; esac
done

mkdir -p var/lib/dpkg/info var/lib/dpkg/updates
: >var/lib/dpkg/status
run_dpkg() {
    dpkg --root="$directory" --force-not-root --force-depends "$@" >dpkg.log 2>&1 || fail "$(cat dpkg.log)"
}
run_dpkg --install "$package"
documents=usr/share/doc/libsqlite3-mod-dynamo
for file in copyright changelog.gz docs/reference.md examples/orders.sql; do
    [ -s "$documents/$file" ] || fail "no $file"
done

# The loader finds it by its name, as it does below /usr/lib.
LD_LIBRARY_PATH=$(dirname usr/lib/*/dynamo.so)
export LD_LIBRARY_PATH
"$root/tests/packages/example.py" $documents/README.md sql >example.sql
want=$("$root/tests/packages/example.py" $documents/README.md text)
got=$(sqlite3 <example.sql)
[ "$got" = "$want" ] || fail "$got"
for script in "$documents"/examples/*.sql; do
    grep -q '^\.load dynamo$' "$script" || fail "$script does not load it"
done
sqlite3 <$documents/examples/orders.sql >orders.out 2>&1 || true   # it shows a refusal
[ "$(tail -n 1 orders.out | tr -d ' ')" = ok ] || fail "$(cat orders.out)"

run_dpkg --purge libsqlite3-mod-dynamo
left=$(find usr -type f 2>/dev/null) || true
[ -z "$left" ] || fail "left: $left"
echo ok
