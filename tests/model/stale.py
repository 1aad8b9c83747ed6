#!/usr/bin/env python3
"""Stale reads beside a model that keeps every state of a table.

usage: stale.py PATH_TO_DYNAMO [--count N] [--seed S]

Several connections write to one table, in transactions that are committed or
rolled back, whole or to a savepoint. Items expire, partitions are split, the
clock moves, the log is trimmed, delays are changed. Claims:
 - what a follower answers is the state at its position of the log: by item, in
   queries up and down and with a limit, in scans and segments, by local and
   global indexes, of large items too, by SQL and by the API;
 - a strong read answers the state now, and so does each read of a transaction
   that writes;
 - the copies take turns, and one never goes back in time;
 - dynamo_check() says ok.
Exits 1 at the first difference.
"""
import argparse
import collections
import json
import os
import random
import sqlite3
import sys
import tempfile

START = 1767225600000
PARTITIONS = 4
SORTS = 12
DELAYS = (0, 1, 7, 100, 2000)


class Table:
    """The changes of a table, in the order of its log."""

    def __init__(self):
        self.times = []  # of each change, in ms; they never fall
        self.changes = []  # (key, item or None)
        self.first = 0  # the earliest state that followers know, in changes
        self.states = [{}]  # after so many changes
        self.now = START
        self.is_open = False  # a transaction
        self.begun = None  # when it changed something first: its time

    def time(self):
        if not self.is_open:
            return self.now
        if self.begun is None:
            self.begun = self.now
        return self.begun

    def set_open(self, is_open):
        self.is_open, self.begun = is_open, None

    def write(self, key, item):
        """Note a change, unless it changes nothing."""
        if self.states[-1].get(key) == item:
            return
        state = dict(self.states[-1])
        if item is None:
            del state[key]
        else:
            state[key] = item
        self.times.append(max(self.time(), self.times[-1] if self.times else 0))
        self.changes.append(key)
        self.states.append(state)

    def cut(self, count):
        """Roll back to so many changes."""
        del self.times[count:], self.changes[count:], self.states[count + 1:]

    def at(self, time, committed):
        """How many changes a reader has seen at a time."""
        count = sum(1 for t in self.times[:committed] if t <= time)
        return max(count, min(self.first, committed))


def row(key, item):
    return key + (item["a"], item["b"], item["text"])


def answers(state):
    """All rows of a state, by key."""
    return {key: row(key, item) for key, item in state.items()}


class Test:
    def __init__(self, dynamo, seed):
        self.dynamo = dynamo
        self.pick = random.Random(seed)
        self.directory = tempfile.TemporaryDirectory()
        self.file = os.path.join(self.directory.name, "t.db")
        self.model = Table()
        self.committed = 0
        self.writer = None  # the connection whose transaction writes
        self.savepoint = None
        self.replica_delay = 100
        self.index_delay = 7
        self.served = collections.Counter()
        self.stale = 0
        self.turns = {}
        self.seen = {}
        self.all = [self.open() for _ in range(3)]
        self.db = self.all[0]
        self.db.execute("PRAGMA journal_mode = WAL")
        self.set_clock()
        self.db.execute(
            "CREATE VIRTUAL TABLE t USING dynamo(p TEXT PARTITION KEY, s NUMBER SORT KEY, a TEXT, "
            "b NUMBER, text TEXT, LOCAL INDEX near (a) PROJECT KEYS, LOCAL INDEX all_near (b), "
            "GLOBAL INDEX by_a (a, s), GLOBAL INDEX by_b (b) PROJECT (a, text), "
            "partition_bytes = 20000, ttl = 'at', replica_delay_ms = 100, index_delay_ms = 7)")

    def open(self):
        db = sqlite3.connect(self.file, isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(self.dynamo)
        return db

    def rows(self, sql, values=()):
        try:
            return self.db.execute(sql, values).fetchall()
        except sqlite3.Error as e:
            sys.exit(f"{sql} {values}: {e}")

    def set_clock(self):
        now = self.model.now / 1000
        self.rows("SELECT dynamo_clock(strftime('%Y-%m-%d %H:%M:%f', ?, 'unixepoch'))", (now,))

    def move_clock(self, ms):
        self.model.now += ms
        self.set_clock()
        if self.writer is None:
            self.maintain()

    def maintain(self):
        """Due work, to its end: what it deletes is a change, too."""
        while self.rows("SELECT dynamo_maintain()")[0][0]:
            pass
        there = {r[:2] for r in self.rows("SELECT p, s FROM t('scan strong')")}
        for key, item in sorted(self.model.states[-1].items()):
            if key in there:
                continue
            if item["at"] is None or item["at"] * 1000 >= self.model.now:
                sys.exit(f"{key} is gone, and had not expired")
            self.model.write(key, None)
        self.committed = len(self.model.changes)

    # ------------------------------------------------------------- writing --

    def random_key(self):
        return (f"p{self.pick.randrange(PARTITIONS)}", self.pick.randrange(SORTS))

    def random_item(self):
        size = 3000 if self.pick.random() < 0.1 else self.pick.randrange(60)
        return {
            "a": self.pick.choice((None, "a", "b", "c")),
            "b": self.pick.choice((None, 1, 2)),
            "text": "x" * size + str(self.pick.randrange(10)),
            "at": self.pick.choice((None, None, self.model.now // 1000 + 2 + self.pick.randrange(9))),
        }

    def put(self):
        key, item = self.random_key(), self.random_item()
        attributes = {"p": key[0], "s": key[1], **item}
        attributes = {k: v for k, v in attributes.items() if v is not None}
        self.rows("INSERT OR REPLACE INTO t(item) VALUES(?)", (json.dumps(attributes),))
        self.model.write(key, item)

    def update(self):
        """By an index or a range: what is updated is what is there now."""
        p, a = self.random_key()[0], self.pick.choice(("a", "b", "c"))
        self.rows("UPDATE t SET b = 2 WHERE p = ? AND a = ?", (p, a))
        for key, item in sorted(self.model.states[-1].items()):
            if key[0] == p and item["a"] == a:
                self.model.write(key, {**item, "b": 2})

    def delete(self):
        key = self.random_key()
        self.rows("DELETE FROM t WHERE p = ? AND s = ?", key)
        self.model.write(key, None)

    def write(self):
        """By one connection at a time."""
        if self.writer is not None:
            self.db = self.writer
        self.pick.choices((self.put, self.update, self.delete), (6, 1, 3))[0]()
        if self.writer is None:
            self.committed = len(self.model.changes)

    def change_transaction(self):
        if self.writer is None:
            self.rows("BEGIN")
            self.model.set_open(True)
            self.writer, self.savepoint = self.db, None
            self.write()
            return
        self.db = self.writer
        if self.pick.random() < 0.5:
            if self.savepoint is None:
                self.rows("SAVEPOINT s")
                self.savepoint = len(self.model.changes)
            else:
                self.rows("ROLLBACK TO s")
                self.model.cut(self.savepoint)
            return
        self.writer = None
        self.model.set_open(False)
        if self.pick.random() < 0.4:
            self.rows("ROLLBACK")
            self.model.cut(self.committed)
        else:
            self.rows("COMMIT")
            self.committed = len(self.model.changes)
        self.maintain()

    def change_delays(self):
        if self.writer is not None:
            return
        committed = self.committed
        was_off = self.replica_delay == self.index_delay == 0
        self.replica_delay = self.pick.choice(DELAYS)
        is_off = self.replica_delay == self.index_delay == 0  # in between
        self.index_delay = self.pick.choice(DELAYS)
        self.rows(f"SELECT dynamo_alter('t', 'replica_delay_ms = {self.replica_delay}'), "
                  f"dynamo_alter('t', 'index_delay_ms = {self.index_delay}')")
        self.maintain()
        if is_off or self.replica_delay == self.index_delay == 0 or was_off:
            self.model.first = committed
        self.seen.clear()
        self.turns.clear()

    # ------------------------------------------------------------- reading --

    def state(self, index_is_global, is_strong):
        """The state that the last read has seen, by what its cost says."""
        model, delay = self.model, self.index_delay if index_is_global else self.replica_delay
        lines = json.loads(self.rows("SELECT dynamo_cost()")[0][0])["tables"]
        copies = [(line["served_by"], line["lag_ms"]) for line in lines if "served_by" in line]
        if len(copies) != (delay > 0):
            sys.exit(f"{lines} does not say one copy at a delay of {delay}")
        visible = len(model.changes) if self.db is self.writer else self.committed
        if not copies:
            return model.states[visible]
        name, lag = copies[0]
        lags = {"primary": 0, "follower 1": delay // 2, "follower 2": delay}
        if lag != lags[name]:
            sys.exit(f"{name} lags by {lag} at a delay of {delay}")
        if (is_strong or self.db is self.writer) and name != "primary":
            sys.exit(f"{name} serves what only the primary may")
        if not is_strong and self.db is not self.writer:
            self.check_turn(index_is_global, name)
        self.served[name] += 1
        position = visible if lag == 0 else model.at(model.now - lag, visible)
        self.stale += model.states[position] != model.states[visible]
        if position < self.seen.get((index_is_global, name), 0) and lag > 0:
            sys.exit(f"{name} has gone back in time")
        if lag > 0:
            self.seen[(index_is_global, name)] = position
        return model.states[position]

    def check_turn(self, index_is_global, name):
        order = ("follower 2", "follower 1", "primary")
        at = (self.all.index(self.db), index_is_global)
        expected = order[self.turns.get(at, order.index(name)) % 3]
        if name != expected:
            sys.exit(f"{name} serves, and it is the turn of {expected}")
        self.turns[at] = order.index(name) + 1

    def compare(self, what, got, expected):
        if got != expected:
            sys.exit(f"{what} at {self.model.now}:\nis     {got}\nshould {expected}")

    def read_item(self, mode, is_strong):
        key = self.random_key()
        got = self.rows(f"SELECT p, s, a, b, text FROM t('{mode}') WHERE p = ? AND s = ?", key)
        state = answers(self.state(False, is_strong))
        self.compare(f"item {key}", got, [state[key]] if key in state else [])

    def read_query(self, mode, is_strong):
        p, low = self.random_key()
        down, limit = self.pick.random() < 0.5, self.pick.choice((1, 3, 100))
        got = self.rows(f"SELECT p, s, a, b, text FROM t('{mode}') WHERE p = ? AND s >= ? "
                        f"ORDER BY s {'DESC' if down else ''} LIMIT {limit}", (p, low))
        state = answers(self.state(False, is_strong))
        rows = sorted((r for k, r in state.items() if k[0] == p and k[1] >= low), reverse=down)
        self.compare(f"query {p} {low} {down}", got, rows[:limit])

    def read_scan(self, mode, is_strong):
        count = self.pick.choice((1, 1, 3))
        got = []
        for segment in range(count):
            rows = self.rows("SELECT p, s, a, b, text FROM t('scan "
                             f"segment {segment} of {count} {mode}')")
            state = self.state(False, is_strong)
            if count == 1:
                self.compare("scan", sorted(rows), sorted(answers(state).values()))
            got += [(r, answers(state)) for r in rows]
        for r, state in got:
            self.compare("segment", r, state.get(r[:2]))

    def read_local(self, mode, is_strong):
        p, a = self.random_key()[0], self.pick.choice(("a", "b", "c"))
        if self.pick.random() < 0.5:
            got = self.rows(f"SELECT p, s, a, b, text FROM t('index near {mode}') "
                            "WHERE p = ? AND a >= ? ORDER BY a", (p, a))
            state = answers(self.state(False, is_strong)).values()
            rows = [r for r in state if r[0] == p and r[2] is not None and r[2] >= a]
            self.compare("order of near", [r[2] for r in got], sorted(r[2] for r in rows))
        else:
            got = self.rows(f"SELECT p, s, a, b, text FROM t('index all_near {mode}') "
                            "WHERE p = ? AND b = 2", (p,))
            state = answers(self.state(False, is_strong)).values()
            rows = [r for r in state if r[0] == p and r[3] == 2]
        self.compare("local index", sorted(got, key=str), sorted(rows, key=str))

    def read_global(self, mode, is_strong):
        a = self.pick.choice(("a", "b", "c"))
        if self.pick.random() < 0.5:
            down = self.pick.random() < 0.5
            got = self.rows("SELECT p, s, a, b, text FROM t('index by_a') WHERE a = ? AND s > 2 "
                            f"ORDER BY s {'DESC' if down else ''}", (a,))
            state = answers(self.state(True, False)).values()
            rows = [r for r in state if r[2] == a and r[1] > 2]
            self.compare("order of by_a", [r[1] for r in got], sorted((r[1] for r in rows), reverse=down))
        else:
            got = self.rows("SELECT p, s, a, b, text FROM t('index by_b') WHERE b = 1")
            state = answers(self.state(True, False)).values()
            rows = [r for r in state if r[3] == 1]
        self.compare("global index", sorted(got, key=str), sorted(rows, key=str))

    def read_api(self, mode, is_strong):
        p, s = self.random_key()
        strong = {"ConsistentRead": is_strong}
        kind = self.pick.randrange(3)
        key = {"p": {"S": p}, "s": {"N": str(s)}}
        if kind == 0:
            got = self.api("GetItem", {"TableName": "t", "Key": key, **strong})
            got = [got["Item"]] if "Item" in got else []
            rows = [(p, s)]
        elif kind == 1:
            got = self.api("Query", {"TableName": "t", "KeyConditionExpression": "p = :p",
                                     "ExpressionAttributeValues": {":p": {"S": p}}, **strong})["Items"]
            rows = [(p, n) for n in range(SORTS)]
        else:
            got = self.api("ExecuteStatement", {"Statement": f"SELECT * FROM t WHERE p = '{p}'",
                                                **strong})["Items"]
            rows = [(p, n) for n in range(SORTS)]
        state = self.state(False, is_strong)
        expected = [answers(state)[k] for k in rows if k in state]
        self.compare("api", [self.plain(item) for item in got], expected)

    def api(self, operation, request):
        return json.loads(self.rows("SELECT dynamo_api(?, ?)", (operation, json.dumps(request)))[0][0])

    def plain(self, item):
        value = lambda name, kind: item[name][kind] if name in item else None
        b = value("b", "N")
        return (item["p"]["S"], int(item["s"]["N"]), value("a", "S"),
                None if b is None else int(b), item["text"]["S"])

    def read(self):
        reads = (self.read_item, self.read_query, self.read_scan, self.read_local, self.read_global,
                 self.read_api)
        self.db = self.pick.choice(self.all)
        is_strong = self.pick.random() < 0.2
        self.pick.choice(reads)("strong" if is_strong else "", is_strong)

    # ------------------------------------------------------------- all of it --

    def step(self):
        roll = self.pick.random()
        if roll < 0.3:
            if self.writer is None:
                self.db = self.pick.choice(self.all)
            self.write()
        elif roll < 0.4:
            self.change_transaction()
        elif roll < 0.5:
            self.move_clock(self.pick.choice((1, 1, 2, 3, 50, 1000)))
        elif roll < 0.505:
            self.change_delays()
        else:
            self.read()

    def end(self):
        if self.writer is not None:
            self.db = self.writer
            self.rows("ROLLBACK")
            self.model.cut(self.committed)
        self.compare("dynamo_check", self.rows("SELECT dynamo_check('t')"), [("ok",)])
        split = self.rows("SELECT count(*) FROM t_partitions")[0][0]
        print(f"{len(self.model.changes)} changes, {sum(self.served.values())} reads of copies, "
              f"{self.stale} of them stale, {split} partitions")
        if min(self.served.values()) < 20 or self.stale < 20 or len(self.served) < 3:
            sys.exit(f"too little was read: {self.served}")


parser = argparse.ArgumentParser()
parser.add_argument("dynamo")
parser.add_argument("--count", type=int, default=4000)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
test = Test(options.dynamo, options.seed)
for _ in range(options.count):
    test.step()
test.end()
