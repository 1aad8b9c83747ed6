#!/usr/bin/env python3
"""What dynamo-server has acknowledged is there: after SIGTERM, after SIGKILL,
and with many writers at once.

usage: durable.py DYNAMO-SERVER DYNAMO.SO [--rounds N]
"""
import contextlib
import http.client
import json
import signal
import sqlite3
import sys
import threading
import time

from support import (EXTENSION, TABLE, Client, Refused, Server, check_file, folder,
                     refused, run, serving)

ROUNDS = int(sys.argv[4]) if sys.argv[3:4] == ["--rounds"] else 3


class Writer(threading.Thread):
    """Puts items until the server ends; knows which are acknowledged, and
    whether another answer came than that or none."""

    def __init__(self, port, name):
        super().__init__()
        self.port, self.prefix = port, name
        self.acknowledged = 0
        self.surprise = None

    def run(self):
        client = Client(self.port)
        try:
            while True:
                client.put(f"{self.prefix}-{self.acknowledged}",
                           n={"N": str(self.acknowledged)})
                self.acknowledged += 1
        except (OSError, http.client.HTTPException):
            client.close()
        except Exception as error:  # another answer than the service has
            self.surprise = error


def write_until_it_ends(file, end, writers=8, seconds=0.6):
    server = Server(file, "--synchronous", "normal")
    client = server.client()
    try:
        client.make_table()
    except Refused:
        pass
    threads = [Writer(server.port, f"{time.time()}-{i}") for i in range(writers)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    end(server)
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
        assert thread.surprise is None, repr(thread.surprise)
        assert thread.acknowledged > 0
    with serving(file) as again:
        client = again.client()
        for thread in threads:
            for i in range(max(0, thread.acknowledged - 200), thread.acknowledged):
                assert client.get(f"{thread.prefix}-{i}") is not None, i
    return sum(thread.acknowledged for thread in threads)


def sigterm_under_writes_loses_nothing():
    with folder() as path:
        file = str(path / "shop.db")

        def terminate(server):
            assert server.end() == 0
            assert sorted(p.name for p in path.iterdir()) == ["shop.db"]
        total = sum(write_until_it_ends(file, terminate) for _ in range(ROUNDS))
        assert total <= check_file(file) <= total + 8 * ROUNDS


def sigkill_under_writes_loses_nothing():
    with folder() as path:
        file = str(path / "shop.db")
        total = sum(write_until_it_ends(file, Server.kill) for _ in range(ROUNDS))
        assert total <= check_file(file) <= total + 8 * ROUNDS


def sigint_ends_it_and_memory_leaves_nothing():
    with folder() as path:
        server = Server(TMPDIR=str(path))
        server.client().make_table()
        assert len(list(path.iterdir())) == 1
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0
        server.process.stdout.close()
        assert not list(path.iterdir())


def what_runs_is_finished():
    with folder() as path:
        file = str(path / "shop.db")
        server = Server(file)
        client = server.client()
        client.make_table()
        requests = {TABLE: [{"PutRequest": {"Item": {
            "id": {"S": f"k{i}"}, "t": {"S": "x" * 100000}}}} for i in range(25)]}
        answers = []

        def write():  # it may be too late to be taken
            with contextlib.suppress(OSError, http.client.HTTPException):
                answers.append(client.call("BatchWriteItem", RequestItems=requests))
        thread = threading.Thread(target=write)
        thread.start()
        time.sleep(0.05)
        assert server.end() == 0
        thread.join(20)
        stored = check_file(file)
        assert stored == 25 if answers else stored in (0, 25)


def hundred_connections_lose_no_update():
    with serving("--http-threads", "4", "--workers", "2") as server:
        server.client().make_table()
        server.client().put("counter", n={"N": "0"})
        failures = []
        gate = threading.Barrier(100)

        def count(number):
            client = server.client()
            client.call("ListTables")
            gate.wait(30)
            try:
                for i in range(20):
                    client.call("UpdateItem", TableName=TABLE,
                                Key={"id": {"S": "counter"}},
                                UpdateExpression="ADD n :one",
                                ExpressionAttributeValues={":one": {"N": "1"}})
                    client.put(f"own-{number}", n={"N": str(i)})
                    found = client.get(f"own-{number}")
                    assert found["n"] == {"N": str(i)}, found
            except Exception as error:
                failures.append(repr(error))
        threads = [threading.Thread(target=count, args=(i,)) for i in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not failures, failures[:3]
        assert server.client().get("counter")["n"] == {"N": "2000"}


def writes_together_fail_for_themselves():
    """Writes that share a transaction, of which some fail."""
    with serving() as server:
        client = server.client()
        client.make_table()
        results = []

        def write(number):
            own = server.client()
            for i in range(30):
                key = f"{number}-{i}"
                kind = (number + i) % 4
                try:
                    if kind == 0:
                        own.put(key)
                    elif kind == 1:
                        own.call("PutItem", TableName=TABLE, Item={"id": {"S": key}},
                                 ConditionExpression="attribute_exists(id)")
                    elif kind == 2:
                        own.call("TransactWriteItems", TransactItems=[
                            {"Put": {"TableName": TABLE, "Item": {"id": {"S": key}}}},
                            {"ConditionCheck": {
                                "TableName": TABLE, "Key": {"id": {"S": "none"}},
                                "ConditionExpression": "attribute_exists(id)"}}])
                    else:
                        own.call("UpdateItem", TableName=TABLE, Key={"id": {"N": "1"}})
                    results.append((key, kind, None))
                except Refused as error:
                    results.append((key, kind, error.name))
        threads = [threading.Thread(target=write, args=(i,)) for i in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        names = {0: None, 1: "ConditionalCheckFailedException",
                 2: "TransactionCanceledException", 3: "ValidationException"}
        assert len(results) == 16 * 30
        for key, kind, name in results:
            assert name == names[kind], (key, kind, name)
            assert (client.get(key) is not None) == (kind == 0), key


def a_full_disk_fails_whom_it_hits():
    """Writes that share a transaction which cannot be committed."""
    with folder() as path:
        file = str(path / "shop.db")
        server = Server(file, file_bytes=3_000_000)
        client = server.client()
        client.make_table()
        stored, failed = [], []

        def write(number):
            own = server.client()
            for i in range(20):
                key = f"{number}-{i}"
                try:
                    own.put(key, t={"S": "x" * (20000 if number % 2 else 10)})
                    stored.append(key)
                except Refused as error:
                    assert error.name in ("InternalServerError",
                                          "ServiceQuotaExceededException"), error.body
                    failed.append(key)
        threads = [threading.Thread(target=write, args=(i,)) for i in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert stored and failed and len(stored) + len(failed) == 320
        for key in stored:
            assert client.get(key) is not None, key
        for key in failed:
            assert client.get(key) is None, key
        server.kill()
        assert check_file(file) == len(stored)


def another_process_is_waited_for():
    with folder() as path:
        file = str(path / "shop.db")
        with serving(file) as server:
            client = server.client()
            client.make_table()
            other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
            other.enable_load_extension(True)
            other.load_extension(EXTENSION)
            other.execute("BEGIN IMMEDIATE")
            other.execute("INSERT INTO Music(id) VALUES('theirs')")
            timer = threading.Timer(0.5, other.execute, ("COMMIT",))
            timer.start()
            client.put("ours")
            timer.join()
            assert client.get("theirs") is not None
            assert client.get("ours") is not None
            other.close()


def tables_come_and_go_under_load():
    with serving() as server:
        client = server.client()
        client.make_table()
        is_over = threading.Event()
        failures = []

        def load():
            own = server.client()
            try:
                while not is_over.is_set():
                    own.put("a")
                    assert own.get("a") is not None
                    own.call("Query", TableName=TABLE,
                             KeyConditionExpression="id = :i",
                             ExpressionAttributeValues={":i": {"S": "a"}})
            except Exception as error:
                failures.append(repr(error))
        threads = [threading.Thread(target=load) for _ in range(6)]
        for thread in threads:
            thread.start()
        for i in range(15):
            client.make_table(f"Other{i}")
            client.call("PutItem", TableName=f"Other{i}", Item={"id": {"S": "x"}})
            client.call("DeleteTable", TableName=f"Other{i}")
        is_over.set()
        for thread in threads:
            thread.join(30)
        assert not failures, failures[:3]
        refused("ResourceNotFoundException", client.call, "DescribeTable",
                TableName="Other3")


def work_in_steps_lets_others_write():
    with folder() as path:
        lines = path / "items.json"
        with lines.open("w") as out:
            for i in range(20000):
                out.write(json.dumps({"Item": {"id": {"S": f"k{i}"}, "t": {
                    "S": "x" * 200}}}) + "\n")
        with serving(str(path / "shop.db"), "--synchronous", "off") as server:
            client = server.client()
            client.make_table()
            done = []

            def work():
                own = server.client(timeout=120)
                done.append(own.call(
                    "ImportTable", InputFormat="DYNAMODB_JSON",
                    S3BucketSource={"S3Bucket": str(path), "S3KeyPrefix": "items.json"},
                    TableCreationParameters={
                        "TableName": "Imported", "BillingMode": "PAY_PER_REQUEST",
                        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                        "AttributeDefinitions": [{"AttributeName": "id",
                                                  "AttributeType": "S"}]}))
            counts = [0] * 8  # so many that there is always one who waits

            def write(number):
                own = server.client()
                while not done:
                    own.put(f"{number}-{counts[number]}")
                    assert own.get(f"{number}-{counts[number]}") is not None
                    counts[number] += 1
            threads = [threading.Thread(target=work),
                       *[threading.Thread(target=write, args=(i,)) for i in range(8)]]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(100)
            assert done
            assert client.call("Scan", TableName="Imported", Select="COUNT",
                               Limit=5)["Count"] == 5
            print(f"# {sum(counts)} writes during an import")
            assert min(counts) > 2


if __name__ == "__main__":
    run([sigterm_under_writes_loses_nothing, sigkill_under_writes_loses_nothing,
         sigint_ends_it_and_memory_leaves_nothing, what_runs_is_finished,
         hundred_connections_lose_no_update, writes_together_fail_for_themselves,
         a_full_disk_fails_whom_it_hits, another_process_is_waited_for, tables_come_and_go_under_load,
         work_in_steps_lets_others_write])
