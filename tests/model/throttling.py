"""Nothing is granted that the rules do not allow, and nothing is refused that they do.

Random statements, on several tables and through two connections, with a clock
that moves at random, splits, changed limits, rollbacks and reopened files. For
each of them the rules of docs/semantics.md 6 and 7 say here whether it is let
in, and for which reasons it is refused.

usage: throttling.py DYNAMO.SO [--count N] [--seed N] [--encoding E]
"""
import argparse
import collections
import copy
import json
import os
import random
import sqlite3
import tempfile

MILLI = 1000  # of a unit: a unit a second is one of these a millisecond
KB = 1024
WORD = 2**64
PARTITION = {"read": 3000, "write": 1000}
ON_DEMAND = {"read": 12000, "write": 4000}
SIZES = (0, 10, 900, 1500, 5000, 30000, 200000, 390000)
PAUSES_MS = (0, 0, 0, 1, 7, 40, 300, 1000, 4000, 20000, 400000)


# --- the rules, without a balance

class Limit:
    """Units a second, of which so many seconds are kept.

    In every window, what is granted is less than what is kept at its beginning
    and what is gained within it, before the last grant. So is what is granted
    ever, but that begins with what one second gives.
    """

    def __init__(self, units, seconds, now_ms):
        self.start = now_ms, units, seconds
        self.events = []  # (time, units granted in thousandths, None), or
        #                   (time, 0, (units, seconds) from then on)

    def left(self, now_ms):
        """The least that any window leaves, in thousandths of a unit."""
        changes = [(self.start[0], self.start[1:])]
        changes += [(at, rate) for at, _, rate in self.events if rate]
        units, seconds = changes.pop()[1]
        least = units * seconds * MILLI
        window = 0  # gained from where we are until now, less what was granted
        until_ms = now_ms
        for at, cost, rate in reversed(self.events):
            window += (until_ms - at) * units - cost
            until_ms = at
            least = min(least, units * seconds * MILLI + window)
            if rate:
                units, seconds = changes.pop()[1]
                least = min(least, units * seconds * MILLI + window)
        begin_ms, units, _ = self.start
        window += (until_ms - begin_ms) * units
        return min(least, units * MILLI + window)

    def grant(self, now_ms, units):
        self.events.append((now_ms, int(units * MILLI), None))

    def change(self, now_ms, units, seconds):
        self.events.append((now_ms, 0, (units, seconds)))


class Tree:
    """A table or a global index: its limits, and those of its partitions."""

    def __init__(self, name, lows, now_ms):
        self.name = name  # "" is the table
        self.limits = {}  # (direction, reason)
        self.partitions = {}
        self.begin_partitions(lows, now_ms)

    def begin_partitions(self, lows, now_ms):
        self.partitions = {
            low: {d: Limit(PARTITION[d], 1, now_ms) for d in PARTITION}
            for low in lows}

    def partition_of(self, value):
        return max(low for low in self.partitions if low <= hash_of(value))

    def split(self, lows):
        """A partition that is new has gone through what its parent has."""
        for low in lows:
            if low not in self.partitions:
                parent = max(p for p in self.partitions if p < low)
                self.partitions[low] = copy.deepcopy(self.partitions[parent])
        assert set(lows) == set(self.partitions), "partitions never merge"


def hash_of(text):
    """XXH3-64 of a partition key of 2 to 6 bytes behind its length
    (docs/format.md)."""
    data = len(text).to_bytes(2, "big") + text.encode()
    assert 4 <= len(data) <= 8
    first = int.from_bytes(data[:4], "little")
    last = int.from_bytes(data[-4:], "little")
    h = (last + (first << 32)) ^ 0x1cad21f72c81017c ^ 0xdb979083e96dd4de
    h ^= (h << 49 | h >> 15) % WORD ^ (h << 24 | h >> 40) % WORD
    h = h * 0x9fb21c651e98df25 % WORD
    h ^= (h >> 35) + len(data)
    h = h * 0x9fb21c651e98df25 % WORD
    return h ^ h >> 28


# --- what an operation takes (docs/semantics.md 1 to 3)

def size_of(item):
    return sum(len(name) + len(value) for name, value in item.items())


def write_units(size):
    return max(-(-size // KB), 1)


def read_units(size, is_strong):
    return max(-(-size // (4 * KB)), 1) / (1 if is_strong else 2)


class Table:
    """What a table holds, what it may consume, and how it is declared."""

    def __init__(self, name, rng):
        self.name = name
        self.is_on_demand = rng.random() < 0.3
        self.indexes = {"g": "KEYS", "h": "ALL"} if rng.random() < 0.6 else {}
        self.units = {i: {d: self.random_units(rng) for d in PARTITION}
                      for i in ("", *self.indexes)}
        self.partition_bytes = rng.choice((None, None, 200000))
        self.items = {}
        self.trees = {}

    def random_units(self, rng):
        if self.is_on_demand:  # a maximum; none
            return rng.choice((0, 5, 300, 3000))
        return rng.choice((1, 5, 40, 700, 4000))

    def declaration(self):
        word, column = (" MAX", "max_") if self.is_on_demand else ("", "")
        parts = ["p TEXT PARTITION KEY", "g TEXT", "h TEXT", "v TEXT"]
        for index, projection in self.indexes.items():
            units = "".join(f"{word} {d.upper()} UNITS {n}" for d, n
                            in self.units[index].items() if n)
            parts.append(f"GLOBAL INDEX by_{index} ({index}) PROJECT "
                         f"{projection}{units}")
        parts += [f"{column}{d}_units = {n}" for d, n in self.units[""].items()
                  if n]
        parts.append("throttle = 'on'" if self.is_on_demand
                     else "billing = 'provisioned'")
        if self.partition_bytes:
            parts.append(f"partition_bytes = {self.partition_bytes}")
        return (f"CREATE VIRTUAL TABLE {self.name} USING dynamo("
                f"{', '.join(parts)})")

    def begin(self, lows, now_ms):
        for index, units in self.units.items():
            tree = self.trees[index] = Tree(index, lows[index], now_ms)
            for d in PARTITION:
                if not self.is_on_demand:
                    tree.limits[d, "ProvisionedThroughputExceeded"] = Limit(
                        units[d], 300, now_ms)
                    continue
                tree.limits[d, "AccountLimitExceeded"] = Limit(
                    ON_DEMAND[d], 1, now_ms)
                if units[d]:
                    tree.limits[d, "MaxOnDemandThroughputExceeded"] = Limit(
                        units[d], 1, now_ms)

    def entry(self, index, item):
        """The entry of an item in an index, or None."""
        if item is None or index not in item:
            return None
        return item if self.indexes[index] == "ALL" else {
            index: item[index], "p": item["p"]}

    def write(self, old, new):
        """The charges of a change: tree, partition key, units."""
        sizes = [size_of(item) for item in (old, new) if item]
        out = [("", (old or new)["p"], write_units(max(sizes)))]
        for index in self.indexes:
            before, after = self.entry(index, old), self.entry(index, new)
            if before == after:
                continue
            if before and after and before[index] == after[index]:
                out.append((index, after[index], write_units(
                    max(size_of(before), size_of(after)))))
                continue
            out += [(index, e[index], write_units(size_of(e)))
                    for e in (before, after) if e]
        return out


# --- both sides

class Bench:
    def __init__(self, options, rng):
        self.so, self.rng = options.so, rng
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "model.db")
        self.counts = collections.Counter()
        self.connections = []
        self.encoding = options.encoding
        self.now_ms = 0
        self.keeper = self.connect(":memory:")  # the clock goes with the last
        self.open()
        self.one("SELECT dynamo_clock('2026-01-01 00:00:00')")
        self.tables = [Table(f"t{i}", rng) for i in range(3)]
        for table in self.tables:
            self.connections[0].execute(table.declaration())
            table.begin(self.lows(table), self.now_ms)
            self.pause()

    def connect(self, path):
        db = sqlite3.connect(path, isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(self.so)
        return db

    def open(self):
        for _ in range(2):
            db = self.connect(self.path)
            db.execute(f"PRAGMA encoding = '{self.encoding}'")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = OFF")
            self.connections.append(db)

    def close(self):
        for db in self.connections:
            db.close()
        self.connections.clear()

    def one(self, sql, *parameters):
        return self.connections[0].execute(sql, parameters).fetchone()[0]

    def lows(self, table):
        """Where the partitions of each tree begin: read beside the table, which
        does not notice it."""
        out = collections.defaultdict(list)
        for tree, low in self.connections[0].execute(
                f"SELECT tree, hex(low) FROM {table.name}_partitions"):
            out[["", *table.indexes][tree]].append(int(low, 16))
        return out

    def follow_splits(self):
        for table in self.tables:
            for index, lows in self.lows(table).items():
                tree = table.trees[index]
                self.counts["splits"] += len(lows) - len(tree.partitions)
                tree.split(lows)

    # --- one statement

    def reasons(self, table, direction, charges):
        """Why the rules refuse this; none: they grant it."""
        out = set()
        for index, key, _ in charges:
            tree = table.trees[index]
            kind = ("Index" if index else "Table") + direction.capitalize()
            for (d, reason), limit in tree.limits.items():
                if d == direction and limit.left(self.now_ms) <= 0:
                    out.add((index, kind + reason))
            partition = tree.partitions[tree.partition_of(key)][direction]
            if partition.left(self.now_ms) <= 0:
                out.add((index, kind + "KeyRangeThroughputExceeded"))
        return out

    def pay(self, table, direction, charges):
        for index, key, units in charges:
            tree = table.trees[index]
            for (d, _), limit in tree.limits.items():
                if d == direction:
                    limit.grant(self.now_ms, units)
            tree.partitions[tree.partition_of(key)][direction].grant(
                self.now_ms, units)

    def ask(self, db, table, direction, charges, sql, parameters):
        """Whether it is let in: both sides have to say the same."""
        wanted = self.reasons(table, direction, charges)
        try:
            rows = db.execute(sql, parameters).fetchall()
            got = set()
        except sqlite3.OperationalError as error:
            text = str(error)
            assert "ProvisionedThroughputExceededException: The lev" in text, text
            got = {(r["resource"].partition("/index/by_")[2], r["reason"]) for r
                   in json.loads(text.split("\n")[1])["ThrottlingReasons"]}
        assert got == wanted, (
            f"{table.declaration()}\n{sql} {str(parameters)[:200]}\nat "
            f"{self.now_ms} ms: {charges}\nrefused: {got}\nby the rules: {wanted}")
        for _, reason in got:
            self.counts[reason] += 1
        if got:
            return None
        self.counts[direction] += 1
        self.pay(table, direction, charges)
        return rows

    def put(self, db, table):
        rng = self.rng
        key = f"k{rng.randrange(30)}"
        item = {"p": key, "v": "x" * rng.choice(SIZES)}
        item |= {i: f"{i}{rng.randrange(4)}" for i in "gh" if rng.random() < 0.7}
        charges = table.write(table.items.get(key), item)
        if self.ask(db, table, "write", charges, f"INSERT OR REPLACE INTO "
                    f"{table.name} VALUES(?, ?, ?, ?)",
                    [item.get(i) for i in "pghv"]) is not None:
            table.items[key] = item

    def delete(self, db, table):
        key = f"k{self.rng.randrange(30)}"
        old = table.items.get(key)
        charges = table.write(old, None) if old else [("", key, 1)]
        if self.ask(db, table, "write", charges,
                    "SELECT dynamo_api('DeleteItem', ?)", [json.dumps(
                        {"TableName": table.name, "Key": {"p": {"S": key}}})]):
            table.items.pop(key, None)

    def get(self, db, table):
        key = f"k{self.rng.randrange(30)}"
        is_strong = self.rng.random() < 0.5
        item = table.items.get(key)
        units = read_units(size_of(item) if item else 0, is_strong)
        rows = self.ask(db, table, "read", [("", key, units)],
                        f"SELECT p, g, h, v FROM {table.name}"
                        f"{'(?2)' if is_strong else ''} WHERE p = ?1",
                        [key, "strong"][:1 + is_strong])
        assert rows is None or rows == [tuple(map(item.get, "pghv"))
                                        for _ in range(item is not None)]

    def query(self, db, table):
        if not table.indexes:
            return
        index = self.rng.choice(list(table.indexes))
        value = f"{index}{self.rng.randrange(4)}"
        sizes = [size_of(table.entry(index, item)) for item in
                 table.items.values() if item.get(index) == value]
        if sum(sizes) >= KB * KB:
            return  # another page asks again
        rows = self.ask(db, table, "read", [
            (index, value, read_units(sum(sizes), False))],
            f"SELECT p FROM {table.name}('index by_{index}') WHERE {index} = ?",
            [value])
        assert rows is None or len(rows) == len(sizes)

    def statement(self, db):
        table = self.rng.choice(self.tables)
        self.rng.choice((self.put, self.put, self.put, self.delete, self.get,
                         self.get, self.query))(db, table)

    # --- what happens between statements

    def pause(self):
        ms = self.rng.choice(PAUSES_MS)
        self.now_ms += ms
        self.one(f"SELECT dynamo_clock('+{ms / 1000:.3f} seconds')")

    def transaction(self):
        """Several statements, kept or not. The units are consumed all the same."""
        db = self.rng.choice(self.connections)
        before = [dict(table.items) for table in self.tables]
        db.execute("BEGIN")
        for _ in range(self.rng.randrange(1, 8)):
            self.statement(db)
            if self.rng.random() < 0.2:
                self.pause()
        if self.rng.random() < 0.5:
            db.execute("COMMIT")
            return
        db.execute("ROLLBACK")
        self.counts["rollbacks"] += 1
        for table, items in zip(self.tables, before):
            table.items = items

    def alter(self):
        table = self.rng.choice(self.tables)
        index = self.rng.choice(("", *table.indexes))
        word, column = (" MAX", "max_") if table.is_on_demand else ("", "")
        units = table.units[index]
        if not all(units.values()):
            return  # a maximum that is new is another matter
        raised = {d: min(n * self.rng.choice((1, 2, 3)), 20000)
                  for d, n in units.items()}
        if raised == units:
            return
        text = ", ".join(f"{column}{d}_units = {n}" for d, n in raised.items())
        if index:
            text = f"INDEX by_{index}" + "".join(
                f"{word} {d.upper()} UNITS {n}" for d, n in raised.items())
        self.rng.choice(self.connections).execute(
            "SELECT dynamo_alter(?, ?)", (table.name, text)).fetchall()
        self.counts["changes"] += 1
        table.units[index] = raised
        reason, seconds = (("MaxOnDemandThroughputExceeded", 1) if
                           table.is_on_demand else
                           ("ProvisionedThroughputExceeded", 300))
        for d, n in raised.items():
            table.trees[index].limits[d, reason].change(self.now_ms, n, seconds)

    def reopen(self):
        """What was only read is forgotten, unless it is written before. A
        partition keeps one second's worth, and begins with it."""
        if self.rng.random() < 0.5:
            self.pause()
        self.one("SELECT dynamo_maintain()")
        self.follow_splits()
        self.close()
        self.open()
        self.counts["reopenings"] += 1
        for table in self.tables:
            for tree in table.trees.values():
                tree.begin_partitions(tree.partitions, self.now_ms)

    def run(self, count):
        steps = ((self.pause, 30), (self.transaction, 8), (self.alter, 1),
                 (self.reopen, 1),
                 (lambda: self.one("SELECT dynamo_maintain()"), 1),
                 (lambda: self.statement(self.rng.choice(self.connections)), 60))
        actions, weights = zip(*steps)
        for _ in range(count):
            self.rng.choices(actions, weights)[0]()
            self.follow_splits()
        for table in self.tables:
            assert self.one("SELECT dynamo_check(?)", table.name) == "ok"
        self.close()
        self.keeper.close()
        self.folder.cleanup()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("so")
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--encoding", default="UTF-8")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    counts = collections.Counter()
    for _ in range(0, options.count, 500):
        bench = Bench(options, rng)
        bench.run(500)
        counts += bench.counts
    print(f"throttling: seed {options.seed}, "
          + ", ".join(f"{n} {name}" for name, n in sorted(counts.items())))


if __name__ == "__main__":
    main()
