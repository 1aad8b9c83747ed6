#!/bin/sh
# The AWS SDK for JavaScript v3 against dynamo-server.
# usage: sdk.sh DYNAMO-SERVER DYNAMO.SO; exit 77 (skipped) without node, npm or
# the packages.
set -u
so=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
version=${AWS_SDK:-3.1169.0}
streams=${AWS_SDK_STREAMS:-3.1141.0}
. "$here/serve.sh"

begin "$1"
install "@aws-sdk/client-dynamodb@$version" "@aws-sdk/lib-dynamodb@$version" \
    "@aws-sdk/client-dynamodb-streams@$streams"
serve
cp "$here/sdk.mjs" sdk.mjs
NODE_NO_WARNINGS=1 node sdk.mjs "$port" || exit 1
check "$so"
