"""A stream is the history of its table: replayed from its start it gives exactly
the table, and each record has what was there before; over random writes,
transactions, savepoints, rollbacks, splits and items that expire. Read by the
API, shard by shard, it has the same records, and its replay gives the same.

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
BEGIN = "2026-01-01 00:00:00"


def connect(so, path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    db.execute("PRAGMA synchronous = OFF")
    return db


def api(db, operation, **request):
    answer, = db.execute("SELECT dynamo_api(?, ?)",
                         (operation, json.dumps(request))).fetchone()
    return json.loads(answer)


def create(db):
    for view, table in zip(VIEWS, TABLES):
        db.execute(f"CREATE VIRTUAL TABLE {table} USING dynamo(p TEXT PARTITION "
                   "KEY, s NUMBER SORT KEY, v NUMBER, GLOBAL INDEX by_v (v), ttl = 'e', "
                   f"partition_bytes = 2000, stream = '{view}')")


def pass_time(db, rng):
    """What expires by then is deleted before it can make a difference."""
    db.execute("SELECT dynamo_clock(?)", (f"+{rng.randrange(1, 20)} seconds",))
    while db.execute("SELECT dynamo_maintain()").fetchone()[0]:
        pass


def writes(db, rng):
    """A random write, and its parameters, of any table."""
    now, = db.execute("SELECT unixepoch(dynamo_clock())").fetchone()
    key = f"k{rng.randrange(40)}", rng.randrange(3)
    item = json.dumps({"p": key[0], "s": key[1], "v": rng.randrange(4),
                       "t": "x" * rng.choice((0, 10, 300)),
                       "e": now + rng.choice((10, 60, 100000, 100000))})
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
        sql, parameters = writes(db, rng)
        results = set()
        for table in TABLES:
            try:
                db.execute(sql.format(table), parameters)
                results.add("done")
            except sqlite3.Error as error:
                results.add(str(error).replace(table, "t"))
        assert len(results) == 1, results

    if rng.random() < 0.1:
        pass_time(db, rng)
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


def records_of(db, table):
    """As dynamo_stream has them, which is in the order of commits."""
    return db.execute("SELECT sequence, event, key, old, new, actor "
                      f"FROM dynamo_stream('{table}')").fetchall()


def plain(item):
    """JSON as SQL has it, of an item of the API."""
    values = {name: json.loads(value["N"]) if "N" in value else value["S"]
              for name, value in item.items()}
    return json.dumps(values, sort_keys=True)


def shards_of(db, arn, rng):
    """A page at a time; each comes after its parent, and is its child."""
    shards = {}
    start = {}
    while True:
        told = api(db, "DescribeStream", StreamArn=arn,
                   Limit=rng.randrange(1, 8), **start)["StreamDescription"]
        for shard in told["Shards"]:
            assert shard["ShardId"] not in shards
            shards[shard["ShardId"]] = shard
            parent = shard.get("ParentShardId")
            assert parent is None or parent in shards, shard
        if "LastEvaluatedShardId" not in told:
            break
        start = {"ExclusiveStartShardId": told["LastEvaluatedShardId"]}
    for name in rng.sample(sorted(shards), min(3, len(shards))):
        children = api(db, "DescribeStream", StreamArn=arn, ShardFilter={
            "Type": "CHILD_SHARDS", "ShardId": name})["StreamDescription"]
        assert [c["ShardId"] for c in children["Shards"]] == [
            n for n, s in shards.items() if s.get("ParentShardId") == name]
    return shards


def read_shard(db, arn, shard, rng):
    """All of its records by now, in pages."""
    records = []
    bounds = shard["SequenceNumberRange"]
    place = api(db, "GetShardIterator", StreamArn=arn, ShardId=shard["ShardId"],
                ShardIteratorType="TRIM_HORIZON")
    place = {"NextShardIterator": place["ShardIterator"], "Records": [None]}
    while "NextShardIterator" in place and place["Records"]:
        limit = {"Limit": rng.randrange(1, 100)} if rng.random() < 0.8 else {}
        place = api(db, "GetRecords",
                    ShardIterator=place["NextShardIterator"], **limit)
        assert len(place["Records"]) <= limit.get("Limit", 1000)
        records += place["Records"]
    for record in records:
        number = record["dynamodb"]["SequenceNumber"]
        assert bounds["StartingSequenceNumber"] <= number
        assert number <= bounds.get("EndingSequenceNumber", "2"), (number, bounds)
    assert ("NextShardIterator" in place) == ("EndingSequenceNumber" not in bounds)
    return records


def records_by_api(db, table, rng):
    """Shard by shard, parents first, in the form that records_of() has."""
    found = []
    ids = set()
    stream, = api(db, "ListStreams", TableName=table)["Streams"]
    arn = stream["StreamArn"]
    for shard in shards_of(db, arn, rng).values():
        for record in read_shard(db, arn, shard, rng):
            change = record["dynamodb"]
            images = [plain(change[n]) if n in change else None
                      for n in ("OldImage", "NewImage")]
            assert record["eventID"] not in ids
            ids.add(record["eventID"])
            found.append((int(change["SequenceNumber"][1:]), record["eventName"],
                          plain(change["Keys"]), *images,
                          "ttl" if "userIdentity" in record else "user"))
    return found


def sorted_json(record):
    """Its items with their attributes in one order."""
    return tuple(json.dumps(json.loads(v), sort_keys=True)
                 if isinstance(v, str) and v[0] == "{" else v for v in record)


def replay(table, records, are_in_order):
    """The table as its stream tells it; each record fits what was before."""
    items = {}
    last = -1
    for sequence, event, key, old, new, _ in records:
        key = key_of(key)
        assert sequence > last or not are_in_order
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


def check(db, rng):
    for table in TABLES:
        records = records_of(db, table)
        by_api = records_by_api(db, table, rng)
        assert sorted(by_api, key=lambda r: r[0]) == [
            sorted_json(r) for r in records], table
        items = items_of(db, table)
        for told in replay(table, records, True), replay(table, by_api, False):
            assert set(told) == set(items), table
            if table in ("new_image", "new_and_old_images"):
                assert told == items, table
        assert db.execute("SELECT dynamo_check(?)", (table,)).fetchone() == ("ok",)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("so")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "stream.db")
        db = connect(options.so, path)
        db.execute("SELECT dynamo_clock(?)", (BEGIN,))
        create(db)
        for number in range(options.count):
            run(db, rng)
            if rng.random() < 0.02:
                before = db
                db = connect(options.so, path)
                before.close()  # the last one to go would take the clock along
            if number % 50 == 0:
                check(db, rng)
        check(db, rng)
        splits = sum(check_shards(db, table) for table in TABLES)
        changes = db.execute(f"SELECT count(*) FROM {TABLES[0]}_log").fetchone()[0]
        expired, = db.execute("SELECT count(*) FROM dynamo_stream(?) WHERE actor "
                              "= 'ttl'", (TABLES[0],)).fetchone()
        assert splits > 0 and expired > 0 and changes > options.count / 2
        print(f"{changes} changes, {expired} of them expired, {splits} shards of "
              "split partitions, ok")


main()
