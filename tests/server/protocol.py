#!/usr/bin/env python3
"""DynamoDB's HTTP protocol, as dynamo-server speaks it.

usage: protocol.py DYNAMO-SERVER DYNAMO.SO
"""
import gzip
import json
import re
import time
import zlib

from support import JSON, TABLE, check_file, folder, refused, run, serving


def items_come_back_as_they_were():
    with serving() as server:
        client = server.client()
        client.make_table()
        item = {"id": {"S": "ä\"\\\n\u2028"}, "n": {"N": "12345678901234567890.5"},
                "b": {"B": "AAH+"}, "l": {"L": [{"NULL": True}, {"BOOL": False}]},
                "m": {"M": {"": {"S": ""}}}, "ss": {"SS": ["x", "y"]}}
        client.call("PutItem", TableName=TABLE, Item=item)
        found = client.get(item["id"]["S"])
        assert found == item, found
        client.call("UpdateItem", TableName=TABLE, Key={"id": item["id"]},
                    UpdateExpression="SET n = n + :one",
                    ExpressionAttributeValues={":one": {"N": "1"}})
        found = client.get(item["id"]["S"])
        assert found["n"] == {"N": "12345678901234567891.5"}, found
        client.call("DeleteItem", TableName=TABLE, Key={"id": item["id"]})
        assert client.get(item["id"]["S"]) is None
        assert client.call("Scan", TableName=TABLE)["Count"] == 0


def every_answer_has_its_headers():
    ids = set()
    with serving() as server:
        client = server.client()
        client.make_table()
        for body in (b"{}", b"{", b'{"TableName":"none"}'):
            for operation in ("ListTables", "DescribeTable", "Foo"):
                answer = client.call_raw(operation, body)
                assert answer.getheader("Content-Type") == JSON
                checksum = int(answer.getheader("x-amz-crc32"))
                assert checksum == zlib.crc32(answer.body)
                assert int(answer.getheader("Content-Length")) == len(answer.body)
                identifier = answer.getheader("x-amzn-RequestId")
                assert re.fullmatch("[A-Z0-9]{52}", identifier), identifier
                ids.add(identifier)
    assert len(ids) == 9


def exceptions_have_the_shapes_of_the_service():
    with serving() as server:
        client = server.client()
        client.make_table()
        client.put("a", n={"N": "1"})
        answer = client.call_raw("GetItem", b'{"TableName":"none","Key":{"id":{"S":"a"}}}')
        assert answer.status == 400
        assert json.loads(answer.body) == {
            "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
            "message": "Requested resource not found"}
        error = refused("ValidationException", client.call, "GetItem",
                        TableName=TABLE, Key={"x": {"S": "a"}})
        assert error.status == 400
        assert error.body["__type"].startswith("com.amazon.coral.validate#")
        assert "message" in error.body
        error = refused("ConditionalCheckFailedException", client.call, "PutItem",
                        TableName=TABLE, Item={"id": {"S": "a"}},
                        ConditionExpression="attribute_not_exists(id)",
                        ReturnValuesOnConditionCheckFailure="ALL_OLD")
        assert error.body["Item"] == {"id": {"S": "a"}, "n": {"N": "1"}}
        error = refused(
            "TransactionCanceledException", client.call, "TransactWriteItems",
            TransactItems=[
                {"Put": {"TableName": TABLE, "Item": {"id": {"S": "b"}}}},
                {"ConditionCheck": {"TableName": TABLE, "Key": {"id": {"S": "a"}},
                                    "ConditionExpression": "n = :n",
                                    "ExpressionAttributeValues": {":n": {"N": "2"}}}}])
        assert error.body["Message"].endswith("[None, ConditionalCheckFailed]")
        assert [r["Code"] for r in error.body["CancellationReasons"]] == [
            "None", "ConditionalCheckFailed"]
        assert client.get("b") is None
        for body in (b"", b"{", b"[]", b"\xff\xfe", b'{"TableName": 1}', b"null"):
            answer = client.call_raw("GetItem", body)
            assert answer.status == 400, body
            told = json.loads(answer.body)
            assert told["__type"] == \
                "com.amazon.coral.service#SerializationException", (body, told)
            assert "Message" in told


def what_is_throttled_says_why():
    with serving() as server:
        client = server.client()
        client.call("CreateTable", TableName=TABLE,
                    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                    AttributeDefinitions=[{"AttributeName": "id",
                                           "AttributeType": "S"}],
                    ProvisionedThroughput={"ReadCapacityUnits": 1,
                                           "WriteCapacityUnits": 1})

        def fill():
            for i in range(500):
                client.put(f"k{i}", t={"S": "x" * 3000})
        error = refused("ProvisionedThroughputExceededException", fill)
        assert error.status == 400
        reasons = error.body["ThrottlingReasons"]
        assert reasons[0]["reason"] == "TableWriteProvisionedThroughputExceeded", reasons


def targets_and_methods_are_told_apart():
    with serving() as server:
        client = server.client()
        for headers in ({}, {"X-Amz-Target": "DynamoDB_20120810."},
                        {"X-Amz-Target": "DynamoDB_20111205.ListTables"},
                        {"X-Amz-Target": "DynamoDB_20120810.Foo"}):
            answer = client.send(body=b"{}", headers=headers)
            assert answer.status == 400
            assert json.loads(answer.body)["__type"] == \
                "com.amazon.coral.service#UnknownOperationException"
        assert client.call("ListStreams") == {"Streams": []}
        assert client.send("POST", "/any/path?x=1", b"{}", {
            "X-Amz-Target": "DynamoDB_20120810.ListTables"}).status == 200
        answer = client.send("GET")
        assert answer.status == 200
        assert answer.body == b"healthy: dynamodb.us-east-1.amazonaws.com "
        answer = client.send("HEAD")
        assert (answer.status, answer.body) == (200, b"")
        for method, path in (("GET", "/x"), ("PUT", "/"), ("DELETE", "/"),
                             ("OPTIONS", "/"), ("PATCH", "/")):
            answer = client.send(method, path)
            assert answer.status == 404, method
            assert answer.body == b"<UnknownOperationException/>\n"


def a_page_under_a_foreign_name_is_refused():
    """DNS rebinding: a page of evil.test whose name leads to this machine."""
    target = {"X-Amz-Target": "DynamoDB_20120810.ListTables"}
    page = {"Origin": "http://evil.test:8000", "Host": "evil.test:8000"}
    with serving() as server:
        client = server.client()
        for headers, status in (
                (page, 400), ({"Host": "database:8000"}, 200),
                ({"Origin": "http://localhost:3000", "Host": "localhost:8000"}, 200),
                ({"Origin": "http://127.0.0.1", "Host": "127.0.0.1:8000"}, 200)):
            answer = client.send(body=b"{}", headers={**target, **headers})
            assert answer.status == status, (headers, answer.status)
        answer = client.send(body=b"{}", headers={**target, **page})
        assert json.loads(answer.body)["__type"] == \
            "com.amazon.coral.service#AccessDeniedException"


def large_answers_are_packed_for_those_who_take_it():
    with serving() as server:
        client = server.client()
        client.make_table()
        client.put("large", t={"S": "text " * 10000})
        client.put("small")
        request = b'{"TableName":"Music","Key":{"id":{"S":"%s"}}}'
        for accepted in ("gzip", "deflate, gzip;q=0.5", "br,GZIP"):
            answer = client.call_raw("GetItem", request % b"large",
                                     **{"Accept-Encoding": accepted})
            assert answer.getheader("Content-Encoding") == "gzip", accepted
            assert int(answer.getheader("x-amz-crc32")) == zlib.crc32(answer.body)
            plain = json.loads(gzip.decompress(answer.body))
            assert plain["Item"]["t"]["S"] == "text " * 10000
            assert len(answer.body) < 1000
        for accepted in ("identity", "gzip;q=0", "", "xgzip"):
            answer = client.call_raw("GetItem", request % b"large",
                                     **{"Accept-Encoding": accepted})
            assert answer.getheader("Content-Encoding") is None, accepted
            json.loads(answer.body)
        answer = client.call_raw("GetItem", request % b"small",
                                 **{"Accept-Encoding": "gzip"})
        assert answer.getheader("Content-Encoding") is None


def requests_may_be_packed():
    with serving() as server:
        client = server.client()
        client.make_table()
        request = json.dumps({"TableName": TABLE, "Item": {
            "id": {"S": "a"}, "t": {"S": "x" * 300000}}}).encode()
        answer = client.call_raw("PutItem", gzip.compress(request),
                                 **{"Content-Encoding": "gzip"})
        assert answer.status == 200, answer.body
        assert client.get("a")["t"] == {"S": "x" * 300000}
        bomb = gzip.compress(b" " * 17_000_000)
        for body in (request, gzip.compress(request)[:-5], b"", bomb):
            answer = client.call_raw("PutItem", body,
                                     **{"Content-Encoding": "gzip"})
            assert answer.status == 400
            assert b"SerializationException" in answer.body


def chunks_and_expectations_are_understood():
    with serving() as server:
        client = server.client()
        client.make_table()
        text = b'{"TableName":"Music","Item":{"id":{"S":"c"}}}'
        answer = client.send(body=iter([text[:10], text[10:]]), headers={
            "X-Amz-Target": "DynamoDB_20120810.PutItem"})
        assert answer.status == 200, answer.body
        assert client.get("c") == {"id": {"S": "c"}}
        with server.socket() as raw:
            raw.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                        b"X-Amz-Target: DynamoDB_20120810.ListTables\r\n"
                        b"Content-Length: 2\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 100")
            raw.sendall(b"{}")
            assert b'{"TableNames":["Music"]}' in raw.recv(1000)


def a_connection_is_kept_and_pipelined():
    with serving() as server:
        client = server.client()
        client.make_table()
        first = client.connection.sock
        for i in range(200):
            client.put(f"k{i}")
        assert client.connection.sock is first
        request = (b"POST / HTTP/1.1\r\nHost: h\r\n"
                   b"X-Amz-Target: DynamoDB_20120810.%s\r\n"
                   b"Content-Length: %d\r\n\r\n%s")
        wanted = []
        with server.socket() as raw:
            for i in range(20):
                operation, key = (b"GetItem", b"Key") if i % 2 else (b"PutItem", b"Item")
                body = b'{"TableName":"Music","%s":{"id":{"S":"p%d"}}}' % (key, i // 2)
                raw.sendall(request % (operation, len(body), body))
                if i % 2:
                    wanted.append(b'{"Item":{"id":{"S":"p%d"}}}' % (i // 2))
            got = b""
            while got.count(b"HTTP/1.1 200") < 20 or wanted[-1] not in got:
                more = raw.recv(65536)
                assert more, got
                got += more
        places = [got.index(text) for text in wanted]
        assert places == sorted(places)
        answer = client.call_raw("ListTables", b"{}", Connection="close")
        assert answer.status == 200 and answer.getheader("Connection") == "close"


def a_server_without_requests_sleeps():
    """Also one whose client was quick, and has a connection."""
    with serving() as server:
        client = server.client()
        client.make_table()
        for i in range(300):
            client.put(f"k{i}")
            client.get(f"k{i}")
        before = server.processor_seconds()
        time.sleep(2)
        assert server.processor_seconds() - before < 0.5
        assert client.get("k299") == {"id": {"S": "k299"}}


def a_file_is_that_of_sqlite():
    with folder() as path:
        file = str(path / "shop.db")
        with serving(file) as server:
            client = server.client()
            client.make_table()
            for i in range(50):
                client.put(f"k{i}")
        assert check_file(file) == 50
        assert sorted(p.name for p in path.iterdir()) == ["shop.db"]
        with serving(file) as server:
            assert server.client().get("k7") == {"id": {"S": "k7"}}


if __name__ == "__main__":
    run([items_come_back_as_they_were, every_answer_has_its_headers,
         exceptions_have_the_shapes_of_the_service, what_is_throttled_says_why,
         targets_and_methods_are_told_apart, a_page_under_a_foreign_name_is_refused,
         large_answers_are_packed_for_those_who_take_it, requests_may_be_packed,
         chunks_and_expectations_are_understood,
         a_connection_is_kept_and_pipelined, a_server_without_requests_sleeps, a_file_is_that_of_sqlite])
