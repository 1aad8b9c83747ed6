"""A stream is the history of its table: replayed from its start it gives exactly
the table, and each record has what was there before; over random writes,
transactions, savepoints, rollbacks and splits.

usage: stream.py DYNAMO.SO [--count N] [--seed N]
"""
import argparse
import json
import os
import random
import sqlite3
import tempfile

VIEWS = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
TABLES = [view.lower() for view in VIEWS]


def connect(so, path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    db.execute("PRAGMA synchronous = OFF")
    return db


def create(db):
    for view, table in zip(VIEWS, TABLES):
        db.execute(f"CREATE VIRTUAL TABLE {table} USING dynamo(p TEXT PARTITION "
                   "KEY, s NUMBER SORT KEY, v NUMBER, GLOBAL INDEX by_v (v), "
                   f"partition_bytes = 2000, stream = '{view}')")


def writes(rng):
    """A random write, and its parameters, of any table."""
    key = f"k{rng.randrange(40)}", rng.randrange(3)
    item = json.dumps({"p": key[0], "s": key[1], "v": rng.randrange(4),
                       "t": "x" * rng.choice((0, 10, 300))})
    where = "WHERE p = ? AND s = ?"
    return rng.choice((
        ("INSERT OR IGNORE INTO {}(item) VALUES(?)", (item,)),
        ("INSERT OR REPLACE INTO {}(item) VALUES(?)", (item,)),
        ("INSERT OR REPLACE INTO {}(item) VALUES(?)", (item,)),
        ("UPDATE {} SET v = v + 1 " + where, key),
        ("UPDATE {} SET v = v " + where, key),
        ("UPDATE {} SET v = 1, condition = 'v > 1' " + where, key),
        ("UPDATE {} SET v = 2 WHERE p = ?", key[:1]),
        ("DELETE FROM {} " + where, key),
        ("DELETE FROM {} WHERE p = ?", key[:1]),
    ))


def run(db, rng):
    """One transaction, or a write by itself; the same in all tables."""
    def write():
        sql, parameters = writes(rng)
        results = set()
        for table in TABLES:
            try:
                db.execute(sql.format(table), parameters)
                results.add("done")
            except sqlite3.Error as error:
                results.add(str(error).replace(table, "t"))
        assert len(results) == 1, results

    if rng.random() < 0.5:
        return write()
    db.execute("BEGIN")
    for _ in range(rng.randrange(1, 8)):
        if rng.random() < 0.3:
            db.execute("SAVEPOINT a")
            write()
            if rng.random() < 0.5:
                db.execute("ROLLBACK TO a")
            db.execute("RELEASE a")
        write()
    db.execute(rng.choice(("COMMIT", "COMMIT", "ROLLBACK")))


def items_of(db, table):
    return {(p, s): json.loads(item) for p, s, item in
            db.execute(f"SELECT p, s, item FROM {table}('scan')")}


def key_of(text):
    key = json.loads(text)
    assert set(key) == {"p", "s"}, key
    return key["p"], key["s"]


def replay(db, table):
    """The table as its stream tells it; each record fits what was before."""
    items = {}
    last = -1
    for sequence, event, key, old, new in db.execute(
            f"SELECT sequence, event, key, old, new FROM dynamo_stream('{table}')"):
        key = key_of(key)
        assert sequence > last
        last = sequence
        assert (event == "INSERT") == (key not in items), (table, event, key)
        if table in ("old_image", "new_and_old_images"):
            assert (old is None) == (event == "INSERT"), (table, event)
        else:
            assert old is None
        if table in ("new_image", "new_and_old_images"):
            assert (new is None) == (event == "REMOVE"), (table, event)
        else:
            assert new is None
        if table == "new_and_old_images" and old is not None:
            assert json.loads(old) == items[key], (old, items[key])
            assert old != new
        if event == "REMOVE":
            del items[key]
        else:
            items[key] = json.loads(new) if new is not None else None
    return items


def check_shards(db, table):
    """Records of an item are in order also when shards are read one after the
    other, parents first."""
    shards = {f"shardId-{stream:020d}-{shard:08x}": parent for shard, stream, parent
              in db.execute(f"SELECT shard, stream, parent FROM {table}_shards")}
    numbers = {n: int(n[-8:], 16) for n in shards}
    order = {}
    done = set()
    for name in sorted(shards, key=numbers.get):
        assert shards[name] == 0 or shards[name] in done
        done.add(numbers[name])
        for sequence, key in db.execute(
                f"SELECT sequence, key FROM dynamo_stream('{table}') WHERE shard = ?",
                (name,)):
            assert order.get(key, -1) < sequence
            order[key] = sequence
    return sum(parent > 0 for parent in shards.values())


def check(db):
    for table in TABLES:
        told = replay(db, table)
        items = items_of(db, table)
        assert set(told) == set(items), table
        if table in ("new_image", "new_and_old_images"):
            assert told == items, table
        assert db.execute("SELECT dynamo_check(?)", (table,)).fetchone() == ("ok",)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("so")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "stream.db")
        db = connect(options.so, path)
        create(db)
        for number in range(options.count):
            run(db, rng)
            if rng.random() < 0.02:
                db.close()
                db = connect(options.so, path)
            if number % 50 == 0:
                check(db)
        check(db)
        splits = sum(check_shards(db, table) for table in TABLES)
        changes = db.execute(f"SELECT count(*) FROM {TABLES[0]}_log").fetchone()[0]
        assert splits > 0 and changes > options.count / 2
        print(f"{changes} changes, {splits} shards of split partitions, ok")


main()
