#!/bin/sh
# The AWS command line with dynamo-server, with a signature.
# usage: cli.sh DYNAMO-SERVER DYNAMO.SO; exit 77 (skipped) without aws
set -eu
so=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
. "$here/serve.sh"
command -v aws >/dev/null || skip "no aws (Debian: awscli)"

begin "$1"
echo "AKIDEXAMPLE wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" >keys
serve --credentials keys
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
dynamodb() { aws dynamodb --endpoint-url "http://127.0.0.1:$port" "$@"; }

# claim TEXT WANTED COMMAND...: what a command prints
claim() {
    text=$1
    wanted=$2
    shift 2
    got=$("$@" 2>&1) || true
    case $got in
    *"$wanted"*) echo "ok   $text" ;;
    *) echo "FAIL $text: $got"; exit 1 ;;
    esac
}

claim "a table is made" '"TableName": "MusicCollection"' dynamodb create-table \
    --table-name MusicCollection \
    --attribute-definitions AttributeName=Artist,AttributeType=S AttributeName=SongTitle,AttributeType=S \
    --key-schema AttributeName=Artist,KeyType=HASH AttributeName=SongTitle,KeyType=RANGE \
    --provisioned-throughput ReadCapacityUnits=5,WriteCapacityUnits=5
claim "a waiter sees it" "" dynamodb wait table-exists --table-name MusicCollection
claim "an item is put" '"CapacityUnits": 1.0' dynamodb put-item \
    --table-name MusicCollection --return-consumed-capacity TOTAL \
    --item '{"Artist": {"S": "No One You Know"}, "SongTitle": {"S": "Call Me Today"}, "AlbumTitle": {"S": "Somewhat Famous"}}'
claim "it is queried" "Call Me Today" dynamodb query --table-name MusicCollection \
    --key-condition-expression "Artist = :v1" \
    --expression-attribute-values '{":v1": {"S": "No One You Know"}}'
claim "it is scanned" '"Count": 1' dynamodb scan --table-name MusicCollection
claim "tables are listed" MusicCollection dynamodb list-tables
claim "a missing table is told" "(ResourceNotFoundException) when calling the DescribeTable" \
    dynamodb describe-table --table-name none
AWS_SECRET_ACCESS_KEY=wrong
claim "a wrong secret is told" "(InvalidSignatureException)" dynamodb list-tables
check "$so"
