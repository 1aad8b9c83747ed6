#!/usr/bin/env python3
"""dynamo_api() among other things that happen on a connection: savepoints,
schemas that change, other connections, attached databases, interrupts, names
with zero bytes. Each claim is a function.

usage: api.py EXTENSION
"""
import json
import pathlib
import sqlite3
import sys
import tempfile
import time

extension = sys.argv[1]
folder = pathlib.Path(tempfile.mkdtemp())


def connect(path=":memory:", timeout=0.0):
    db = sqlite3.connect(path, isolation_level=None, timeout=timeout)
    db.enable_load_extension(True)
    db.load_extension(extension)
    return db


def api(db, operation, **request):
    text = db.execute("SELECT dynamo_api(?, ?)",
                      (operation, json.dumps(request))).fetchone()[0]
    return json.loads(text)


def fails(db, operation, **request):
    try:
        api(db, operation, **request)
    except sqlite3.Error as error:
        return str(error).split("\n")[0]
    raise AssertionError(f"{operation} did not fail: {request}")


def key(text):
    return {"k": {"S": text}}


def put(db, table, text):
    return api(db, "PutItem", TableName=table, Item=key(text))


def create(db, table):
    return api(db, "CreateTable", TableName=table,
               BillingMode="PAY_PER_REQUEST",
               AttributeDefinitions=[{"AttributeName": "k",
                                      "AttributeType": "S"}],
               KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}])


def failing_transaction(db, table):
    return fails(db, "TransactWriteItems", TransactItems=[{"ConditionCheck": {
        "TableName": table, "Key": key("nobody"),
        "ConditionExpression": "attribute_exists(k)"}}])


def a_failed_transaction_after_a_change_of_the_schema_keeps_counters():
    db = connect()
    db.execute("CREATE VIRTUAL TABLE foo USING dynamo(k TEXT PARTITION KEY, "
               "v TEXT, partition_bytes = 2000)")
    number = 0
    for _ in range(3):
        db.execute("BEGIN")
        db.execute("CREATE TABLE ordinary(x)")
        for _ in range(70):
            put(db, "foo", f"key {number}")
            number += 1
        failing_transaction(db, "foo")
        for _ in range(70):
            put(db, "foo", f"key {number}")
            number += 1
        db.execute("INSERT INTO foo(k) VALUES(?)", (f"key {number}",))
        number += 1
        db.execute("COMMIT")
        db.execute("DROP TABLE ordinary")
    count = api(db, "DescribeTable", TableName="foo")["Table"]["ItemCount"]
    assert count == number, (count, number)
    assert db.execute("SELECT dynamo_check('foo')").fetchone() == ("ok",)


def a_table_whose_creation_is_rolled_back_is_not_there():
    db = connect()
    db.execute("CREATE TABLE mine(x)")
    db.execute("BEGIN")
    db.execute("INSERT INTO mine VALUES(1)")
    db.execute("SAVEPOINT s")
    create(db, "foo")
    put(db, "foo", "a")
    db.execute("ROLLBACK TO s")
    message = fails(db, "GetItem", TableName="foo", Key=key("a"))
    assert message.startswith("ResourceNotFoundException"), message
    assert db.in_transaction
    db.execute("COMMIT")
    assert db.execute("SELECT count(*) FROM mine").fetchone() == (1,)


def a_table_that_is_dropped_and_made_anew_is_itself_after_rollback():
    db = connect()
    create(db, "foo")
    db.execute("BEGIN")
    put(db, "foo", "a")
    db.execute("SAVEPOINT s")
    api(db, "DeleteTable", TableName="foo")
    api(db, "CreateTable", TableName="foo", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "n", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "n", "KeyType": "HASH"}])
    api(db, "PutItem", TableName="foo", Item={"n": {"N": "1"}})
    db.execute("ROLLBACK TO s")
    assert api(db, "GetItem", TableName="foo", Key=key("a"))["Item"] == key("a")
    put(db, "foo", "b")
    db.execute("COMMIT")
    assert db.execute("SELECT dynamo_check('foo')").fetchone() == ("ok",)


def a_rename_that_is_rolled_back_is_none():
    db = connect()
    create(db, "foo")
    db.execute("BEGIN")
    put(db, "foo", "a")
    db.execute("SAVEPOINT s")
    db.execute("ALTER TABLE foo RENAME TO bar")
    put(db, "bar", "b")
    db.execute("ROLLBACK TO s")
    message = fails(db, "GetItem", TableName="bar", Key=key("a"))
    assert message.startswith("ResourceNotFoundException"), message
    assert api(db, "GetItem", TableName="foo", Key=key("a"))["Item"] == key("a")
    db.execute("COMMIT")


def a_read_that_fails_ends_no_transaction():
    db = connect()
    create(db, "foo")
    for number in range(3000):
        put(db, "foo", str(number))
    db.execute("CREATE TABLE mine(x)")
    db.execute("BEGIN")
    db.execute("INSERT INTO mine VALUES(1)")
    db.set_progress_handler(lambda: 1, 100)
    message = fails(db, "Scan", TableName="foo")
    db.set_progress_handler(None, 0)
    assert "interrupted" in message, message
    assert db.in_transaction
    db.execute("COMMIT")


def a_damaged_item_ends_no_transaction():
    db = connect()
    create(db, "foo")
    put(db, "foo", "good")
    api(db, "PutItem", TableName="foo",
        Item={**key("bad"), "v": {"S": "large" * 1000}})
    db.execute("CREATE TABLE mine(x)")
    db.execute("UPDATE foo_large SET data = 'text'")
    db.execute("BEGIN")
    db.execute("INSERT INTO mine VALUES(1)")
    fails(db, "PutItem", TableName="foo", Item=key("bad"))
    assert db.in_transaction
    put(db, "foo", "better")
    db.execute("COMMIT")
    assert db.execute("SELECT count(*) FROM mine").fetchone() == (1,)


def writing_waits_for_another_connection():
    path = folder / "busy.db"
    one = connect(path)
    create(one, "foo")
    two = connect(path, timeout=0.3)
    one.execute("BEGIN IMMEDIATE")
    put(one, "foo", "a")
    exists = [{"Statement": "EXISTS(SELECT * FROM foo WHERE k = 'a')"}]
    requests = [
        ("PutItem", {"TableName": "foo", "Item": key("b")}),
        ("CreateTable", {
            "TableName": "bar", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "k",
                                      "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}]}),
        ("DeleteTable", {"TableName": "foo"}),
        ("ExecuteTransaction", {"TransactStatements": exists}),
    ]
    for operation, request in requests:
        start = time.monotonic()
        message = fails(two, operation, **request)
        assert "locked" in message, message
        assert time.monotonic() - start > 0.2, operation
    one.execute("COMMIT")
    for operation, request in requests:
        api(two, operation, **request) if operation != "DeleteTable" else None


def a_zero_byte_is_no_end_of_a_name():
    db = connect()
    create(db, "foo")
    message = fails(db, "CreateTable", TableName="foo\0bar",
                    BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[{"AttributeName": "k",
                                           "AttributeType": "S"}],
                    KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}])
    assert message.startswith("ValidationException"), message
    fails(db, "PutItem", TableName="foo\0x", Item=key("a"))
    message = fails(db, "ExecuteStatement",
                    Statement="SELECT * FROM \"foo\0x\"")
    assert "Exception" in message, message
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/foo"
    api(db, "TagResource", ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    api(db, "UntagResource", ResourceArn=arn, TagKeys=["a\0b"])
    assert api(db, "ListTagsOfResource", ResourceArn=arn)["Tags"] == [
        {"Key": "a", "Value": "1"}]
    fails(db, "TransactWriteItems", ClientRequestToken="a\0b", TransactItems=[
        {"Put": {"TableName": "foo", "Item": key("a")}}])


def a_table_is_named_once_in_a_batch():
    db = connect()
    create(db, "foo")
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/foo"
    message = fails(db, "BatchWriteItem", RequestItems={
        "foo": [{"PutRequest": {"Item": key("a")}}],
        arn: [{"PutRequest": {"Item": key("a")}}]})
    assert "twice" in message, message
    message = fails(db, "BatchGetItem", RequestItems={
        "foo": {"Keys": [key("a")]}, arn: {"Keys": [key("a")]}})
    assert "twice" in message, message


def tables_of_attached_databases_have_their_own_names_and_units():
    db = connect()
    db.execute("ATTACH ':memory:' AS aux1")
    create(db, "foo")
    create(db, "aux1.foo")
    assert api(db, "ListTables")["TableNames"] == ["aux1.foo", "foo"]
    units = api(db, "BatchWriteItem", ReturnConsumedCapacity="TOTAL",
                RequestItems={
                    "foo": [{"PutRequest": {"Item": key("a")}}],
                    "aux1.foo": [{"PutRequest": {"Item": key("a")}}]})
    assert units["ConsumedCapacity"] == [
        {"TableName": "foo", "CapacityUnits": 1.0},
        {"TableName": "aux1.foo", "CapacityUnits": 1.0}]
    described = api(db, "DescribeTable", TableName="aux1.foo")["Table"]
    assert described["TableName"] == "aux1.foo"


def the_units_of_a_dropped_index_stay_its_own():
    db = connect()
    db.execute("CREATE VIRTUAL TABLE foo USING dynamo(k TEXT PARTITION KEY, "
               "g TEXT, GLOBAL INDEX one (g))")
    db.execute("BEGIN")
    db.execute("INSERT INTO foo VALUES('a', 'x'), ('b', 'y')")
    db.execute("SELECT dynamo_alter('foo', 'DROP INDEX one')").fetchone()
    db.execute("SELECT dynamo_alter('foo', 'ADD GLOBAL INDEX two (g)')"
               ).fetchone()
    db.execute("COMMIT")
    rows = db.execute("SELECT index_name, sum(write_units) FROM "
                      "dynamo_capacity('foo') GROUP BY 1 ORDER BY 1").fetchall()
    assert rows == [(None, 2.0), ("one", 2.0), ("two", 2.0)], rows


def units_belong_to_the_file_that_was_attached():
    db = connect()
    for number in (1, 2):
        db.execute("ATTACH ? AS aux1", (str(folder / f"attached{number}.db"),))
        create(db, "aux1.foo")
        db.execute("DETACH aux1")
    db.execute("ATTACH ? AS aux1", (str(folder / "attached1.db"),))
    for _ in range(10):
        api(db, "GetItem", TableName="aux1.foo", Key=key("a"))
    db.execute("DETACH aux1")
    db.execute("ATTACH ? AS aux1", (str(folder / "attached2.db"),))
    assert db.execute("SELECT * FROM dynamo_capacity('aux1.foo')"
                      ).fetchall() == []


def a_drop_that_is_rolled_back_keeps_units():
    db = connect()
    create(db, "foo")
    for _ in range(2):
        api(db, "GetItem", TableName="foo", Key=key("a"))
    db.execute("BEGIN")
    db.execute("DROP TABLE foo")
    db.execute("ROLLBACK")
    units = "SELECT sum(read_units) FROM dynamo_capacity('foo')"
    assert db.execute(units).fetchone() == (1.0,)
    db.execute("DROP TABLE foo")
    create(db, "foo")
    assert db.execute(units).fetchone() == (None,)


def an_update_of_an_index_changes_what_it_names():
    db = connect()
    db.execute("CREATE VIRTUAL TABLE foo USING dynamo(k TEXT PARTITION KEY, g "
               "TEXT, GLOBAL INDEX one (g) MAX READ UNITS 5 MAX WRITE UNITS 6)")

    def update(**change):
        return {"TableName": "foo", "GlobalSecondaryIndexUpdates": [
            {"Update": {"IndexName": "one", **change}}]}

    assert "has none of" in fails(db, "UpdateTable", **update())
    fails(db, "UpdateTable",
          **update(OnDemandThroughput={"MaxReadRequestUnits": -7}))
    described = api(db, "UpdateTable", **update(
        OnDemandThroughput={"MaxReadRequestUnits": 7}))["TableDescription"]
    assert described["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == {
        "MaxReadRequestUnits": 7, "MaxWriteRequestUnits": 6}
    described = api(db, "UpdateTable", **update(
        OnDemandThroughput={"MaxReadRequestUnits": -1}))["TableDescription"]
    assert described["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == {
        "MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 6}


def a_damaged_table_is_deleted():
    db = connect()
    create(db, "foo")
    db.execute("DELETE FROM foo_meta WHERE name = 'id'")
    report = db.execute("SELECT dynamo_check('foo')").fetchone()[0]
    assert "id" in report, report
    fails(db, "DescribeTable", TableName="foo")
    api(db, "DeleteTable", TableName="foo")
    assert api(db, "ListTables")["TableNames"] == []


def a_batch_of_reads_is_at_most_16_megabytes():
    db = connect()
    create(db, "foo")
    for number in range(60):
        api(db, "PutItem", TableName="foo",
            Item={**key(str(number)), "v": {"S": "x" * 399000}})
    answer = api(db, "BatchGetItem", RequestItems={
        "foo": {"Keys": [key(str(number)) for number in range(60)]}})
    size = sum(len(item["v"]["S"]) for item in answer["Responses"]["foo"])
    assert size <= 16 * 1024 * 1024, size
    assert len(answer["Responses"]["foo"]) + len(
        answer["UnprocessedKeys"]["foo"]["Keys"]) == 60


claims = [value for name, value in list(globals().items())
          if callable(value) and "_" in name and value.__module__ == "__main__"]
claims.remove(failing_transaction)
for claim in claims:
    claim()
    print("ok", claim.__name__)
