#!/bin/sh
# The sdist and the wheel are made; each is installed into a new environment,
# and runs the examples of the package's README. SQLAlchemy is Debian's.
# usage: python.sh SOURCE_ROOT BUILD_DIRECTORY
set -eu
root=$1
page=$root/packages/python/README.md
example=$root/tests/packages/example.py
made=$(CFLAGS="${CFLAGS--O0}" "$root/tools/package-python" "$2")
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
fail() { echo "$1"; exit 1; }

machine=$(/usr/bin/python3 -c 'import sysconfig as s; print(s.get_platform().replace("-", "_"))')
wheel=$(echo "$made" | grep 'py3-none-'"$machine"'\.whl$') || fail "no wheel: $made"
sdist=$(echo "$made" | grep '\.tar\.gz$') || fail "no sdist: $made"

"$example" "$page" python >"$directory/orders.py"
"$example" "$page" python 2 >"$directory/alchemy.py"
want=$("$example" "$page" text)

# The platform's wheel needs nothing but libc.
cd "$directory"
/usr/bin/python3 -m zipfile -e "$root/$wheel" unpacked
needs=$(objdump -p unpacked/dynamo_sqlite/dynamo.so | sed -n 's/^ *NEEDED *//p')
[ "$needs" = libc.so.6 ] || fail "needs $needs"

# SQLAlchemy runs the example; setuptools and wheel compile the sdist.
export PYTHONPATH=/usr/lib/python3/dist-packages
/usr/bin/python3 -m venv venv

# check FILE: install it, run the examples, remove it
check() {
    CFLAGS=-O0 venv/bin/pip install -q --no-index --no-deps --no-build-isolation "$root/$1"
    for script in orders alchemy; do
        got=$(venv/bin/python $script.py)
        [ "$got" = "$want" ] || fail "$1: $script: $got"
    done
    venv/bin/python -c 'import dynamo_sqlite as d, sqlite3, sys
assert d.loadable_path().startswith(sys.prefix), d.loadable_path()
try: d.load(object())
except sqlite3.NotSupportedError as e: assert "loadable extensions" in str(e)
else: raise AssertionError'
    venv/bin/pip uninstall -q -y dynamo-sqlite
    if venv/bin/python -c 'import dynamo_sqlite' 2>errors.log; then fail "$1: is still there"; fi
}

check "$wheel"
check "$sdist"
echo ok
