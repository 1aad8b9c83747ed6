#!/usr/bin/env python3
"""Caches of DAX do what a small model of DAX's rules does: over random reads,
writes through them and around them, by this and another connection, with
transactions, savepoints, rollbacks, a clock that moves, and changes of the
schema. The cost tells whether a cache has served a read: the model knows each
time. A cache that is small may have dropped what the model still has.

usage: dax.py DYNAMO.SO [--count N] [--seed N]
"""
import argparse
import copy
import os
import random
import sqlite3
import tempfile

PARTITIONS, SORTS = 4, 6
# name -> seconds an item lives, seconds a query lives, bytes, whether all fits
CACHES = {
    "long": (300, 300, 16_000_000, True),
    "short": (20, 50, 16_000_000, True),
    "small": (300, 300, 1500, False),
}


class Cache:
    """One DAX table."""

    def __init__(self, item_ttl, query_ttl, is_exact):
        self.ttl = {"item": item_ttl, "query": query_ttl}
        self.is_exact = is_exact
        self.entries = {"item": {}, "query": {}}
        self.is_writing = False
        self.written = {}

    def find(self, kind, key, now):
        """(value,) or None; what is too old, or of later, goes."""
        value, begin = self.entries[kind].get(key, (None, None))
        if begin is None:
            return None
        if begin <= now < begin + self.ttl[kind]:
            return (value,)
        del self.entries[kind][key]
        return None

    def add(self, kind, key, value, now):
        self.entries[kind][key] = (value, now)


class Model:
    """The table, the caches, and the transaction of one connection."""

    def __init__(self):
        self.items = {}
        self.caches = {name: Cache(item, query, exact)
                       for name, (item, query, _, exact) in CACHES.items()}
        self.is_open = False  # a transaction
        self.has_written = False  # to the file
        self.before = None
        self.savepoints = []
        self.now = 0

    # ---------------------------------------------------------- transactions

    def begin(self):
        self.is_open, self.before = True, dict(self.items)

    def end(self, is_committed):
        for cache in self.caches.values():
            if is_committed:
                for key, value in cache.written.items():
                    cache.add("item", key, value, self.now)
            cache.is_writing, cache.written = False, {}
        if not is_committed:
            self.items = self.before
        self.is_open = self.has_written = False
        self.savepoints = []

    def state(self):
        return dict(self.items), {n: dict(c.written) for n, c in self.caches.items()}

    def savepoint(self):
        self.savepoints.append(self.state())

    def rollback_to(self, number):
        items, written = copy.deepcopy(self.savepoints[number])
        del self.savepoints[number + 1:]
        self.items = items
        for name, cache in self.caches.items():
            cache.written = written[name]

    def release(self, number):
        del self.savepoints[number:]

    # ---------------------------------------------------------------- access

    def write(self, name, changes):
        """Changes are {key: value or None}; name is a cache, or None: around."""
        was_open = self.is_open
        if not was_open:
            self.begin()
        self.has_written = True
        for key, value in changes.items():
            self.items.pop(key, None)
            if value is not None:
                self.items[key] = value
        if name is not None:
            self.caches[name].is_writing = True
            self.caches[name].written.update(changes)
        if not was_open:
            self.end(True)

    def fail(self, name):
        """A write that is refused."""
        if self.is_open:
            self.has_written = True
            if name is not None:
                self.caches[name].is_writing = True

    def read(self, name, kind, key, is_strong, current, is_hit):
        """What a read gives, and whether that comes from the cache."""
        cache = self.caches[name]
        if is_strong or cache.is_writing:
            assert not is_hit, "a read that passes through is a hit"
            return current
        cached = cache.find(kind, key, self.now)
        if is_hit:
            assert cached is not None, "a hit of what is not there"
            return cached[0]
        assert cached is None or not cache.is_exact, "a miss of what is there"
        cache.entries[kind].pop(key, None)
        if not self.has_written:
            cache.add(kind, key, current, self.now)
        return current

    def rows(self, partition, is_down, limit):
        rows = sorted((s, v) for (p, s), v in self.items.items() if p == partition)
        return rows[::-1][:limit] if is_down else rows[:limit]


class Run:
    def __init__(self, so, path, rng):
        self.rng, self.model = rng, Model()
        self.db, self.other = self.connect(so, path), self.connect(so, path)
        self.db.execute("CREATE VIRTUAL TABLE t USING dynamo(p TEXT PARTITION KEY, "
                        "s NUMBER SORT KEY, v NUMBER)")
        for name, (item, query, size, _) in CACHES.items():
            self.db.execute(f"CREATE VIRTUAL TABLE temp.{name} USING dynamo_dax(t, "
                            f"item_ttl = {item}, query_ttl = {query}, bytes = {size})")
        self.has_index = self.has_table = False
        self.set_clock()

    @staticmethod
    def connect(so, path):
        db = sqlite3.connect(path, isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(so)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")
        return db

    def set_clock(self):
        self.db.execute("SELECT dynamo_clock(datetime(1767225600 + ?, 'unixepoch'))",
                        (self.model.now,)).fetchone()

    def key(self):
        return f"p{self.rng.randrange(PARTITIONS)}", self.rng.randrange(SORTS)

    def is_hit(self, units):
        """What the last statement has cost, and whether a cache has served it."""
        cost, = self.db.execute("SELECT dynamo_cost()").fetchone()
        read, = self.db.execute("SELECT ? ->> 'read_units'", (cost,)).fetchone()
        is_hit = "cache_hits" in cost
        assert read == (0 if is_hit else units), cost
        return is_hit

    # --------------------------------------------------------------- actions

    def get(self):
        name, key = self.rng.choice(list(CACHES)), self.key()
        is_strong = self.rng.random() < 0.1
        mode = "('strong')" if is_strong else ""
        found = self.db.execute(f"SELECT v FROM {name}{mode} WHERE p = ? AND s = ?",
                                key).fetchone()
        is_hit = self.is_hit(1 if is_strong else 0.5)
        expected = self.model.read(name, "item", key, is_strong,
                                   self.model.items.get(key), is_hit)
        assert (found and found[0]) == expected, (name, key, found, expected)

    def query(self):
        name = self.rng.choice(list(CACHES))
        partition = self.key()[0]
        is_down = self.rng.random() < 0.5
        limit = self.rng.choice((1, 3, 100))
        is_strong = self.rng.random() < 0.1
        mode = "('strong')" if is_strong else ""
        found = self.db.execute(
            f"SELECT s, v FROM {name}{mode} WHERE p = ? ORDER BY s "
            f"{'DESC' if is_down else ''} LIMIT {limit}", (partition,)).fetchall()
        is_hit = self.is_hit(1 if is_strong else 0.5)
        expected = self.model.read(name, "query", (partition, is_down, limit), is_strong,
                                   self.model.rows(partition, is_down, limit), is_hit)
        assert found == expected, (name, partition, found, expected)

    def write(self):
        name = self.rng.choice([None, None, *CACHES])
        table = name or "t"
        key, value = self.key(), self.rng.randrange(1000)
        items = self.model.items
        kind = self.rng.choice(("insert", "put", "put", "update", "delete", "several",
                                "condition", "bad"))
        where = f"WHERE p = '{key[0]}' AND s = {key[1]}"
        values = f"('{key[0]}', {key[1]}, {value})"
        if kind == "update":
            self.db.execute(f"UPDATE {table} SET v = v + 1 {where}")
            # an item that is not there is not written
            changes = {key: items[key] + 1} if key in items else {}
        elif kind == "delete":
            self.db.execute(f"DELETE FROM {table} {where}")
            changes = {key: None} if key in items else {}
        elif kind == "put":
            self.db.execute(f"INSERT OR REPLACE INTO {table} VALUES{values}")
            changes = {key: value}
        elif kind == "several":
            self.db.execute(f"UPDATE {table} SET v = v + 1 WHERE p = ?", (key[0],))
            changes = {k: v + 1 for k, v in items.items() if k[0] == key[0]}
        else:
            sql = {"insert": f"INSERT INTO {table} VALUES{values}",
                   "condition": f"INSERT OR REPLACE INTO {table}(p, s, v, condition) "
                                f"VALUES('{key[0]}', {key[1]}, {value}, 'v < 500')",
                   "bad": f"INSERT INTO {table} VALUES('new', 1, 1), ('{key[0]}', 'x', 1)",
                   }[kind]
            fits = {"insert": key not in items, "bad": False,
                    "condition": items.get(key, 1000) < 500}[kind]
            try:
                self.db.execute(sql)
                assert fits, sql
            except sqlite3.Error:
                assert not fits, sql
                self.model.fail(name)
                return
            changes = {key: value}
        self.model.write(name, changes)

    def write_elsewhere(self):
        """Of another connection, around all caches."""
        if self.model.is_open:
            return
        key, value = self.key(), self.rng.randrange(1000)
        self.other.execute("INSERT OR REPLACE INTO t VALUES(?, ?, ?)", (*key, value))
        self.model.items[key] = value

    def transaction(self):
        model, rng = self.model, self.rng
        if not model.is_open:
            self.db.execute("BEGIN")
            model.begin()
        elif rng.random() < 0.4:
            is_committed = rng.random() < 0.6
            self.db.execute("COMMIT" if is_committed else "ROLLBACK")
            model.end(is_committed)
        elif not model.savepoints or rng.random() < 0.4:
            self.db.execute(f"SAVEPOINT s{len(model.savepoints)}")
            model.savepoint()
        else:
            number = rng.randrange(len(model.savepoints))
            if rng.random() < 0.6:
                self.db.execute(f"ROLLBACK TO s{number}")
                model.rollback_to(number)
            else:
                self.db.execute(f"RELEASE s{number}")
                model.release(number)

    def pass_time(self):
        self.model.now += self.rng.choice((1, 1, 5, 19, 20, 49, 50, 299, 300, -10))
        self.model.now = max(self.model.now, 0)
        self.set_clock()

    def change_schema(self):
        """By the other connection: SQLite closes and opens all virtual tables."""
        if self.model.is_open:
            return
        if self.rng.random() < 0.5:
            self.other.execute("DROP TABLE extra" if self.has_table
                               else "CREATE TABLE extra(a)")
            self.has_table = not self.has_table
        else:
            change = "DROP INDEX by_v" if self.has_index else "ADD GLOBAL INDEX by_v (v)"
            self.other.execute("SELECT dynamo_alter('t', ?)", (change,)).fetchone()
            self.has_index = not self.has_index

    def step(self):
        actions = {self.get: 40, self.query: 20, self.write: 20, self.transaction: 12,
                   self.pass_time: 1, self.write_elsewhere: 6, self.change_schema: 1}
        self.rng.choices(list(actions), list(actions.values()))[0]()
        if self.rng.random() < 0.1:
            self.check_table()

    def check_table(self):
        """What is written is in the table, and nothing else is."""
        found = dict(((p, s), v) for p, s, v in
                     self.db.execute("SELECT p, s, v FROM t('scan')"))
        assert found == self.model.items

    def check_end(self):
        if self.model.is_open:
            self.db.execute("COMMIT")
            self.model.end(True)
        self.check_table()
        assert self.db.execute("SELECT dynamo_check('t')").fetchone() == ("ok",)
        counts = self.db.execute("SELECT sum(hits), sum(misses), sum(evictions), "
                                 "sum(expired) FROM dynamo_caches").fetchone()
        assert min(counts) > 0, counts
        return counts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("so")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rng = random.Random(arguments.seed)
        run = Run(arguments.so, os.path.join(folder, "dax.db"), rng)
        for number in range(arguments.count):
            try:
                run.step()
            except (AssertionError, sqlite3.Error) as error:
                raise SystemExit(f"seed {arguments.seed}, step {number}: {error!r}") from error
        hits, misses, evictions, expired = run.check_end()
        print(f"dax: {arguments.count} steps, {hits} hits, {misses} misses, "
              f"{evictions} evictions, {expired} expired")


main()
