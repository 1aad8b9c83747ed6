#!/usr/bin/env python3
"""Compare dynamo_cost() and dynamo_capacity with docs/semantics.md 1 to 3, computed here.

usage: units.py PATH_TO_DYNAMO [--count=3000] [--seed=1]

First the numbers that the guide of the service and docs/semantics.md give, then random
statements on random items. Exits 1 at the first other number.
"""
import argparse
import base64
import decimal
import json
import random
import sqlite3
import sys
from decimal import Decimal

decimal.getcontext().prec = 300
KB = 1024
PAGE_BYTES = 1024 * 1024
CLOCK = "2026-01-01 00:00:00"


# --- docs/semantics.md 1 to 3

def number_bytes(number):
    """1 + ceil(I/2) + ceil(F/2) + 1 if negative; of the significant digits."""
    text = format(abs(Decimal(str(number))), "f")
    whole, _, fraction = text.partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    if not whole:
        fraction = fraction.lstrip("0")
    if not fraction:
        whole = whole.rstrip("0")
    return 1 + -(-len(whole) // 2) + -(-len(fraction) // 2) + (number < 0)


def value_bytes(value):
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, (bytes, bytearray)):
        return len(value)
    if isinstance(value, (int, float, Decimal)):
        return number_bytes(value)
    if isinstance(value, frozenset):
        return sum(value_bytes(member) for member in value)
    if isinstance(value, list):
        return 3 + sum(value_bytes(v) + 1 for v in value)
    return 3 + sum(len(k.encode()) + value_bytes(v) + 1 for k, v in value.items())


def item_bytes(item):
    return sum(len(k.encode()) + value_bytes(v) for k, v in item.items())


def read_units(size, strong=False):
    units = max(-(-size // (4 * KB)), 1)
    return units if strong else units / 2


def write_units(old, new):
    return max(-(-max(old, new) // KB), 1)


def query_units(sizes, strong=False):
    """Of the items evaluated, in pages of 1 MB: a page ends with the item that
    fills it."""
    total = page = 0
    paged = False
    for size in sizes:
        page += size
        if page >= PAGE_BYTES:
            total, page, paged = total + read_units(page, strong), 0, True
    if page > 0 or not paged:
        total += read_units(page, strong)
    return total


# --- statements and what they cost

class Bench:
    def __init__(self, dynamo):
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.enable_load_extension(True)
        self.db.load_extension(dynamo)
        self.db.execute(f"SELECT dynamo_clock('{CLOCK}')").fetchall()
        self.total = {}  # table -> [read, write], as dynamo_capacity should say

    def table(self, name, columns):
        self.db.execute(f"CREATE VIRTUAL TABLE {name} USING dynamo({columns})")
        self.total[name] = [0, 0]

    def expect(self, reads, writes, sql, parameters=(), table="t", fails=False):
        """Run a statement; its cost has to be this, and all of it of a table."""
        try:
            rows = self.db.execute(sql, parameters).fetchall()
            if fails:
                sys.exit(f"FAIL: this should have failed: {sql}")
        except sqlite3.IntegrityError:
            if not fails:
                raise
            rows = None
        cost = json.loads(self.db.execute("SELECT dynamo_cost()").fetchone()[0])
        wanted = {"read_units": reads, "write_units": writes,
                  "tables": [{"table": table, "read_units": reads,
                              "write_units": writes}]}
        if cost != wanted:
            shown = [str(p)[:80] for p in parameters]
            sys.exit(f"FAIL: {sql}  {shown}\n  cost   {cost}\n  wanted {wanted}")
        self.total[table][0] += reads
        self.total[table][1] += writes
        return rows

    def check_capacity(self):
        for name, (reads, writes) in self.total.items():
            rows = self.db.execute(
                "SELECT minute, sum(read_units), sum(write_units) FROM "
                f"dynamo_capacity('{name}') GROUP BY 1").fetchall()
            wanted = [(CLOCK[:16], reads, writes)] if reads or writes else []
            if rows != wanted:
                sys.exit(f"FAIL: dynamo_capacity('{name}') is {rows}, and should "
                         f"be {wanted}")


def filled(item, size):
    """The item, with an attribute f that brings it to a size in bytes."""
    room = size - item_bytes(item) - 1
    assert room >= 0
    return {**item, "f": "x" * room}


def typed(value):
    """Plain JSON, with sets and binary as DynamoDB writes them."""
    if isinstance(value, frozenset):
        kind = "NS" if all(isinstance(v, int) for v in value) else "SS"
        return {kind: sorted(map(str, value))}
    if isinstance(value, bytes):
        return {"B": base64.b64encode(value).decode()}
    if isinstance(value, list):
        return [typed(v) for v in value]
    if isinstance(value, dict):
        return {k: typed(v) for k, v in value.items()}
    return value


def check_sizes(bench):
    vectors = [(0, 1), (1, 2), (12, 2), (123, 3), (1010, 3), (123456, 4),
               (int("1" * 38), 20), (100, 2), ("1E125", 2), ("1.5", 3),
               ("3.14159", 5), ("100.5", 4), ("0.15", 2), (-42, 3), (-12345, 5)]
    for number, size in vectors:
        number = Decimal(number)
        assert number_bytes(number) == size, (number, number_bytes(number))
        text = '{"n":{"N":"%s"}}' % number
        got, = bench.db.execute("SELECT dynamo_item_size(?)", [text]).fetchone()
        if got != size + 1:
            sys.exit(f"FAIL: the size of {number} is {got - 1}, should be {size}")
    text = '{"shirt-color":{"S":"R"},"shirt-size":{"S":"M"}}'
    got, = bench.db.execute("SELECT dynamo_item_size(?)", [text]).fetchone()
    assert got == 23, got


def check_examples(bench):
    """What docs/semantics.md 2 and 3 say in numbers."""
    bench.table("e", "pk TEXT PARTITION KEY, sk NUMBER SORT KEY, f TEXT")

    def put(pk, sk, size):
        item = filled({"pk": pk, "sk": sk}, size)
        bench.expect(0, write_units(0, size), "INSERT INTO e(item) VALUES(?)",
                     [json.dumps(item)], "e")

    def ask(reads, text, parameters=(), mode=""):
        bench.expect(reads, 0, f"SELECT * FROM e{mode} WHERE {text}", parameters,
                     "e")

    # GetItem 3.5 KB → 1, 10 KB → 3; a missing item the minimum
    put("get", 1, 3584)
    put("get", 2, 10240)
    put("get", 3, 4096)
    put("get", 4, 4097)
    for sk, units in ((1, 1), (2, 3), (3, 1), (4, 2), (5, 1)):
        ask(units, "pk = 'get' AND sk = ?", [sk], "('strong')")
        ask(units / 2, "pk = 'get' AND sk = ?", [sk])
    # a Query of 10 items, 40.8 KB → 11 strong, 5.5 eventual
    for sk in range(10):
        put("ten", sk, 4178)
    ask(11, "pk = 'ten'", (), "('strong')")
    ask(5.5, "pk = 'ten'")
    ask(5.5, "pk = 'ten' AND f = 'no such'")  # filtered, and paid
    ask(5.5, "pk = 'ten' ORDER BY f LIMIT 1")  # sorted by SQLite
    ask(1, "pk = 'ten' LIMIT 1")
    ask(1.5, "pk = 'ten' ORDER BY sk DESC LIMIT 1 OFFSET 1")
    # 1500 × 64 B → 24 strong, 12 eventual
    bench.db.execute("BEGIN")
    for sk in range(1500):
        put("many", sk, 64)
    bench.db.execute("COMMIT")
    ask(24, "pk = 'many'", (), "('strong')")
    ask(12, "pk = 'many'")
    # 80 KB eventual → 10
    for sk in range(20):
        put("eighty", sk, 4096)
    ask(10, "pk = 'eighty'")
    # nothing found
    ask(0.5, "pk = 'nobody'")
    ask(1, "pk = 'nobody' AND sk > 3", (), "('strong')")
    # over 1 MB: rounded once a page
    for sk in range(7):
        put("pages", sk, 300001)
    sizes = [300001] * 7
    ask(query_units(sizes), "pk = 'pages'")
    ask(query_units(sizes, True), "pk = 'pages'", (), "('strong')")
    ask(query_units(sizes[:4]), "pk = 'pages' ORDER BY sk LIMIT 4")
    ask(query_units(sizes[:5]), "pk = 'pages' ORDER BY sk DESC LIMIT 5")
    # a page of exactly 1 MB
    for sk in range(4):
        put("exact", sk, PAGE_BYTES // 4)
    ask(128, "pk = 'exact'")
    # deleting costs the old size, the lookup is part of it
    bench.expect(0, 10, "DELETE FROM e WHERE pk = 'get' AND sk = 2", (), "e")
    # 400 KB
    put("large", 1, 409600)
    ask(50, "pk = 'large' AND sk = 1")
    bench.expect(0, 400, "DELETE FROM e WHERE pk = 'large' AND sk = 1", (), "e")


class Random:
    """Random statements on t, and their cost by the rules above."""

    def __init__(self, bench, rng):
        self.bench, self.rng, self.items = bench, rng, {}
        bench.table("t", "pk TEXT PARTITION KEY, sk NUMBER SORT KEY, a NUMBER, "
                    "body TEXT")

    def key(self, known=0.7):
        if self.items and self.rng.random() < known:
            return self.rng.choice(sorted(self.items))
        return self.rng.choice("abcé"), self.rng.randrange(-20, 40)

    def value(self, depth=0):
        rng = self.rng
        choices = [None, True, "", "é" * rng.randrange(5), rng.randrange(-10**6, 10**6),
                   float(rng.randrange(-999, 999)) / 8, b"\x00\xff", 10**30,
                   frozenset(rng.sample(range(-50, 5000), 3)),
                   frozenset(rng.sample(["a", "bb", "é", "日本", "x" * 30], 2))]
        if depth < 3:
            choices += [[self.value(depth + 1) for _ in range(rng.randrange(4))],
                        {"k" * rng.randrange(1, 4): self.value(depth + 1)}]
        return rng.choice(choices)

    def item(self, key):
        rng = self.rng
        item = {"pk": key[0], "sk": key[1]}
        for name in rng.sample(["v", "w", "long name", "ñ"], rng.randrange(4)):
            item[name] = self.value()
        if rng.random() < 0.6:
            # near the steps of 1 KB and 4 KB
            step = rng.choice([KB, 2 * KB, 4 * KB, 8 * KB, 20 * KB, 300 * KB
                               if rng.random() < 0.1 else KB])
            size = step + rng.choice([-1, 0, 1])
            if item_bytes(item) + 1 <= size:
                item = filled(item, size)
        return item

    def size(self, key):
        return item_bytes(self.items[key]) if key in self.items else 0

    def insert(self):
        key = self.key(0.4)
        item = self.item(key)
        way = self.rng.choice(["", "OR REPLACE", "OR IGNORE"])
        exists = key in self.items
        # failing and ignored ones are charged like the write
        self.bench.expect(
            0, write_units(self.size(key), item_bytes(item)),
            f"INSERT {way} INTO t(item) VALUES(?)",
            [json.dumps(typed(item), ensure_ascii=False)],
            fails=exists and way == "")
        if not exists or way == "OR REPLACE":
            self.items[key] = item

    def update(self):
        key = self.key(0.9)
        body = "y" * self.rng.choice([0, 10, 500, 1000, 1024, 5000])
        number = self.rng.choice([None, 1, -2.5, 1234567])
        sql = "UPDATE t SET body = ?, a = ? WHERE pk = ? AND sk = ?"
        if key not in self.items:  # the lookup finds nothing
            self.bench.expect(0.5, 0, sql, [body, number, *key])
            return
        old = self.size(key)
        item = {**self.items[key], "body": body}
        item.pop("a", None)
        if number is not None:
            item["a"] = number
        self.bench.expect(0, write_units(old, item_bytes(item)), sql,
                          [body, number, *key])
        self.items[key] = item

    def update_range(self):
        """A query that is paid, and the writes."""
        pk = self.key(0.9)[0]
        keys = [k for k in sorted(self.items) if k[0] == pk]
        writes = 0
        sizes = [self.size(k) for k in keys]
        for key in keys:
            item = {**self.items[key], "a": 77}
            writes += write_units(self.size(key), item_bytes(item))
            self.items[key] = item
        self.bench.expect(query_units(sizes), writes,
                          "UPDATE t SET a = 77 WHERE pk = ?", [pk])

    def delete(self):
        key = self.key(0.9)
        sql = "DELETE FROM t WHERE pk = ? AND sk = ?"
        if key in self.items:
            self.bench.expect(0, write_units(self.size(key), 0), sql, key)
            del self.items[key]
        else:
            self.bench.expect(0.5, 0, sql, key)

    def get(self):
        key = self.key()
        strong = self.rng.random() < 0.5
        rows = self.bench.expect(
            read_units(self.size(key), strong), 0,
            f"SELECT dynamo_item_size(item) FROM t{self.mode(strong)} "
            "WHERE pk = ? AND sk = ?", key)
        wanted = [(self.size(key),)] if key in self.items else []
        if rows != wanted:
            sys.exit(f"FAIL: the size of {key} is {rows}, should be {wanted}: "
                     f"{str(self.items.get(key))[:500]}")

    def mode(self, strong):
        return "('strong')" if strong else self.rng.choice(["", "('')"])

    def query(self):
        rng = self.rng
        strong = rng.random() < 0.5
        pk = self.key(0.9)[0]
        keys = [k for k in sorted(self.items) if k[0] == pk]
        text, parameters = "pk = ?", [pk]
        if rng.random() < 0.5:
            low, high = sorted([rng.randrange(-25, 45), rng.randrange(-25, 45)])
            text += " AND sk BETWEEN ? AND ?"
            parameters += [low, high]
            keys = [k for k in keys if low <= k[1] <= high]
        what = rng.choice(["*", "sk", "count(*)", "item", "max(a)"])
        if what in ("*", "sk", "item"):
            if rng.random() < 0.4:
                text += rng.choice([" AND a > 5", " AND body IS NULL",
                                    " AND body LIKE 'y%'"])
            elif rng.random() < 0.7:
                limit = rng.choice([1, 2, 5, 17, 100])
                offset = rng.choice([0, 0, 1, 3])
                down = rng.random() < 0.5
                text += f" ORDER BY sk{' DESC' if down else ''} LIMIT {limit}"
                text += f" OFFSET {offset}" if offset else ""
                keys = (keys[::-1] if down else keys)[:limit + offset]
        self.bench.expect(query_units([self.size(k) for k in keys], strong), 0,
                          f"SELECT {what} FROM t{self.mode(strong)} WHERE {text}",
                          parameters)

    def scan(self):
        strong = self.rng.random() < 0.5
        rows = self.bench.db.execute("SELECT pk, sk FROM t('scan')").fetchall()
        self.bench.total["t"][0] += query_units([self.size(k) for k in rows])
        self.bench.expect(
            query_units([self.size(k) for k in rows], strong), 0,
            f"SELECT * FROM t('scan{' strong' if strong else ''}')"
            + self.rng.choice(["", " WHERE a = 5", " ORDER BY a"]))

    def many(self):
        """Rows of one INSERT, up to the one that fails."""
        rows, writes, failed = [], 0, False
        after = dict(self.items)
        for _ in range(self.rng.randrange(2, 5)):
            key = self.key(0.15)
            item = self.item(key)
            rows.append(json.dumps(typed(item), ensure_ascii=False))
            if failed:
                continue
            old = item_bytes(after[key]) if key in after else 0
            writes += write_units(old, item_bytes(item))
            failed = key in after
            after.setdefault(key, item)
        marks = ",".join(["(?)"] * len(rows))
        self.bench.expect(0, writes, f"INSERT INTO t(item) VALUES{marks}", rows,
                          fails=failed)
        if not failed:
            self.items = after

    def step(self):
        steps = [(self.insert, 20), (self.update, 15), (self.update_range, 1),
                 (self.delete, 8), (self.get, 20), (self.query, 30),
                 (self.scan, 2), (self.many, 6)]
        self.rng.choices([s[0] for s in steps], [s[1] for s in steps])[0]()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dynamo")
    parser.add_argument("--count", type=int, default=3000, help="statements")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    bench = Bench(options.dynamo)
    check_sizes(bench)
    check_examples(bench)
    statements = Random(bench, random.Random(options.seed))
    for number in range(options.count):
        statements.step()
        if number % 100 == 0:
            bench.check_capacity()
    bench.check_capacity()
    print(f"units: the examples and {options.count} statements, seed "
          f"{options.seed}: {bench.total}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
