#!/usr/bin/env python3
"""boto3 with dynamo-server, with signatures: its resources, waiters, paginators,
batch writer, conditions and exceptions.

usage: boto.py DYNAMO-SERVER DYNAMO.SO; exit 77 (skipped) without boto3
"""
import decimal
import pathlib
import sys

try:
    import boto3
    import botocore.config
    from boto3.dynamodb.conditions import Attr, Key
    from botocore.exceptions import ClientError
except ImportError:
    print("skip: no boto3 (Debian: python3-boto3)")
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "server"))
from support import folder, run, serving  # noqa: E402

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def arguments(server, secret=SECRET):
    return {"region_name": "us-east-1", "aws_access_key_id": "AKIDEXAMPLE",
            "aws_secret_access_key": secret,
            "endpoint_url": f"http://127.0.0.1:{server.port}",
            "config": botocore.config.Config(retries={"max_attempts": 1})}


def all_of(paginator, member, **request):
    return [one for page in paginator.paginate(**request) for one in page[member]]


def use(server):
    resource = boto3.resource("dynamodb", **arguments(server))
    table = resource.create_table(
        TableName="users",
        KeySchema=[{"AttributeName": "username", "KeyType": "HASH"},
                   {"AttributeName": "last_name", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "username", "AttributeType": "S"},
                              {"AttributeName": "last_name", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 500, "WriteCapacityUnits": 500})
    table.wait_until_exists()
    assert table.item_count == 0
    table.put_item(Item={"username": "janedoe", "last_name": "Doe", "age": 25,
                         "weight": decimal.Decimal("61.5"), "tags": {"a", "b"},
                         "address": {"road": "1 Jefferson Street", "n": [1, None, True]},
                         "photo": b"\x00\xff"})
    item = table.get_item(Key={"username": "janedoe", "last_name": "Doe"})["Item"]
    assert item["weight"] == decimal.Decimal("61.5") and item["tags"] == {"a", "b"}
    assert item["photo"].value == b"\x00\xff"
    assert item["address"] == {"road": "1 Jefferson Street", "n": [1, None, True]}
    table.update_item(Key={"username": "janedoe", "last_name": "Doe"},
                      UpdateExpression="SET age = :val1",
                      ExpressionAttributeValues={":val1": 26})
    with table.batch_writer() as batch:
        for i in range(50):
            batch.put_item(Item={"username": f"user{i}", "last_name": "unknown", "n": i})
    found = table.query(KeyConditionExpression=Key("username").eq("janedoe"))["Items"]
    assert [one["age"] for one in found] == [26]
    found = table.scan(FilterExpression=Attr("n").lt(10) & Attr("last_name").begins_with("unk"))
    assert found["Count"] == 10 and found["ScannedCount"] == 51
    client = resource.meta.client
    pages = client.get_paginator("scan")
    assert len(all_of(pages, "Items", TableName="users",
                      PaginationConfig={"PageSize": 7})) == 51
    try:
        table.put_item(Item={"username": "janedoe", "last_name": "Doe"},
                       ConditionExpression=Attr("username").not_exists())
        raise AssertionError("the condition holds")
    except client.exceptions.ConditionalCheckFailedException as error:
        assert error.response["Error"]["Message"] == "The conditional request failed"
    try:
        client.transact_write_items(TransactItems=[{"ConditionCheck": {
            "TableName": "users", "ConditionExpression": "attribute_exists(username)",
            "Key": {"username": "none", "last_name": "x"}}}])
        raise AssertionError("it is not canceled")
    except client.exceptions.TransactionCanceledException as error:
        assert error.response["CancellationReasons"][0]["Code"] == "ConditionalCheckFailed"
    assert client.execute_statement(
        Statement="SELECT age FROM users WHERE username = ?",
        Parameters=["janedoe"])["Items"] == [{"age": 26}]
    table.delete()
    table.wait_until_not_exists()


def it_works_signed():
    with folder() as path:
        keys = path / "keys"
        keys.write_text(f"AKIDEXAMPLE {SECRET}\n")
        with serving(str(path / "users.db"), "--credentials", str(keys)) as server:
            use(server)
            try:
                boto3.client("dynamodb", **arguments(server, "wrong")).list_tables()
                raise AssertionError("a wrong secret is let in")
            except ClientError as error:
                assert error.response["Error"]["Code"] == "InvalidSignatureException"


def streams_are_read():
    with serving() as server:
        client = boto3.client("dynamodb", **arguments(server))
        streams = boto3.client("dynamodbstreams", **arguments(server))
        made = client.create_table(
            TableName="rides", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
        client.get_waiter("table_exists").wait(TableName="rides")
        arn = made["TableDescription"]["LatestStreamArn"]
        for i in range(10):
            client.put_item(TableName="rides", Item={"id": {"N": str(i)}})
        found = []
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            iterator = streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"],
                ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            found += streams.get_records(ShardIterator=iterator)["Records"]
        assert sorted(int(r["dynamodb"]["Keys"]["id"]["N"]) for r in found) == list(range(10))


if __name__ == "__main__":
    run([it_works_signed, streams_are_read])
