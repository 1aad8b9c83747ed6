"""Several processes on one file are let in together as one process would be, on
a clock that stands still and is moved: one after the other, at random, with
indexes, transactions, rollbacks and changes of the units; and all at once.

usage: shared_throughput.py DYNAMO.SO [--steps N] [--seed N]
"""
import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile

TABLE = ("CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, v TEXT, "
         "w TEXT, GLOBAL INDEX by_v (v) READ UNITS 1 WRITE UNITS 2, "
         "billing = 'provisioned', read_units = 1, write_units = 2)")
PROCESSES = 3


def connect(so, path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    return db


def outcome(db, sql):
    """What a statement gives, or the kind of its error."""
    try:
        return [list(row) for row in db.execute(sql)]
    except sqlite3.Error as error:
        return str(error).split("Exception")[0]


def work(so, path):
    """Run the statements that come, a line each."""
    db = connect(so, path)
    for line in sys.stdin:
        print(json.dumps(outcome(db, json.loads(line))), flush=True)


class Process:
    def __init__(self, so, path):
        self.worker = subprocess.Popen(
            [sys.executable, __file__, so, "--work", path], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, sql):
        print(json.dumps(sql), file=self.worker.stdin, flush=True)

    def answer(self):
        return json.loads(self.worker.stdout.readline())

    def run(self, sql):
        self.send(sql)
        return self.answer()

    def end(self):
        self.worker.stdin.close()
        assert self.worker.wait() == 0


def write(r):
    id, v = r.randrange(20), r.randrange(3)
    return r.choice((
        f"INSERT OR REPLACE INTO t VALUES('{id}', '{v}', "
        f"'{'x' * r.randrange(12000)}')",
        f"UPDATE t SET v = '{v}' WHERE id = '{id}'",
        f"DELETE FROM t WHERE id = '{id}'"))


def transaction(r):
    """Statements that one process runs before another one's turn. What is only
    read is stored at once, so that the others know of it."""
    kind = r.randrange(10)
    if kind < 5:
        return [write(r)]
    if kind < 7:
        return [f"SELECT v FROM t WHERE id = '{r.randrange(20)}'",
                "SELECT dynamo_maintain() IS NULL"]
    if kind == 7:
        return ["BEGIN IMMEDIATE", write(r), "SAVEPOINT s", write(r),
                r.choice(("ROLLBACK TO s", "RELEASE s")), write(r), "COMMIT"]
    if kind == 8:
        # what is rolled back is consumed, as its next write tells
        return ["BEGIN IMMEDIATE", write(r), "ROLLBACK",
                "SELECT dynamo_maintain() IS NULL"]
    alter = f"SELECT dynamo_alter('t', 'write_units = {r.randrange(1, 4)}')"
    return r.choice(([alter], ["BEGIN IMMEDIATE", write(r), alter, "SAVEPOINT s",
                               write(r), "ROLLBACK TO s", write(r), "COMMIT"]))


def check_at_once(so):
    """Processes that write at the same time get what the table has."""
    units = 500
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "t.db")
        all = [Process(so, path) for _ in range(PROCESSES)]
        for process in all:
            process.run("SELECT dynamo_clock('2026-01-01 00:00:00')")
        assert all[0].run(
            "CREATE VIRTUAL TABLE t USING dynamo(id NUMBER PARTITION KEY, billing "
            f"= 'provisioned', read_units = 1, write_units = {units})") == []
        for i, process in enumerate(all):
            process.send(  # until one is refused: what was before is kept
                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) "
                "SELECT dynamo_api('PutItem', json_object('TableName', 't', 'Item', "
                f"json_object('id', json_object('N', {i} || '.' || i)))) FROM n")
        for process in all:
            assert "Provisioned" in process.answer()
        written = "SELECT sum(write_units) FROM dynamo_capacity('t')"
        assert all[0].run(written) == [[units]], all[0].run(written)
        for process in all:
            process.end()


def check_in_turn(arguments):
    r = random.Random(arguments.seed)
    throttled = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "t.db")
        one = connect(arguments.so, os.path.join(folder, "one.db"))
        all = [Process(arguments.so, path) for _ in range(PROCESSES)]
        clock = 0
        for step in range(arguments.steps):
            clock += r.choice((0, 0, 0, 0, 0, 1, 1, 2, 3))
            tell = ("SELECT dynamo_clock(strftime('%Y-%m-%d %H:%M:%S', "
                    f"'2026-01-01', '+{clock} seconds'))")
            statements = transaction(r) if step > 0 else [TABLE]
            process = r.choice(all)
            outcome(one, tell)
            process.run(tell)
            for sql in statements:
                expected = outcome(one, sql)
                found = process.run(sql)
                assert found == expected, (step, sql, found, expected)
                assert step > 0 or found == [], found
                throttled += "Throughput" in str(found)
        there = "SELECT id, v, w FROM t('scan') ORDER BY id"
        consumed = "SELECT sum(write_units) FROM dynamo_capacity('t')"
        assert all[0].run(consumed) == outcome(one, consumed)
        check = "SELECT dynamo_check('t')"
        assert all[0].run(check) == [["ok"]], all[0].run(check)
        outcome(one, "SELECT dynamo_clock('+10 minutes')")
        all[0].run("SELECT dynamo_clock('+10 minutes')")
        assert all[0].run(there) == outcome(one, there)
        for process in all:
            process.end()
    assert throttled > arguments.steps / 20, throttled
    return throttled


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("so")
    parser.add_argument("--work")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments.so, arguments.work)
        return
    throttled = check_in_turn(arguments)
    check_at_once(arguments.so)
    print(f"shared throughput: ok, {arguments.steps} steps, {throttled} throttled")


main()
