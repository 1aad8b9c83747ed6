#!/usr/bin/env python3
"""Time to live beside a model: random writes, steps of the clock, sweeps.

usage: time_to_live.py PATH_TO_DYNAMO [--count N] [--seed S]

Several connections write to one table, in transactions that are committed or
rolled back, whole or to a savepoint. The clock moves, time to live is turned on
and off and to another attribute, connections are closed and opened. Claims:
 - an item that is gone without a DELETE was to be swept, and the ones that are
   still to be swept are no earlier;
 - what is there is what was written, in the table and in its indexes;
 - a read in mode live shows what is there and has not expired;
 - after dynamo_maintain() nothing is to be swept; the sweep is charged nothing;
 - dynamo_check() says ok.
Exits 1 at the first difference.
"""
import argparse
import json
import os
import random
import sqlite3
import sys
import tempfile

YEARS = 5 * 365 * 86400
START = 1767225600
NAMES = ("at", "until")


class Table:
    """What is committed, and the time."""

    def __init__(self):
        self.items = {}
        self.option = "at"
        self.delay = 0
        self.now = START

    def is_over(self, item, delay=0):
        """Whether an item has expired, delay seconds ago."""
        value = item.get(self.option)
        if self.option is None or not isinstance(value, (int, float)):
            return False
        return value // 1 < self.now - delay and value // 1 > self.now - YEARS


class Test:
    def __init__(self, dynamo, seed):
        self.dynamo = dynamo
        self.pick = random.Random(seed)
        self.directory = tempfile.TemporaryDirectory()
        self.file = os.path.join(self.directory.name, "t.db")
        self.model = Table()
        self.swept = 0
        self.sorted = 0
        self.at = 0
        self.all = [self.open() for _ in range(3)]
        self.run("PRAGMA journal_mode = WAL")
        self.run("CREATE VIRTUAL TABLE t USING dynamo(pk NUMBER PARTITION KEY, sk "
                 "NUMBER SORT KEY, at NUMBER, v TEXT, LOCAL INDEX near (at), GLOBAL "
                 "INDEX by_v (v) PROJECT (at, until), partition_bytes = 2000, "
                 "ttl = 'at')")
        self.move_clock(0)

    def open(self):
        db = sqlite3.connect(self.file, isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(self.dynamo)
        return db

    @property
    def db(self):
        """Mostly that of the statement before."""
        if self.pick.random() < 0.05:
            self.at = self.pick.randrange(len(self.all))
        return self.all[self.at]

    def run(self, sql, values=(), db=None):
        return (db or self.db).execute(sql, values).fetchall()

    def move_clock(self, seconds):
        self.model.now += seconds
        self.run("SELECT dynamo_clock(datetime(?, 'unixepoch'))", (self.model.now,))

    # ---------------------------------------------------------------- writing

    def time(self):
        now, r = self.model.now, self.pick
        return r.choice((None, now + r.randrange(-20, 60), now + r.randrange(2000),
                         now + 0.5, now - YEARS + r.randrange(-5, 30), 0, 1e17,
                         now + r.randrange(-300, 300), now + r.randrange(300)))

    def item(self):
        r = self.pick
        item = {"pk": r.randrange(40), "sk": r.randrange(3), "v": "v%d" % r.randrange(4),
                "t": "x" * r.choice((0, 5, 50, 1500))}
        for name in NAMES:
            value = self.time()
            if value is not None:
                item[name] = value
        if r.random() < 0.05:
            item["until"] = "never"
        return item

    def write(self, db, items):
        """One write of an item; items is what the transaction sees."""
        r = self.pick
        item = self.item()
        key = item["pk"], item["sk"]
        kind = r.random()
        if kind < 0.6:
            self.run("INSERT OR REPLACE INTO t(item) VALUES(?)", (json.dumps(item),), db)
            items[key] = item
        elif kind < 0.8:
            self.run("DELETE FROM t WHERE pk = ? AND sk = ?", key, db)
            items.pop(key, None)
        else:
            value = item.get("at")
            self.run("UPDATE t SET at = ? WHERE pk = ? AND sk = ?", (value, *key), db)
            if key in items:
                items[key] = {n: v for n, v in items[key].items() if n != "at"}
                if value is not None:
                    items[key]["at"] = value

    def transaction(self):
        r = self.pick
        db = self.db
        self.run("BEGIN IMMEDIATE", db=db)
        self.settle(db)
        items = dict(self.model.items)
        for _ in range(r.randrange(1, 6)):
            self.write(db, items)
        if r.random() < 0.3:
            self.run("SAVEPOINT s", db=db)
            inner = dict(items)
            for _ in range(r.randrange(1, 4)):
                self.write(db, inner)
            if r.random() < 0.5:
                self.run("ROLLBACK TO s", db=db)
            else:
                items = inner
            self.run("RELEASE s", db=db)
        if r.random() < 0.3:
            self.run("ROLLBACK", db=db)
        else:
            self.run("COMMIT", db=db)
            self.model.items = items

    def write_many(self):
        """So many that it takes several steps to sweep them."""
        second = self.model.now + self.pick.randrange(5, 400)
        db = self.db
        self.run("BEGIN IMMEDIATE", db=db)
        self.settle(db)
        for i in range(self.pick.randrange(20, 150)):
            item = {"pk": 100 + i, "sk": 0, "v": "v0", "at": second + i % 90, "until": second}
            self.run("INSERT OR REPLACE INTO t(item) VALUES(?)", (json.dumps(item),), db)
            self.model.items[100 + i, 0] = item
        self.run("COMMIT", db=db)

    def alter(self):
        r, model = self.pick, self.model
        self.settle(None)
        if r.random() < 0.4 and model.option is not None:
            model.delay = r.choice((0, 0, 30, 500))
            self.run(f"SELECT dynamo_alter('t', 'ttl_delay = {model.delay or 'NULL'}')")
            return
        model.option = r.choice((None, *NAMES))
        if model.option is None:
            model.delay = 0
        text = "NULL" if model.option is None else f"''{model.option}''"
        self.run(f"SELECT dynamo_alter('t', 'ttl = {text}')")

    def reopen(self):
        at = self.pick.randrange(len(self.all))
        self.all[at].close()
        self.all[at] = self.open()

    def maintain(self):
        self.run("SELECT dynamo_maintain()")  # units of reads
        self.settle(None)
        units = self.run("SELECT sum(write_units) FROM dynamo_capacity('t')")
        while self.run("SELECT dynamo_maintain()") != [(0,)]:
            pass
        after = self.run("SELECT sum(write_units) FROM dynamo_capacity('t')")
        assert after <= units, f"{after} units, and before the sweep {units}"  # old ones are pruned
        self.settle(None)
        left = [i for i in self.model.items.values() if self.model.is_over(i, self.model.delay)]
        assert not left, f"not swept: {left}"

    # --------------------------------------------------------------- checking

    def read(self, source, db=None):
        rows = self.run(f"SELECT pk, sk, item FROM {source}", db=db)
        return {(pk, sk): json.loads(item) for pk, sk, item in rows}

    def settle(self, db):
        """What the sweep has taken is taken from the model."""
        model = self.model
        there = self.read("t('scan')", db)
        gone = {k: i for k, i in model.items.items() if k not in there}
        for key, item in gone.items():
            assert model.is_over(item, model.delay), f"gone: {key} {item} at {model.now}"
            del model.items[key]
        self.swept += len(gone)
        assert there == model.items, f"{there}\nnot {model.items}"
        filling = self.run("SELECT position IS NOT NULL OR declaration <> 'TTL' FROM t_indexes "
                           "WHERE tree = 31", db=db)
        left = [i[model.option] // 1 for i in there.values() if model.is_over(i, model.delay)]
        if gone and left and filling == [(0,)] and self.is_calm:
            last = max(i[model.option] // 1 for i in gone.values())
            assert last <= min(left), f"swept {last} before {min(left)}"
            self.sorted += 1

    def check(self):
        # an item that is written late may be earlier than what is swept
        self.settle(None)
        items = self.model.items
        for v in ("v0", "v1", "v2", "v3"):
            rows = self.run("SELECT pk, sk, at FROM t WHERE v = ? ORDER BY pk, sk", (v,))
            wanted = sorted((*k, i.get("at")) for k, i in items.items() if i["v"] == v)
            assert rows == wanted, f"{rows}\nnot {wanted}"
        live = {k: i for k, i in items.items() if not self.model.is_over(i)}
        assert self.read("t('scan live')") == live, "scan live"
        pk = self.pick.randrange(40)
        there = {k: i for k, i in live.items() if k[0] == pk}
        assert self.read(f"t('live strong') WHERE pk = {pk}") == there, f"live {pk}"
        assert self.read(f"t('live') WHERE pk = {pk} AND sk = 1") == {
            k: i for k, i in there.items() if k[1] == 1}, f"live {pk} 1"
        near = self.read(f"t('live index near') WHERE pk = {pk} AND at > 0")
        assert near == {k: i for k, i in there.items() if i.get("at", 0) > 0}, f"near {pk}"
        report = self.run("SELECT dynamo_check('t')")
        assert report == [("ok",)], report[0][0]

    def step(self):
        r = self.pick.random()
        self.is_calm = False
        if r < 0.45:
            self.transaction()
        elif r < 0.6:
            self.write_one()
        elif r < 0.63:
            self.write_many()
        elif r < 0.78:
            self.is_calm = True
            self.sweep_some()
        elif r < 0.88:
            self.check()
        elif r < 0.92:
            self.maintain()
        elif r < 0.95:
            self.alter()
        elif r < 0.96:
            self.settle(None)
            self.move_clock(self.pick.choice((86400, 30 * 86400, 2 * YEARS)))
        else:
            self.reopen()

    def write_one(self):
        db = self.db
        self.settle(db)
        self.write(db, self.model.items)

    def sweep_some(self):
        """The clock goes on, and commits of others take steps of the sweep."""
        self.settle(None)
        self.move_clock(self.pick.choice((0, 1, 10, 100, 300)))
        for _ in range(self.pick.randrange(1, 4)):
            self.run("DELETE FROM t WHERE pk = -1 AND sk = 0")
            self.settle(None)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("dynamo")
    options.add_argument("--count", type=int, default=1500)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    test = Test(options.dynamo, options.seed)
    for number in range(options.count):
        try:
            test.step()
        except (AssertionError, sqlite3.Error) as problem:
            print(f"time_to_live: seed {options.seed}, step {number}: {problem}")
            return 1
    test.maintain()
    test.check()
    print(f"time_to_live: {options.count} steps, seed {options.seed}: {test.swept} items swept, "
          f"{test.sorted} times with others left")
    return 0


sys.exit(main())
