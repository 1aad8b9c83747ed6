"""Partitions split for heat and for provisioned units, and not where a split
would not help; and what dynamo_partitions and dynamo_heatmap show of it.

usage: partitions.py EXTENSION
"""
import sqlite3
import sys

BYTES = 5000  # of an item: 5 units
HOT = 180     # writes a second: 900 units, 90 % of a partition's limit


class Table:
    """A table in memory, and a clock that this test moves."""

    def __init__(self, options, indexes=""):
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.enable_load_extension(True)
        self.db.load_extension(sys.argv[1])
        self.one("SELECT dynamo_clock('2026-01-01 00:00:00')")
        self.db.execute(
            "CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, "
            f"s NUMBER SORT KEY, v TEXT, {indexes}{options})")
        self.one("SELECT dynamo_clock('+300 seconds')")
        self.written = 0
        self.is_rising = False

    def one(self, sql, *parameters):
        return self.db.execute(sql, parameters).fetchone()[0]

    def partitions(self):
        return self.one("SELECT count(*) FROM dynamo_partitions('t') "
                        "WHERE index_name IS NULL")

    def looks(self, columns):
        """Of the table's partitions, in the order of their numbers."""
        return self.db.execute(
            f"SELECT {columns} FROM dynamo_partitions('t') "
            "WHERE index_name IS NULL ORDER BY partition").fetchall()

    def write(self, key):
        self.written += 1
        sort_key = self.written if self.is_rising else self.written % 7
        try:
            self.db.execute("INSERT OR REPLACE INTO t VALUES(?, ?, ?)",
                            (key, sort_key, "v" * BYTES))
        except sqlite3.OperationalError as error:
            assert "ThroughputExceeded" in str(error), error
            return 0
        return 1

    def minute(self, keys, writes_a_second=HOT):
        """A minute of load; how many writes were let in."""
        granted = 0
        for _ in range(60):
            self.db.execute("BEGIN")
            for i in range(writes_a_second):
                granted += self.write(f"k{i % keys}")
            self.db.execute("COMMIT")
            self.one("SELECT dynamo_clock('+1 second')")
        return granted

    def settle(self):
        self.write("k0")
        while self.one("SELECT dynamo_maintain()"):
            pass
        assert self.one("SELECT dynamo_check('t')") == "ok"


def check(claim, holds):
    if not holds:
        sys.exit(f"partitions: not so: {claim}")


PROVISIONED = "billing = 'provisioned', read_units = 5, write_units = "

hot = Table(PROVISIONED + "985")
check("985 units need one partition", hot.partitions() == 1)
check("a new partition has one second of each",
      hot.looks("read_burst, write_burst, throttled") == [(3000, 1000, 0)])
hot.minute(keys=100)
hot.settle()
check("one hot minute does not split", hot.partitions() == 1)
hot.minute(keys=100)
hot.settle()
check("the second hot minute in a row splits", hot.partitions() == 2)
left, right = hot.db.execute(
    "SELECT items FROM dynamo_partitions('t') ORDER BY low_hash").fetchall()
check("the load is halved", 0.3 < left[0] / (left[0] + right[0]) < 0.7)
check("the upper part knows its parent, why it is there, and since when",
      hot.looks("parent, reason, since") ==
      [(None, "created", "2026-01-01 00:00"), (1, "heat", "2026-01-01 00:07")])
(now, peak, burst), (_, _, right_burst) = hot.looks(
    "write_units, peak_write_units, write_burst")
check("a hot partition shows 90 % of its units a second",
      now == peak and 900 <= now < 901)
check("the parts begin with what was left", right_burst >= burst > 900)
hot.one("SELECT dynamo_clock('+2 minutes')")
(now, peak), _ = hot.looks("write_units, peak_write_units")
check("after two minutes only the peak is left", now == 0 and 900 <= peak < 901)
picture = hot.one("SELECT dynamo_heatmap('t')")
check("the picture has both parts and the split",
      all(text in picture for text in ("#1", "#2", "1 split")))

one_key = Table(PROVISIONED + "985")
for _ in range(3):
    one_key.minute(keys=1)
one_key.settle()
check("a split does not help one hot key", one_key.partitions() == 1)

rising = Table(PROVISIONED + "985")
rising.is_rising = True
for _ in range(3):
    rising.minute(keys=1)
rising.settle()
check("nor a sort key that ever rises", rising.partitions() == 1)

LOCAL = "LOCAL INDEX by_w (w NUMBER) PROJECT KEYS, "


def fill(table, keys, count):
    for n in range(count):
        table.db.execute(
            "INSERT INTO t(item) VALUES(json_object('id', ?, 's', ?, 'w', ?, 'v', ?))",
            (f"c{n % keys}", n, n, "v" * 1000))
    table.settle()


local = Table("partition_bytes = 15000", LOCAL)
fill(local, keys=20, count=200)
check("a table with a local index splits", local.partitions() > 1)
check("between its collections, which keep their entries", all(
    local.db.execute("SELECT count(*) FROM t('index by_w') WHERE id = ?",
                     (f"c{n}",)).fetchone() == (10,) for n in range(20)))

collection = Table("partition_bytes = 15000", LOCAL)
fill(collection, keys=1, count=200)
check("a collection under a local index is not divided",
      max(items for items, in collection.looks("items")) >= 200)

cool = Table(PROVISIONED + "985")
for _ in range(3):
    cool.minute(keys=100, writes_a_second=150)
cool.settle()
check("75 % of the limit is not hot", cool.partitions() == 1)

limited = Table(PROVISIONED + "39000, throttle = 'on'")
count = limited.partitions()
limited.db.execute("BEGIN")
granted = sum(limited.write("k0") for _ in range(300))
limited.db.execute("COMMIT")
check("a partition serves 1,000 units a second", granted == 200)
check("what it refuses is counted there",
      sorted(limited.looks("throttled, write_burst")) ==
      [(0, 1000)] * (count - 1) + [(100, 0)])
check("and by minute and operation", limited.db.execute(
    "SELECT operation, write_units, throttled_writes, provisioned_write_units "
    "FROM dynamo_capacity('t')").fetchall() == [("PutItem", 1000, 100, 39000)])

throttled = Table(PROVISIONED + "3000")
check("3,000 units need four partitions", throttled.partitions() == 4)

grown = Table(PROVISIONED + "900")
grown.one("SELECT dynamo_alter('t', 'write_units = 2500')")
for i in range(50):
    grown.write(f"k{i}")
grown.settle()
check("more provisioned units split", grown.partitions() == 3)
check("and say so", grown.looks("parent, reason")[1:] ==
      [(1, "provisioned"), (1, "provisioned")] or
      grown.looks("parent, reason")[1:] ==
      [(1, "provisioned"), (2, "provisioned")])
grown.one("SELECT dynamo_alter('t', 'write_units = 900')")
grown.settle()
check("partitions never merge", grown.partitions() == 3)

free = Table("throttle = 'off', " + PROVISIONED + "985")
for _ in range(3):
    free.minute(keys=100)
free.settle()
check("without throttling there is no heat", free.partitions() == 1)


def damage_does_not_keep_others_from_writing(what, options, also=None):
    """Work is due that meets damaged leaves; others are written to."""
    damaged = Table(options)
    damaged.db.execute("BEGIN")
    for i in range(2000):
        damaged.db.execute("INSERT INTO t VALUES(?, 1, ?)", (f"k{i}", "v" * 99))
    damaged.db.execute("COMMIT")
    if also:
        damaged.one(also)
    damaged.db.execute("UPDATE t_leaves SET data = zeroblob(4057) WHERE id % 2")
    written = 0
    for i in range(20):
        try:
            damaged.db.execute("INSERT INTO t VALUES(?, 2, 'new')", (f"k{i}",))
            written += 1
        except sqlite3.DatabaseError as error:
            assert "damaged" in str(error), error
    check(f"{what}: leaves that are sound are written", 0 < written < 20)
    try:
        damaged.one("SELECT dynamo_maintain()")
        check(f"{what}: dynamo_maintain() tells of damage", False)
    except sqlite3.DatabaseError as error:
        check(f"{what}: dynamo_maintain() tells of damage",
              "damaged" in str(error))


damage_does_not_keep_others_from_writing("a split", "partition_bytes = 30000")
damage_does_not_keep_others_from_writing(
    "an index", "partition_bytes = 10000000",
    "SELECT dynamo_alter('t', 'ADD GLOBAL INDEX by_v (v)')")
print("partitions: ok")
