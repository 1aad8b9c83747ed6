#!/bin/sh
# Libraries on top of the AWS SDK for JavaScript, with dynamo-server: ElectroDB,
# DynamoDB-Toolbox, OneTable, Dynamoose, connect-dynamodb.
# usage: mappers.sh DYNAMO-SERVER DYNAMO.SO; exit 77 (skipped) without node, npm
# or the packages.
set -u
so=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
version=${AWS_SDK:-3.1169.0}
. "$here/serve.sh"

begin "$1"
install "@aws-sdk/client-dynamodb@$version" "@aws-sdk/lib-dynamodb@$version" \
    electrodb@3.9.3 dynamodb-toolbox@2.10.6 dynamodb-onetable@2.7.7 \
    dynamoose@4.2.0 connect-dynamodb@3.0.5 express-session@1
serve
cp "$here/mappers.mjs" mappers.mjs
NODE_NO_WARNINGS=1 node mappers.mjs "$port" || exit 1
check "$so"
