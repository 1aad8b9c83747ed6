#!/usr/bin/env python3
"""What writes and reads of indexes cost, row by row of DynamoDB's table.

usage: index_units.py PATH_TO_DYNAMO

Each case is a write of an item before and after, with entries of sizes on both
sides of each KB, and what the table, a local and a global index are to be
charged for it, computed here by the rules alone; then reads of indexes with
pages on both sides of each 4 KB. Exits 1 at the first difference.
"""
import argparse
import json
import sqlite3
import sys

# Sizes of entries: below, at and above each unit.
SIZES = [200, 1023, 1024, 1025, 2047, 2048, 2049, 5000]


def size_of(item):
    """DynamoDB's size of an item of texts."""
    return sum(len(name) + len(value) for name, value in item.items())


def units(size):
    return max(1, -(-size // 1024))


def entry(item, key, project):
    """What an index has of an item, or None."""
    if item is None or key not in item:
        return None
    if project is None:
        return item
    return {n: v for n, v in item.items() if n in project}


def index_units(before, after, key):
    """The table of index writes in docs/semantics.md 3."""
    if before is None and after is None:
        return 0
    if before is None:
        return units(size_of(after))
    if after is None:
        return units(size_of(before))
    if before[key] != after[key]:
        return units(size_of(before)) + units(size_of(after))
    if before == after:
        return 0
    return max(units(size_of(before)), units(size_of(after)))


INDEXES = {  # name: (key, what is projected; None: all)
    "every": ("g", None),
    "keys": ("g", {"pk", "sk", "g"}),
    "list": ("g", {"pk", "sk", "g", "a"}),
    "near": ("l", {"pk", "sk", "l", "a"}),
}


def create(db):
    db.execute("""CREATE VIRTUAL TABLE t USING dynamo(
        pk TEXT PARTITION KEY, sk TEXT SORT KEY, g TEXT, l TEXT, a TEXT, b TEXT,
        LOCAL INDEX near (l) PROJECT (a), GLOBAL INDEX every (g),
        GLOBAL INDEX keys (g) PROJECT KEYS, GLOBAL INDEX list (g) PROJECT (a))""")


def cost(db):
    lines = json.loads(db.execute("SELECT dynamo_cost()").fetchone()[0])
    return {line.get("index", "t"): (line["read_units"], line["write_units"])
            for line in lines["tables"]}


def make(size, key, sort, **more):
    """An item of that size, filled up in a."""
    item = {"pk": "p", "sk": "s", **more}
    if key:
        item["g"] = key
    if sort:
        item["l"] = sort
    item["a"] = ""
    item["a"] = "x" * max(1, size - size_of(item))
    return item


def write_cases():
    """Items before and after a write."""
    for size in SIZES:
        for other in (size, 300, 1500, 4000):
            one = make(size, "g1", "l1")
            yield None, one
            yield one, None
            yield one, one
            yield one, make(other, "g1", "l1")
            yield one, make(other, "g2", "l1")
            yield one, make(other, "g1", "l2")
            yield one, make(other, "g2", "l2")
            yield one, make(other, None, None)
            yield make(other, None, None), one
            yield make(other, None, None), make(size, None, None)
            # only an attribute that some do not project
            yield one, {**one, "b": "y" * 10}
            yield one, {**one, "b": "y" * other}
    yield None, None


def check_write(db, before, after):
    key = "pk = 'p' AND sk = 's'"
    db.execute(f"DELETE FROM t WHERE {key}")
    if before is not None:
        db.execute("INSERT INTO t(item) VALUES(?)", [json.dumps(before)])
    if after is None:
        db.execute(f"DELETE FROM t WHERE {key}")
        if before is None:  # the lookup that found nothing
            return cost(db) == {"t": (0.5, 0)}, cost(db)
    else:
        db.execute("INSERT OR REPLACE INTO t(item) VALUES(?)",
                   [json.dumps(after)])
    sizes = [size_of(i) for i in (before, after) if i is not None]
    wanted = {"t": (0, units(max(sizes)))}
    for name, (attribute, project) in INDEXES.items():
        spent = index_units(entry(before, attribute, project),
                            entry(after, attribute, project), attribute)
        if spent:
            wanted[name] = (0, spent)
    return cost(db) == wanted, f"{cost(db)}, and should be {wanted}"


def half_units(size):
    """Eventually consistent: half a unit for each 4 KB."""
    return max(1, -(-size // 4096)) / 2


def check_reads(db):
    """Pages of entries, and what a local index fetches."""
    for size in (100, 1000, 1365, 1366, 2048, 2049, 4096, 4097, 9000):
        db.execute("DELETE FROM t WHERE mode = 'scan'")
        items = [make(size, "g1", f"l{i}", b="z" * 50) for i in range(3)]
        for number, item in enumerate(items):
            item["sk"] = str(number)
            db.execute("INSERT INTO t(item) VALUES(?)", [json.dumps(item)])
        for name, columns in (("every", "item"), ("keys", "pk"), ("list", "a")):
            db.execute(f"SELECT {columns} FROM t('index {name}') "
                       "WHERE g = 'g1'").fetchall()
            read = sum(size_of(entry(i, *INDEXES[name])) for i in items)
            if cost(db) != {name: (half_units(read), 0)}:
                return f"{name}: {cost(db)} for {read} bytes"
        read = sum(size_of(entry(i, *INDEXES["near"])) for i in items)
        for mode, factor in (("", 1), ("strong ", 2)):
            db.execute(f"SELECT a FROM t('{mode}index near') "
                       "WHERE pk = 'p'").fetchall()
            if cost(db) != {"near": (factor * half_units(read), 0)}:
                return f"near: {cost(db)} for {read} bytes"
            db.execute(f"SELECT b FROM t('{mode}index near') "
                       "WHERE pk = 'p'").fetchall()
            fetched = sum(half_units(size_of(i)) for i in items)
            if cost(db) != {"near": (factor * half_units(read), 0),
                            "t": (factor * fetched, 0)}:
                return f"near, fetching: {cost(db)} for {read} bytes"
    # docs/semantics.md 2: 4 items of 300 bytes through a local index: 5 units strong
    db.execute("DELETE FROM t WHERE mode = 'scan'")
    for number in range(4):
        item = make(300, None, f"l{number}", b="")
        item["sk"] = str(number)
        db.execute("INSERT INTO t(item) VALUES(?)", [json.dumps(item)])
    db.execute("SELECT b FROM t('strong index near') WHERE pk = 'p'").fetchall()
    if cost(db) != {"near": (1, 0), "t": (4, 0)}:
        return f"4 items of 300 bytes: {cost(db)}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dynamo")
    options = parser.parse_args()
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(options.dynamo)
    create(db)
    count = 0
    for before, after in write_cases():
        is_right, text = check_write(db, before, after)
        if not is_right:
            print(f"FAIL: write {count}: {text}\n before: {str(before)[:100]}\n"
                  f" after: {str(after)[:100]}")
            return 1
        count += 1
    problem = check_reads(db)
    if problem is None and db.execute("SELECT dynamo_check('t')").fetchone()[0] \
            != "ok":
        problem = "dynamo_check"
    if problem is not None:
        print(f"FAIL: {problem}")
        return 1
    print(f"index_units: {count} writes and the reads cost what they should")
    return 0


if __name__ == "__main__":
    sys.exit(main())
