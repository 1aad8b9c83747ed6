#!/bin/sh
# The page about testing an application, word by word, with the AWS SDK for
# JavaScript from the npm registry, and with boto3.
# usage: pages.sh DYNAMO.SO; exit 77 (skipped) without node, npm, its registry
# or boto3.
set -u
here=$(dirname "$(realpath "$0")")
skip() { echo "skip: $1"; exit 77; }
command -v node >/dev/null || skip "no node"
timeout 60 npm ping >/dev/null 2>&1 || skip "no npm registry"
exec "${PYTHON:-/usr/bin/python3}" "$here/../hosts/pages.py" "$1" \
    "$here/../../docs/testing-an-application.md"
