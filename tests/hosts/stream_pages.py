#!/usr/bin/env python3
"""Where pages of GetRecords end: at 1000 records, at 1 MB, and in the log of a
table that writes to other shards.

usage: stream_pages.py DYNAMO.SO
"""
import json
import sqlite3
import sys

KB = 1024


def connect():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(sys.argv[1])
    return db


def api(db, operation, **request):
    answer, = db.execute("SELECT dynamo_api(?, ?)",
                         (operation, json.dumps(request))).fetchone()
    return json.loads(answer)


def create(db, options=""):
    db.execute("CREATE VIRTUAL TABLE tab USING dynamo(id TEXT PARTITION KEY, n "
               f"NUMBER, stream = 'NEW_AND_OLD_IMAGES'{options})")
    stream, = api(db, "ListStreams")["Streams"]
    return stream["StreamArn"]


def shards(db, arn):
    told = api(db, "DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
    return [shard["ShardId"] for shard in told]


def pages(db, arn, shard, **limit):
    """Up to the end of an open shard, which is an empty page whose next place is
    its own."""
    place = api(db, "GetShardIterator", StreamArn=arn, ShardId=shard,
                ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    db.execute("SELECT dynamo_clock(dynamo_clock())")  # so that places are equal
    found = []
    while True:
        page = api(db, "GetRecords", ShardIterator=place, **limit)
        if page["NextShardIterator"] == place:
            return found[:-1] if found and not found[-1] else found
        place = page["NextShardIterator"]
        found.append(page["Records"])


def a_page_has_1000_records_at_most():
    db = connect()
    arn = create(db, ", billing = 'provisioned', read_units = 1, write_units = 1,"
                     " throttle = 'off'")
    db.execute("WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n "
               "WHERE n < 2500) INSERT INTO tab SELECT n, n FROM n")
    shard, = shards(db, arn)
    assert [len(p) for p in pages(db, arn, shard)] == [1000, 1000, 500]
    assert [len(p) for p in pages(db, arn, shard, Limit=900)] == [900, 900, 700]
    told = [r["dynamodb"]["Keys"]["id"]["S"] for p in pages(db, arn, shard, Limit=77)
            for r in p]
    assert told == [str(n) for n in range(1, 2501)]


def a_page_has_1_mb_at_most_or_one_record():
    db = connect()
    arn = create(db, ", billing = 'provisioned', read_units = 1, write_units = 1,"
                     " throttle = 'off'")
    shard, = shards(db, arn)
    for size in (399, 399, 100, 399, 399, 399):
        db.execute("INSERT OR REPLACE INTO tab(item) VALUES(?)",
                   (json.dumps({"id": "a", "t": "x" * size * KB}),))
    # of each the new image and the old one; where nothing changed no record
    sizes = [[r["dynamodb"]["SizeBytes"] // KB for r in p]
             for p in pages(db, arn, shard)]
    assert sizes == [[399, 499], [499]], sizes
    db.execute("DELETE FROM tab WHERE id = 'a'")
    for number in range(3):
        db.execute("INSERT OR REPLACE INTO tab(item) VALUES(?)",
                   (json.dumps({"id": "a", "t": str(number) * 399 * KB}),))
    sizes = [[r["dynamodb"]["SizeBytes"] // KB for r in p]
             for p in pages(db, arn, shard)]
    assert sizes == [[399, 499], [499, 399], [399], [798], [798]], sizes


def a_page_looks_at_a_part_of_the_log():
    """The records of other shards are passed over, but not without an end."""
    db = connect()
    arn = create(db)
    key = {}
    for number in range(100):
        db.execute("INSERT INTO tab VALUES(?, 0)", (f"k{number}",))
    for shard in shards(db, arn):
        first = pages(db, arn, shard)[0][0]
        key[shard] = first["dynamodb"]["Keys"]["id"]["S"]
    quiet, busy = sorted(key)[:2]
    count = len(pages(db, arn, quiet)[0])
    db.execute("BEGIN")
    for _ in range(40000):
        db.execute("UPDATE tab SET n = n + 1 WHERE id = ?", (key[busy],))
    db.execute("UPDATE tab SET n = -1 WHERE id = ?", (key[quiet],))
    db.execute("COMMIT")
    found = [len(p) for p in pages(db, arn, quiet)]
    assert found[0] == count and found[-1] == 1 and sum(found) == count + 1, found
    assert 0 in found[1:-1], found


a_page_has_1000_records_at_most()
a_page_has_1_mb_at_most_or_one_record()
a_page_looks_at_a_part_of_the_log()
print("ok")
