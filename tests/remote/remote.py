#!/usr/bin/env python3
"""dynamo_remote against a server that answers as each test tells it: what it
asks for, and what becomes of answers that are late, wrong or missing.

usage: remote.py DYNAMO.SO DYNAMO_REMOTE.SO [TEST ...]
"""
import json
import os
import pathlib
import random
import socket
import sqlite3
import sys
import tempfile
import threading
import time

from fake import (KEY, ORDERS, SECRET, TOKEN, Close, Fake, Raw, Slow, failure,
                  item, signature)

dynamo, remote = sys.argv[1:3]
THROTTLE = failure("ProvisionedThroughputExceededException", "slow down",
                   ThrottlingReasons=[{"reason": "TableReadProvisioned"
                                       "ThroughputExceeded", "resource": "arn"}])
NOT_MET = failure("ConditionalCheckFailedException",
                  "The conditional request failed")


def connect(path=":memory:", with_dynamo=False):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    if with_dynamo:
        db.load_extension(dynamo)
    db.load_extension(remote)
    return db


def table(fake, *arguments, db=None, options="attempts = 3"):
    db = db or connect()
    more = "".join(", " + argument for argument in [options, *arguments])
    db.execute("CREATE VIRTUAL TABLE temp.orders USING dynamo_remote("
               f"table = 'Orders', endpoint = '{fake.url}'{more})")
    return db


def error(db, sql, *parameters):
    """The text and the code of the error that a statement fails with."""
    try:
        rows = db.execute(sql, parameters).fetchall()
    except sqlite3.Error as problem:
        return str(problem), problem.sqlite_errorcode & 0xff
    raise AssertionError(f"{sql} has not failed: {rows}")


def same(got, wanted):
    if got != wanted:
        raise AssertionError(f"got    {got!r}\n  wanted {wanted!r}")


def within(part, text):
    if part not in text:
        raise AssertionError(f"got {text!r}\n  wanted in it {part!r}")


# ------------------------------------------------------------------- reading

def test_columns_are_keys_then_what_is_declared_then_keys_of_indexes(fake):
    db = table(fake, "Amount NUMBER", "Note")
    names = [row[1] for row in db.execute("PRAGMA table_info(orders)")]
    same(names, ["Customer", "Day", "Amount", "Note", "Status"])


def test_a_key_that_is_declared_stands_where_it_is_declared(fake):
    db = table(fake, "Status", "Day NUMBER SORT KEY", "Customer TEXT")
    names = [row[1] for row in db.execute("PRAGMA table_info(orders)")]
    same(names, ["Status", "Day", "Customer"])


def test_a_get_asks_for_the_key(fake):
    fake.answers["GetItem"] = [{"Item": item("a", 1, Amount={"N": "2.50"})}]
    db = table(fake, "Amount NUMBER")
    same(db.execute("SELECT Customer, Day, Amount FROM orders WHERE "
                    "Customer = 'a' AND Day = 1").fetchall(), [("a", 1, 2.5)])
    same(fake.requests, [("GetItem", {
        "TableName": "Orders", "ReturnConsumedCapacity": "INDEXES",
        "Key": item("a", 1)})])


def test_strong_reads_say_so(fake):
    fake.answers["GetItem"] = [{}]
    db = table(fake)
    same(db.execute("SELECT * FROM orders('strong') WHERE Customer = 'a' AND "
                    "Day = 1").fetchall(), [])
    same(fake.requests[0][1]["ConsistentRead"], True)


def test_ranges_are_one_condition_on_the_sort_key(fake):
    fake.answers["Query"] = lambda _: {"Items": [item("a", d) for d in (1, 2, 3)]}
    db = table(fake)
    for where, condition, days in [
            ("Day > 1", "#n1 > :v1", [2, 3]),
            ("Day <= 2", "#n1 <= :v1", [1, 2]),
            ("Day >= 1 AND Day < 3", "#n1 BETWEEN :v1 AND :v2", [1, 2]),
            ("Day BETWEEN 2 AND 9", "#n1 BETWEEN :v1 AND :v2", [2, 3])]:
        rows = db.execute("SELECT Day FROM orders WHERE Customer = 'a' AND "
                          + where).fetchall()
        same([day for day, in rows], days)
        same(fake.requests[-1][1]["KeyConditionExpression"],
             "#n0 = :v0 AND " + condition)


def test_a_range_that_cannot_have_items_asks_nothing(fake):
    db = table(fake)
    for where in ["Customer = ''", "Customer = 'a' AND Day > 5 AND Day < 3",
                  f"Customer = '{'x' * 2049}'", "Customer = NULL"]:
        same(db.execute("SELECT * FROM orders WHERE " + where).fetchall(), [])
    same(fake.requests, [])


def test_pages_are_asked_for_when_they_are_read(fake):
    fake.answers["Query"] = [
        {"Items": [item("a", 1), item("a", 2)], "LastEvaluatedKey": item("a", 2)},
        {"Items": [], "LastEvaluatedKey": item("a", 3)},
        {"Items": [item("a", 4)]}]
    db = table(fake)
    cursor = db.execute("SELECT Day FROM orders WHERE Customer = 'a' ORDER BY Day "
                        "DESC")
    same(cursor.fetchone(), (1,))
    same(len(fake.requests), 1)
    same(fake.requests[0][1]["ScanIndexForward"], False)
    same(cursor.fetchall(), [(2,), (4,)])
    same([request.get("ExclusiveStartKey") for _, request in fake.requests],
         [None, item("a", 2), item("a", 3)])


def test_a_limit_asks_for_no_more(fake):
    fake.answers["Query"] = [{"Items": [item("a", 1), item("a", 2)],
                              "LastEvaluatedKey": item("a", 2)}]
    db = table(fake)
    same(len(db.execute("SELECT * FROM orders WHERE Customer = 'a' LIMIT 2")
             .fetchall()), 2)
    same([request["Limit"] for _, request in fake.requests], [2])


def test_an_index_is_asked_by_its_name(fake):
    fake.answers["Query"] = [{"Items": [item("a", 1, Status={"S": "paid"})]}]
    fake.answers["GetItem"] = [{"Item": item("a", 1, Note={"S": "n"})}]
    db = table(fake)
    same(db.execute("SELECT Customer FROM orders WHERE Status = 'paid'")
         .fetchall(), [("a",)])
    same(fake.requests[0][1]["IndexName"], "by_status")


def test_an_index_that_is_created_is_not_read(fake):
    creating = json.loads(json.dumps(ORDERS))
    creating["GlobalSecondaryIndexes"][0]["IndexStatus"] = "CREATING"
    fake.answers["DescribeTable"] = [{"Table": creating}]
    text, _ = error(table(fake), "SELECT Customer FROM orders WHERE Status = 'x'")
    within("index by_status is still being created", text)


def test_queries_without_a_key_are_refused_as_those_of_a_file_are(fake):
    text, code = error(table(fake), "SELECT * FROM orders WHERE Day = 1")
    same(text, "orders: a query needs Customer = ?, or Status = ? and Day IS NOT "
         "NULL (index by_status); to read the whole table: FROM orders('scan'), "
         "or WHERE mode = 'scan'"
         if "IS NOT NULL" in text else
         "orders: a query needs Customer = ?, or Status = ? (index by_status); "
         "to read the whole table: FROM orders('scan'), or WHERE mode = 'scan'")
    same(code, sqlite3.SQLITE_ERROR)
    same(fake.requests, [])


def test_scans_and_segments(fake):
    fake.answers["Scan"] = [{"Items": [item("a", 1)]}]
    db = table(fake)
    same(len(db.execute("SELECT * FROM orders('scan segment 1 of 4')")
             .fetchall()), 1)
    same(fake.requests[0][1]["Segment"], 1)
    same(fake.requests[0][1]["TotalSegments"], 4)


def test_live_reads_leave_out_what_has_expired(fake):
    past, future = str(int(time.time()) - 60), str(int(time.time()) + 600)
    fake.answers["DescribeTimeToLive"] = [{"TimeToLiveDescription": {
        "TimeToLiveStatus": "ENABLED", "AttributeName": "Ends"}}]
    fake.answers["Query"] = [{"Items": [
        item("a", 1, Ends={"N": past}), item("a", 2, Ends={"N": future}),
        item("a", 3)]}]
    db = table(fake)
    for _ in "12":
        same(db.execute("SELECT Day FROM orders('live') WHERE Customer = 'a'")
             .fetchall(), [(2,), (3,)])
    same([operation for operation, _ in fake.requests],
         ["DescribeTimeToLive", "Query", "Query"])


# -------------------------------------------------------------------- batches

def batch_of(request):
    return request["RequestItems"]["Orders"]["Keys"]


def test_lists_of_keys_are_batches_of_a_hundred(fake):
    fake.answers["BatchGetItem"] = lambda request: {"Responses": {
        "Orders": [key for key in batch_of(request) if key["Day"]["N"] != "7"]}}
    db = table(fake)
    days = ",".join(str(day) for day in range(150))
    rows = db.execute(f"SELECT Day FROM orders WHERE Customer = 'a' AND Day IN "
                      f"({days}, 5, 5) ORDER BY Day").fetchall()
    same([day for day, in rows], [day for day in range(150) if day != 7])
    same([len(batch_of(request)) for _, request in fake.requests], [100, 50])


def test_keys_that_are_left_are_asked_for_again(fake):
    def answer(request):
        keys = batch_of(request)
        return {"Responses": {"Orders": keys[:2]}, "UnprocessedKeys":
                {"Orders": {"Keys": keys[2:]}} if keys[2:] else {}}
    fake.answers["BatchGetItem"] = answer
    db = table(fake)
    rows = db.execute("SELECT Day FROM orders WHERE Customer IN ('a','b','c') AND "
                      "Day IN (1, 2, NULL)").fetchall()
    same(len(rows), 6)
    same([len(batch_of(request)) for _, request in fake.requests], [6, 4, 2])


def test_keys_that_stay_left_are_a_throttle(fake):
    fake.answers["BatchGetItem"] = lambda request: {
        "Responses": {"Orders": []}, "UnprocessedKeys": request["RequestItems"]}
    text, code = error(table(fake), "SELECT * FROM orders WHERE Customer = 'a' AND "
                       "Day IN (1, 2)")
    same(code, sqlite3.SQLITE_BUSY)
    within("left unprocessed", text)
    same(len(fake.requests), 3)


# -------------------------------------------------------------------- writing

def test_an_insert_asks_that_there_is_none(fake):
    fake.answers["PutItem"] = [{}]
    db = table(fake)
    db.execute("INSERT INTO orders(Customer, Day, item) VALUES('a', '7', "
               "'{\"Tags\": {\"SS\": [\"x\"]}}')")
    same(fake.requests, [("PutItem", {
        "TableName": "Orders", "ReturnConsumedCapacity": "INDEXES",
        "Item": item("a", 7, Tags={"SS": ["x"]}),
        "ConditionExpression": "attribute_not_exists(#n0)",
        "ExpressionAttributeNames": {"#n0": "Customer"}})])


def test_an_insert_of_a_key_that_is_there_fails_as_in_a_file(fake):
    fake.answers["PutItem"] = [NOT_MET]
    db = table(fake)
    text, code = error(db, "INSERT INTO orders(Customer, Day) VALUES('a', 1)")
    same(text, "orders: an item with this key is there already; INSERT OR REPLACE "
         "puts the new one in its place")
    same(code, sqlite3.SQLITE_CONSTRAINT)
    db.execute("INSERT OR IGNORE INTO orders(Customer, Day) VALUES('a', 1)")
    same(len(fake.requests), 2)


def test_a_replace_asks_for_nothing(fake):
    fake.answers["PutItem"] = [{}]
    table(fake).execute("INSERT OR REPLACE INTO orders(Customer, Day) "
                        "VALUES('a', 1)")
    same("ConditionExpression" in fake.requests[0][1], False)


def test_conditions_are_written_with_names_and_values(fake):
    fake.answers["PutItem"] = [{}, NOT_MET]
    db = table(fake)
    sql = ("INSERT OR REPLACE INTO orders(Customer, Day, condition) VALUES('a', 1, "
           "'NOT (Status = ''paid'' OR a.\"b c\"[2] IN (1, 2)) AND size(Name) "
           "BETWEEN 1 AND 5 AND begins_with(Status, ''p'')')")
    db.execute(sql)
    request = fake.requests[0][1]
    within("begins_with(", request["ConditionExpression"])
    same(sorted(request["ExpressionAttributeNames"].values()),
         ["Name", "Status", "Status", "a", "b c"])
    text, code = error(db, sql)
    same(text, "orders: ConditionalCheckFailedException: The conditional request "
         "failed")
    same(code, sqlite3.SQLITE_CONSTRAINT)


def test_an_update_sets_and_removes_and_reads_strongly(fake):
    fake.answers["GetItem"] = [{"Item": item("a", 1, Status={"S": "x"})}]
    fake.answers["UpdateItem"] = [{}]
    db = table(fake, "Amount NUMBER")
    db.execute("UPDATE orders SET Amount = 5, Status = NULL, condition = "
               "'Amount = 4' WHERE Customer = 'a' AND Day = 1")
    same([operation for operation, _ in fake.requests], ["GetItem", "UpdateItem"])
    same(fake.requests[0][1]["ConsistentRead"], True)
    request = fake.requests[1][1]
    same(request["Key"], item("a", 1))
    same(request["UpdateExpression"], "SET #n0 = :v0 REMOVE #n1")
    same(request["ConditionExpression"],
         "attribute_exists(#n2) AND (#n3 = :v1)")
    same(list(request["ExpressionAttributeNames"].values()),
         ["Amount", "Status", "Customer", "Amount"])


def test_an_update_of_the_key_is_refused(fake):
    fake.answers["GetItem"] = [{"Item": item("a", 1)}]
    text, _ = error(table(fake), "UPDATE orders SET Day = 2 WHERE Customer = 'a' "
                    "AND Day = 1")
    within("Cannot update attribute Day. This attribute is part of the key", text)


def test_an_update_of_the_item_puts_it(fake):
    fake.answers["GetItem"] = [{"Item": item("a", 1, Old={"S": "o"})}]
    fake.answers["PutItem"] = [{}]
    table(fake).execute("UPDATE orders SET item = '{\"New\": 1}' WHERE "
                        "Customer = 'a' AND Day = 1")
    same(fake.requests[1][1]["Item"], item("a", 1, New={"N": "1"}))
    same(fake.requests[1][1]["ConditionExpression"], "attribute_exists(#n0)")


def test_an_item_that_is_gone_is_not_updated(fake):
    fake.answers["GetItem"] = [{"Item": item("a", 1)}]
    fake.answers["UpdateItem"] = [NOT_MET]
    table(fake).execute("UPDATE orders SET Status = 'x' WHERE Customer = 'a' AND "
                        "Day = 1")


def test_a_delete_names_the_key(fake):
    fake.answers["Query"] = [{"Items": [item("a", 1), item("a", 2)]}]
    fake.answers["DeleteItem"] = [{}]
    table(fake).execute("DELETE FROM orders WHERE Customer = 'a'")
    same([request["Key"] for _, request in fake.requests[1:]],
         [item("a", 1), item("a", 2)])


def test_writes_within_a_transaction_are_done_at_once(fake):
    fake.answers["PutItem"] = [{}]
    fake.answers["Query"] = [{"Items": []}]
    db = table(fake)
    db.execute("BEGIN")
    db.execute("INSERT INTO orders(Customer, Day) VALUES('a', 1)")
    same(len(fake.requests), 1)
    db.execute("SELECT * FROM orders WHERE Customer = 'a'").fetchall()
    db.execute("ROLLBACK")
    db.execute("SELECT * FROM orders WHERE Customer = 'a'").fetchall()
    same([request.get("ConsistentRead") for _, request in fake.requests[1:]],
         [True, None])


# ------------------------------------------------------------ what goes wrong

SELECT = "SELECT * FROM orders WHERE Customer = 'a' AND Day = 1"


def test_a_throttle_that_passes_is_not_noticed(fake):
    fake.answers["GetItem"] = [THROTTLE, THROTTLE, {"Item": item("a", 1)}]
    same(len(table(fake).execute(SELECT).fetchall()), 1)
    same(len(fake.requests), 3)


def test_a_throttle_that_stays_is_busy(fake):
    fake.answers["GetItem"] = [THROTTLE]
    text, code = error(table(fake), SELECT)
    same(text, "orders: ProvisionedThroughputExceededException: slow down\n"
         '{"ThrottlingReasons":[{"reason":"TableReadProvisionedThroughputExceeded",'
         '"resource":"arn"}]}')
    same(code, sqlite3.SQLITE_BUSY)
    same(len(fake.requests), 3)


def test_a_server_that_fails_is_asked_again(fake):
    broken = failure("InternalServerError", "oops", 500)
    fake.answers["GetItem"] = [broken, (503, {}), {"Item": item("a", 1)}]
    same(len(table(fake).execute(SELECT).fetchall()), 1)
    fake.answers["GetItem"] = [broken]
    text, code = error(table(fake), SELECT)
    same((text, code), ("orders: InternalServerError: oops", 1))
    fake.answers["GetItem"] = [(502, Raw(b"<html>"))]
    text, code = error(table(fake), SELECT)
    within("HTTP status 502 without an exception (tried 3 times)", text)


def test_what_a_client_does_wrong_is_told_at_once(fake):
    fake.answers["GetItem"] = [failure("ValidationException", "bad key")]
    same(error(table(fake), SELECT), ("orders: bad key", 1))
    fake.answers["GetItem"] = [failure("UnrecognizedClientException", "who?")]
    same(error(table(fake), SELECT), ("orders: UnrecognizedClientException: who?", 1))
    same(len(fake.requests), 2)


def test_an_item_that_is_too_large(fake):
    fake.answers["UpdateItem"] = [failure(
        "ValidationException",
        "Item size to update has exceeded the maximum allowed size")]
    fake.answers["GetItem"] = [{"Item": item("a", 1)}]
    _, code = error(table(fake), "UPDATE orders SET Status = 'x' WHERE "
                    "Customer = 'a' AND Day = 1")
    same(code, sqlite3.SQLITE_TOOBIG)


def test_answers_that_are_broken(fake):
    db = table(fake)
    query = "SELECT Day FROM orders WHERE Customer = 'a'"
    for answer, problem in [
            (Raw(b'{"Items": ['), "malformed JSON at byte 11"),
            (Raw(b"[]"), "it is no object"), (Raw(b""), "malformed JSON"),
            ({}, "there are no items"), ({"Items": 3}, "there are no items"),
            ({"Items": [3]}, "an item is none"),
            ({"Items": [{"Customer": "a"}]}, "an item is none"),
            ({"Items": [{"Customer": {"S": "a"}}]}, "an item has no key"),
            ({"Items": [], "ConsumedCapacity": {"CapacityUnits": "x"}},
             "CapacityUnits is no number")]:
        fake.answers["Query"] = [answer]
        text, code = error(db, query)
        within(f"orders: the answer of {fake.url} to Query is broken: {problem}",
               text)
        same(code, sqlite3.SQLITE_ERROR)


def test_descriptions_that_are_broken(fake):
    for answer, problem in [
            ({}, "there is no Table"), ({"Table": {}}, "needs a partition key"),
            ({"Table": {**ORDERS, "AttributeDefinitions": []}},
             "a key attribute has no type"),
            ({"Table": {**ORDERS, "KeySchema": [{"AttributeName": "Zero",
                                                 "KeyType": "HASH"}]}},
             "a key attribute has no type"),
            ({"Table": {**ORDERS, "GlobalSecondaryIndexes": [{}]}}, "index"),
            (failure("ResourceNotFoundException", "no table Orders"),
             "no table Orders")]:
        fake.answers["DescribeTable"] = [answer]
        try:
            table(fake)
        except sqlite3.Error as told:
            within(problem, str(told))
        else:
            raise AssertionError(f"{answer} is taken")


def damaged(rng, answer):
    """An answer with some of its bytes changed, or with a part of it gone."""
    data = bytearray(json.dumps(answer).encode())
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(data))
        if rng.random() < 0.5:
            data[at] = rng.choice(b'{}[]",:0SNLM\\\x00\xff')
        else:
            del data[at:at + rng.randrange(1, 30)]
    return Raw(data)


def test_damaged_answers_give_rows_or_errors(fake):
    rng = random.Random(1)
    page = {"Items": [item("a", day, Deep={"L": [{"M": {"x": {"NULL": True}}}]})
                      for day in range(3)],
            "LastEvaluatedKey": item("a", 2),
            "ConsumedCapacity": {"CapacityUnits": 1, "Table": {"CapacityUnits": 1}}}
    db = table(fake, options="attempts = 1")
    for _ in range(400):
        fake.answers["Query"] = [damaged(rng, page), {"Items": []}]
        fake.answers["BatchGetItem"] = [
            damaged(rng, {"Responses": {"Orders": page["Items"]},
                          "UnprocessedKeys": {}}), {"Responses": {"Orders": []}}]
        fake.answers["DescribeTable"] = [damaged(rng, {"Table": ORDERS})]
        for sql in ["SELECT item FROM orders WHERE Customer = 'a'",
                    "SELECT item FROM orders WHERE Customer = 'a' AND Day IN (1, 2)",
                    "CREATE VIRTUAL TABLE temp.more USING dynamo_remote("
                    f"table = 'Orders', endpoint = '{fake.url}', attempts = 1)",
                    "DROP TABLE IF EXISTS temp.more"]:
            try:
                db.execute(sql).fetchall()
            except (sqlite3.Error, UnicodeDecodeError):
                pass


def test_connections_that_end_are_opened_again(fake):
    fake.answers["GetItem"] = [Close, Close, {"Item": item("a", 1)}]
    same(len(table(fake).execute(SELECT).fetchall()), 1)
    fake.answers["GetItem"] = [Close]
    text, code = error(table(fake), SELECT)
    within("(tried 3 times)", text)
    same(code, sqlite3.SQLITE_CANTOPEN)


def test_an_answer_that_was_lost_may_have_been_done(fake):
    fake.answers["PutItem"] = [Close, NOT_MET]
    text, code = error(table(fake), "INSERT INTO orders(Customer, Day) "
                       "VALUES('a', 1)")
    within("The request was sent 2 times: an earlier try may have done it", text)
    same(code, sqlite3.SQLITE_CONSTRAINT)


def test_a_throttled_try_has_done_nothing(fake):
    fake.answers["PutItem"] = [THROTTLE, NOT_MET]
    text, _ = error(table(fake), "INSERT INTO orders(Customer, Day) VALUES('a', 1)")
    same("was sent" in text, False)


def test_a_server_that_is_not_there(fake):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fake.url = f"http://127.0.0.1:{port}"
    try:
        table(fake, options="attempts = 2")
    except sqlite3.Error as told:
        within(f"orders: {fake.url}: Failed to connect", str(told))
        within("(tried 2 times)", str(told))
    else:
        raise AssertionError("there is a server")


def test_a_server_that_is_too_slow(fake):
    db = table(fake, options="attempts = 2, timeout_ms = 200")
    fake.answers["GetItem"] = [Slow(5)]
    began = time.monotonic()
    text, code = error(db, SELECT)
    within("timed out", text)
    same(code, sqlite3.SQLITE_CANTOPEN)
    assert time.monotonic() - began < 4


def test_an_interrupt_ends_the_tries(fake):
    db = table(fake, options="attempts = 20")
    fake.answers["GetItem"] = [THROTTLE]
    threading.Timer(0.3, db.interrupt).start()
    began = time.monotonic()
    _, code = error(db, SELECT)
    same(code, sqlite3.SQLITE_INTERRUPT)
    assert time.monotonic() - began < 15


def test_a_transaction_of_the_user_stays_open(fake):
    fake.answers["GetItem"] = [Close]
    db = table(fake)
    db.execute("CREATE TABLE own(a)")
    db.execute("BEGIN")
    db.execute("INSERT INTO own VALUES(1)")
    error(db, SELECT)
    assert db.in_transaction
    db.execute("COMMIT")
    same(db.execute("SELECT a FROM own").fetchall(), [(1,)])


# ------------------------------------------------------- signatures, settings

def test_requests_are_signed(fake):
    fake.answers["GetItem"] = [{"Item": item("a", 1)}]
    db = table(fake, options="region = 'eu-west-1'")
    db.execute(SELECT).fetchall()
    for headers, body in fake.headers:
        told = signature(headers, body, "eu-west-1", SECRET)
        same(told["given"], told["wanted"])
        same(told["credential"], f"{KEY}/{told['scope']}")
        for name in ("host", "x-amz-date", "x-amz-target", "x-amz-security-token"):
            within(name, " ".join(told["names"]))
    same(fake.headers[0][0]["X-Amz-Security-Token"], TOKEN)


def test_a_connection_is_kept(fake):
    fake.answers["GetItem"] = [{"Item": item("a", 1)}]
    db = table(fake)
    for _ in range(5):
        db.execute(SELECT).fetchall()
    same(len(fake.peers), 1)


def test_profiles(fake):
    kept = {name: os.environ.pop(name) for name in list(os.environ)
            if name.startswith("AWS_")}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "credentials"
        path.write_text("# keys\n[default]\naws_access_key_id = one\n"
                        "aws_secret_access_key=first\n[ other ]\n"
                        "aws_access_key_id=two\naws_secret_access_key = s=e\n",
                        encoding="utf-8")
        os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(path)
        try:
            table(fake)
            table(fake, options="profile = 'other'")
            for (headers, body), (key, secret) in zip(
                    fake.headers, [("one", "first"), ("two", "s=e")]):
                told = signature(headers, body, "us-east-1", secret)
                same(told["given"], told["wanted"])
                same(told["credential"].partition("/")[0], key)
            try:
                table(fake, options="profile = 'third'")
            except sqlite3.Error as told:
                within("the profile third has no aws_access_key_id", str(told))
            path.unlink()
            try:
                table(fake)
            except sqlite3.Error as told:
                within("there are no credentials: set AWS_ACCESS_KEY_ID", str(told))
        finally:
            del os.environ["AWS_SHARED_CREDENTIALS_FILE"]
            os.environ.update(kept)


def test_arguments_that_are_wrong(fake):
    url = fake.url
    for arguments, problem in [
            ("table = 'Orders', endpoint = '127.0.0.1:8000'", "expected an address"),
            (f"endpoint = '{url}'", "the name of the table there is missing"),
            (f"table = 'Orders', endpoint = '{url}', colour = 'x'",
             'unknown option "colour"'),
            (f"table = 'Orders', endpoint = '{url}', attempts = 0",
             "expected a whole number from 1 to 20"),
            (f"table = 'Orders', endpoint = '{url}', timeout_ms = 'x'",
             "timeout_ms = 'x': expected a whole number"),
            (f"table = 'Orders', endpoint = '{url}', region = 'a:b'",
             "is no name of a region"),
            (f"table = 'Orders', endpoint = '{url}' 5", "expected a comma"),
            (f"table = 'Orders', endpoint = '{url}', Day TEXT",
             'column "Day" is declared TEXT, and is NUMBER'),
            (f"table = 'Orders', endpoint = '{url}', Note TEXT SORT KEY",
             "is a second sort key"),
            (f"table = 'Orders', endpoint = '{url}', LOCAL INDEX i (Note)",
             "indexes are known by the server")]:
        text, _ = error(connect(), "CREATE VIRTUAL TABLE temp.orders USING "
                        f"dynamo_remote({arguments})")
        within("orders: ", text)
        within(problem, text)


def test_only_temp_has_remote_tables(fake):
    text, _ = error(connect(), "CREATE VIRTUAL TABLE orders USING dynamo_remote("
                    f"table = 'Orders', endpoint = '{fake.url}')")
    within('CREATE VIRTUAL TABLE temp."orders"', text)


def test_a_remote_table_keeps_its_name(fake):
    text, _ = error(table(fake), "ALTER TABLE orders RENAME TO others")
    within("keeps its name", text)


def test_dropping_leaves_the_table_of_the_server(fake):
    db = table(fake)
    db.execute("DROP TABLE orders")
    same(fake.requests, [])
    table(fake, db=db)


def test_loading_both_extensions_in_either_order(fake):
    for first, second in [(dynamo, remote), (remote, dynamo)]:
        db = sqlite3.connect(":memory:")
        db.enable_load_extension(True)
        for path in (first, second, first, second):
            db.execute("SELECT load_extension(?)", (path,))
        fake.answers["Query"] = [{"Items": [item("a", 1)]}]
        table(fake, db=db)
        db.execute("CREATE VIRTUAL TABLE kept USING dynamo(id TEXT PARTITION KEY)")
        same(len(db.execute("SELECT * FROM orders WHERE Customer = 'a'")
                 .fetchall()), 1)
        same(db.execute("SELECT begins_with('ab', 'a')").fetchall(), [(1,)])


# ---------------------------------------------------------------------- costs

def test_costs_are_those_that_the_server_tells(fake):
    fake.answers["Query"] = lambda _: {
        "Items": [item("a", 1)], "ConsumedCapacity": {
            "TableName": "Orders", "CapacityUnits": 1.5,
            "Table": {"CapacityUnits": 0.5},
            "LocalSecondaryIndexes": {"l": {"CapacityUnits": 0.5}},
            "GlobalSecondaryIndexes": {"by_status": {"CapacityUnits": 0.5}}}}
    fake.answers["PutItem"] = [{"ConsumedCapacity": {"CapacityUnits": 2}}]
    db = table(fake)
    db.execute("SELECT * FROM orders WHERE Customer IN ('a', 'b')").fetchall()
    told, = db.execute("SELECT dynamo_remote_cost()").fetchone()
    same(json.loads(told), {"read_units": 3, "write_units": 0, "tables": [
        {"table": "orders", "read_units": 2, "write_units": 0},
        {"table": "orders", "index": "by_status", "read_units": 1,
         "write_units": 0}]})
    db.execute("INSERT INTO orders(Customer, Day) VALUES('a', 1), ('a', 2)")
    told, = db.execute("SELECT dynamo_remote_cost()").fetchone()
    same(json.loads(told)["write_units"], 4)


def test_the_api_of_a_server(fake):
    fake.answers["ListTables"] = [{"TableNames": ["Orders"]}]
    db = connect()
    same(db.execute("SELECT dynamo_remote_api(?, 'ListTables', '{}')",
                    (fake.url,)).fetchone(), ('{"TableNames":["Orders"]}',))
    text, _ = error(db, "SELECT dynamo_remote_api(?, ?, '{}')", fake.url,
                    "a\r\nHost: x")
    within("the operation is a word", text)


def test_a_failure_of_the_api_is_the_exception_that_came(fake):
    for exception, status in [("UnknownOperationException", 400),
                              ("ResourceNotFoundException", 400),
                              ("InternalServerError", 500)]:
        fake.answers["Nope"] = [failure(exception, "so it is", status)]
        same(error(connect(), "SELECT dynamo_remote_api(?, 'Nope', '{}')",
                   fake.url), (exception + ": so it is", sqlite3.SQLITE_ERROR))


# --------------------------------------------------------------------- copies

LOCAL = ("CREATE VIRTUAL TABLE kept USING dynamo(Customer TEXT PARTITION KEY, "
         "Day NUMBER SORT KEY)")


def store(fake):
    """Have the server keep what is put; the items by their keys."""
    items = {}

    def put(request):
        for one in request["RequestItems"]["Orders"]:
            new = one["PutRequest"]["Item"]
            items[new["Customer"]["S"], new["Day"]["N"]] = new
        return {"UnprocessedItems": {}}
    fake.answers["BatchWriteItem"] = put
    return items


def copies(db):
    return db.execute("SELECT source, target, state, items, position IS NULL FROM "
                      "_dynamo_copies").fetchall()


def test_a_copy_out_goes_on_where_it_was(fake):
    db = table(fake, db=connect(with_dynamo=True))
    db.execute(LOCAL)
    db.executemany("INSERT INTO kept VALUES('a', ?)", [(d,) for d in range(1200)])
    items = store(fake)
    same(json.loads(db.execute("SELECT dynamo_copy('kept', 'temp.orders', 1)")
                    .fetchone()[0]),
         {"source": "kept", "target": "temp.orders", "state": "running",
          "items": 500})
    same(copies(db), [("kept", "temp.orders", "running", 500, 0)])
    put = fake.answers["BatchWriteItem"]
    fake.answers["BatchWriteItem"] = [THROTTLE]
    text, code = error(db, "SELECT dynamo_copy('kept', 'temp.orders')")
    same(code, sqlite3.SQLITE_BUSY)
    within("slow down", text)
    same(copies(db), [("kept", "temp.orders", "running", 500, 0)])
    fake.answers["BatchWriteItem"] = put
    db.execute("SELECT dynamo_copy('kept', 'temp.orders')").fetchall()
    same(copies(db), [("kept", "temp.orders", "done", 1200, 1)])
    same(len(items), 1200)


def test_items_that_are_left_are_sent_again(fake):
    items = store(fake)
    put = fake.answers["BatchWriteItem"]

    def some(request):
        given = request["RequestItems"]["Orders"]
        put({"RequestItems": {"Orders": given[:10]}})
        return {"UnprocessedItems": {"Orders": given[10:]} if given[10:] else {}}
    fake.answers["BatchWriteItem"] = some
    db = table(fake, db=connect(with_dynamo=True))
    db.execute(LOCAL)
    db.executemany("INSERT INTO kept VALUES('a', ?)", [(d,) for d in range(60)])
    db.execute("SELECT dynamo_copy('kept', 'orders')").fetchall()
    same(len(items), 60)
    fake.answers["BatchWriteItem"] = lambda request: {
        "UnprocessedItems": request["RequestItems"]}
    text, code = error(db, "SELECT dynamo_copy('kept', 'orders')")
    same(code, sqlite3.SQLITE_BUSY)
    within("call dynamo_copy again to go on", text)


def scan(request):
    first = int(request.get("ExclusiveStartKey", item("a", -1))["Day"]["N"]) + 1
    page = [item("a", day, Odd={"NS": ["1", "2"]}) for day in range(first, first + 3)]
    return {"Items": page} if first >= 9 else \
        {"Items": page, "LastEvaluatedKey": page[-1]}


def test_a_copy_in_is_stored_with_its_place(fake):
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/kept.db"
        db = table(fake, db=connect(path, with_dynamo=True))
        db.execute(LOCAL)
        fake.answers["Scan"] = lambda request: scan(request) \
            if len(fake.requests) < 3 else failure("InternalServerError", "x", 500)
        error(db, "SELECT dynamo_copy('temp.orders', 'kept')")
        same(copies(db), [("temp.orders", "kept", "running", 6, 0)])
        same(fake.requests[0][1]["ConsistentRead"], True)
        db.close()
        fake.answers["Scan"] = scan
        db = table(fake, db=connect(path, with_dynamo=True))
        same(db.execute("SELECT count(*) FROM kept('scan')").fetchone(), (6,))
        db.execute("SELECT dynamo_copy('temp.orders', 'kept')").fetchall()
        same(copies(db), [("temp.orders", "kept", "done", 12, 1)])
        same(db.execute("SELECT count(*) FROM kept('scan')").fetchone(), (12,))
        within(b"_dynamo_copies", pathlib.Path(path).read_bytes())
        for secret in (fake.url.encode()[7:], SECRET.encode(), KEY.encode()):
            same(secret in pathlib.Path(path).read_bytes(), False)


def test_a_copy_to_another_place_begins_anew(fake):
    db = table(fake, db=connect(with_dynamo=True))
    db.execute(LOCAL)
    db.executemany("INSERT INTO kept VALUES('a', ?)", [(d,) for d in range(600)])
    store(fake)
    db.execute("SELECT dynamo_copy('kept', 'orders', 1)").fetchall()
    other = Fake()
    items = store(other)
    db.execute("DROP TABLE orders")
    table(other, db=db)
    db.execute("SELECT dynamo_copy('kept', 'orders')").fetchall()
    same(len(items), 600)
    other.end()


def test_a_copy_fails_with_the_exception_and_names_the_table(fake):
    db = table(fake, db=connect(with_dynamo=True))
    db.execute(LOCAL)
    db.execute("INSERT INTO kept VALUES('a', 1)")
    fake.answers["Scan"] = [{"Items": [item("a", 1)]}]
    fake.answers["BatchWriteItem"] = [failure("UnknownOperationException", "what?")]
    missing = ": Requested resource not found"
    for source, target, text in [
            ("nope", "temp.orders", "ResourceNotFoundException: nope" + missing),
            ("temp.orders", "nope", "ResourceNotFoundException: nope" + missing),
            ("kept", "orders", "UnknownOperationException: orders: what?")]:
        same(error(db, "SELECT dynamo_copy(?, ?)", source, target),
             (text, sqlite3.SQLITE_ERROR))


def test_a_copy_of_a_table_that_throttles_is_busy(fake):
    db = table(fake, db=connect(with_dynamo=True))
    db.execute("CREATE VIRTUAL TABLE slow USING dynamo(Customer TEXT PARTITION "
               "KEY, Day NUMBER SORT KEY, billing = 'provisioned', read_units = "
               "1, write_units = 1)")
    db.execute("CREATE TABLE thousand AS WITH RECURSIVE n(i) AS (SELECT 1 UNION "
               "ALL SELECT i + 1 FROM n LIMIT 1000) SELECT i FROM n")
    fake.answers["BatchWriteItem"] = [{}]
    db.execute("SELECT dynamo_clock('2026-01-01')")
    try:
        db.execute("INSERT INTO slow VALUES('a', 1)")
        error(db, "SELECT 1 FROM thousand CROSS JOIN slow('strong') WHERE "
              "Customer = 'a' AND Day = 1")
        text, code = error(db, "SELECT dynamo_copy('slow', 'orders')")
    finally:
        db.execute("SELECT dynamo_clock(NULL)")
    same(code, sqlite3.SQLITE_BUSY)
    same(text.split("\n")[0].split(": ")[:2],
         ["ProvisionedThroughputExceededException", "slow"])
    same("busy_timeout" in text, False)


def test_copies_that_cannot_be(fake):
    db = table(fake)
    for sql, problem in [
            ("SELECT dynamo_copy('orders', 'ORDERS')", "are the same table"),
            ("SELECT dynamo_copy('orders', 'kept')", "kept is no remote table"),
            ("SELECT dynamo_copy('orders', 'kept', 0)", "is 1 at least")]:
        text, _ = error(db, sql)
        within(problem, text)
    db.execute("CREATE TABLE own(a)")
    text, _ = error(db, "INSERT INTO own SELECT dynamo_copy('orders', 'kept')")
    within("cannot be part of a statement that writes", text)


def main():
    os.environ.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET,
                      AWS_SESSION_TOKEN=TOKEN)
    os.environ.pop("AWS_REGION", None)
    failed = 0
    names = sys.argv[3:] or [n for n in globals() if n.startswith("test_")]
    for name in names:
        fake = Fake()
        try:
            globals()[name](fake)
        except (AssertionError, sqlite3.Error) as problem:
            failed += 1
            line = problem.__traceback__
            while line.tb_next is not None:
                line = line.tb_next
            print(f"FAIL {name}: {problem}")
        finally:
            fake.end()
    print(f"remote: {len(names)} tests, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
