"""The numbers of docs/semantics.md 6 and 7, through SQL, on a clock that stands
still and is moved.

usage: throughput.py DYNAMO.SO
"""
import json
import os
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "model"))
from throttling import hash_of  # noqa: E402

SO = sys.argv[1]
PROVISIONED = "billing = 'provisioned', read_units = {}, write_units = {}"
REASONS = {f"{place}{direction}{reason}ThroughputExceeded".replace(
               "AccountLimitThroughput", "AccountLimit")
           for place in ("Table", "Index") for direction in ("Read", "Write")
           for reason in ("Provisioned", "AccountLimit", "KeyRange",
                          "MaxOnDemand")}


class Table:
    """A table t in a file, and its clock."""

    def __init__(self, options, columns="v TEXT"):
        self.folder = tempfile.TemporaryDirectory()
        self.clock = self.connect(":memory:")  # goes with the last connection
        self.one("SELECT dynamo_clock('2026-01-01 00:00:00')")
        self.db = self.connect(os.path.join(self.folder.name, "t.db"))
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION "
                        f"KEY, {columns}, {options})")
        self.reasons = set()  # of the last refusal

    @staticmethod
    def connect(path):
        db = sqlite3.connect(path, isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(SO)
        return db

    def reopen(self):
        self.db.close()
        self.db = self.connect(os.path.join(self.folder.name, "t.db"))

    def one(self, sql, *parameters):
        db = self.clock if "dynamo_clock" in sql else self.db
        return db.execute(sql, parameters).fetchone()[0]

    def wait(self, time):
        self.one("SELECT dynamo_clock(?)", "+" + time)

    def alter(self, change):
        self.one("SELECT dynamo_alter('t', ?)", change)

    def maintain(self):
        while self.one("SELECT dynamo_maintain()"):
            pass

    def partitions(self, index=None):
        return self.one("SELECT count(*) FROM dynamo_partitions('t') WHERE "
                        "index_name IS ?", index)

    def ask(self, sql, *parameters):
        """Whether it is let in."""
        try:
            self.db.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            text = str(error)
            assert "ThroughputExceededException" in text, text
            self.reasons = {r["reason"] for r in json.loads(
                text.split("\n")[1])["ThrottlingReasons"]}
            return False
        return True

    def put(self, key, kilobytes=1):
        return self.ask("INSERT OR REPLACE INTO t(id, v) VALUES(?, ?)", key,
                        "x" * (1024 * kilobytes - 100))

    def get(self, key):
        """A unit, where the item has 4 KB at most."""
        return self.ask("SELECT v FROM t('strong') WHERE id = ?", key)

    def spread(self):
        """A key of each partition."""
        lows = [int(low, 16) for low, in self.db.execute(
            "SELECT hex(low) FROM t_partitions WHERE tree = 0")]
        keys = {}
        for key in (f"k{number}" for number in range(5000)):
            keys.setdefault(max(n for n in lows if n <= hash_of(key)), key)
        assert len(keys) == len(lows)
        return list(keys.values())


def drain(ask, units=1):
    """Ask until it is refused: the units that were let in."""
    granted = 0
    while ask():
        granted += units
    return granted


def check(claim, got, wanted):
    if got != wanted:
        sys.exit(f"throughput: {claim}: {got}, should be {wanted}")


# --- 6, provisioned

def check_begin():
    t = Table(PROVISIONED.format(10, 5))
    check("writes of a new table", drain(lambda: t.put("a")), 5)
    check("reads of a new table", drain(lambda: t.get("a")), 10)
    check("why", t.reasons, {"TableReadProvisionedThroughputExceeded"})


def check_burst():
    """150 RCU that are idle for 5 minutes, in one partition of 3,000 a second."""
    for idle in ("5 minutes", "1 hour"):
        t = Table(PROVISIONED.format(150, 5))
        check("the first second", drain(lambda: t.get("a")), 150)
        t.wait(idle)
        units = seconds = 0
        while True:
            granted = drain(lambda: t.get("a"))
            units += granted
            if "TableReadProvisionedThroughputExceeded" in t.reasons:
                break
            check("a second of a partition", granted, 3000)
            t.wait("1 second")
            seconds += 1
        check(f"units after {idle}", units, 45000 + 150 * seconds)


def check_adaptive():
    """400 WCU over 4 partitions, of which one takes 150, and then all."""
    t = Table(PROVISIONED.format(5, 3000))
    t.alter("write_units = 400")
    check("partitions", t.partitions(), 4)
    keys = t.spread()

    for key in keys:
        drain(lambda: t.put(key))
    for second in range(60):
        t.wait("1 second")
        for key, units in zip(keys, (50, 50, 50, 150)):
            for _ in range(units):
                check(f"a write in second {second}", t.put(key), True)
    t.reasons = set()
    while "TableWriteProvisionedThroughputExceeded" not in t.reasons:
        t.wait("1 second")
        for key in keys:
            drain(lambda: t.put(key))
    for second in range(10):
        t.wait("1 second")
        check("all of it in one partition", drain(lambda: t.put(keys[3])), 400)


def check_partition():
    t = Table(PROVISIONED.format(9000, 9000))
    for _ in range(2):
        check("writes of a partition", drain(lambda: t.put("a")), 1000)
        check("why", t.reasons, {"TableWriteKeyRangeThroughputExceeded"})
        check("reads of a partition", drain(lambda: t.get("a")), 3000)
        check("why", t.reasons, {"TableReadKeyRangeThroughputExceeded"})
        t.wait("1 minute")


def check_initial():
    for reads, writes, partitions in ((1, 1, 1), (3000, 1, 2), (1500, 500, 1),
                                      (6000, 1000, 3), (40000, 40000, 54)):
        t = Table(PROVISIONED.format(reads, writes) + ", GLOBAL INDEX by_v (v) "
                  "READ UNITS 1 WRITE UNITS 1")
        check(f"partitions of {reads}, {writes}", t.partitions(), partitions)
    check("partitions on demand", Table("throttle = 'on'").partitions(), 4)


def check_savepoint():
    """What has been consumed stays consumed, also in a file that is opened again,
    when a savepoint was the last that the transaction went back to."""
    t = Table(PROVISIONED.format(5, 10))
    for sql in ("BEGIN", "INSERT INTO t(id) VALUES('a')", "SAVEPOINT x",
                "INSERT INTO t(id) VALUES('b'), ('c')", "ROLLBACK TO x", "COMMIT"):
        t.db.execute(sql)
    t.maintain()
    t.reopen()
    check("writes that are left", drain(lambda: t.put("d")), 7)
    t = Table(PROVISIONED.format(5, 10))
    for sql in ("BEGIN", "INSERT INTO t(id) VALUES('a')",
                "SELECT dynamo_alter('t', 'read_units = 6')", "SAVEPOINT x",
                "INSERT INTO t(id) VALUES('b')", "ROLLBACK TO x", "COMMIT"):
        t.db.execute(sql).fetchall()
    check("what a change has stored is known", drain(lambda: t.put("d")), 8)
    t = Table("throttle = 'off', GLOBAL INDEX x (v)")
    for sql in ("BEGIN", "INSERT INTO t(id) VALUES('a')",
                "SELECT dynamo_alter('t', 'DROP INDEX x')", "SAVEPOINT x",
                "INSERT INTO t(id) VALUES('b')", "ROLLBACK TO x", "COMMIT"):
        t.db.execute(sql).fetchall()
    check("units are counted once", t.one(
        "SELECT sum(write_units) FROM dynamo_capacity('t')"), 2)


# --- 7, on demand

def second_of(t, keys, kilobytes):
    """What one second gives to writes, in whole puts of all partitions."""
    units = sum(drain(lambda: t.put(key, kilobytes), kilobytes) for key in keys)
    return units, t.reasons


def check_new_on_demand():
    t = Table("throttle = 'on'")
    keys = t.spread()
    check("writes on demand", second_of(t, keys, 1)[0], 4000)
    check("why", t.reasons, {"TableWriteAccountLimitExceeded",
                             "TableWriteKeyRangeThroughputExceeded"})
    check("reads on demand", sum(drain(lambda: t.get(k)) for k in keys), 12000)
    check("why", t.reasons, {"TableReadAccountLimitExceeded",
                             "TableReadKeyRangeThroughputExceeded"})
    t.wait("1 hour")
    check("nothing is kept", second_of(t, keys, 1)[0], 4000)


def check_peak():
    """Two minutes at 4,000 a second: partitions split, and 30 minutes later there
    are 8,000, for good."""
    t = Table("throttle = 'on'")
    keys = [f"k{i}" for i in range(400)]
    for _ in range(2 * 60 + 1):
        t.db.execute("BEGIN")
        for key in keys:
            t.put(key, 10)
        t.db.execute("COMMIT")
        t.wait("1 second")
    t.maintain()
    check("partitions after two hot minutes", t.partitions(), 8)
    keys = t.spread()
    peak = t.one("SELECT max(write_units) FROM dynamo_capacity('t')") / 60
    check("the peak is near to what there was", 3600 < peak <= 4010, True)
    t.wait("28 minutes")  # the first minute ended 29 minutes ago
    check("no more within 30 minutes", second_of(t, keys, 10)[0] < 4100, True)
    check("why", "TableWriteAccountLimitExceeded" in t.reasons, True)
    t.wait("3 minutes")
    ceiling = int(2 * peak)
    for when in ("1 second", "1 day", "60 days"):
        check(f"twice the peak, {when} before", second_of(t, keys, 10),
              (-(-ceiling // 10) * 10, {"TableWriteAccountLimitExceeded"}))
        t.wait(when)
        t.reopen()


def check_from_provisioned():
    t = Table(PROVISIONED.format(5, 100))
    t.alter("write_units = 6000")
    for i in range(100):
        t.put(f"k{i}")
    t.maintain()
    t.alter("write_units = 100")
    t.reopen()
    t.alter("billing = 'on_demand', throttle = 'on'")
    t.wait("1 second")
    keys = t.spread()
    check("partitions of 6,000", len(keys), 7)
    check("the highest that was ever provisioned", second_of(t, keys, 1)[0], 6000)
    check("why", "TableWriteAccountLimitExceeded" in t.reasons, True)
    check("at least that of a new table",
          sum(drain(lambda: t.get(k)) for k in keys), 12000)


# --- reasons

def exhaust(t, statements):
    """Repeat statements until all are refused: the reasons."""
    seen, is_over = set(), False
    while not is_over:
        is_over = True
        for sql, *parameters in statements:
            t.reasons = set()
            is_over = not t.ask(sql, *parameters) and is_over
            seen |= t.reasons
    return seen


def reasons_of(options, index_options):
    """All reasons for which a table and its index refuse: both with a load that
    is spread, and each of them with one on a single key."""
    seen = set()
    t = Table(options, f"g TEXT, v TEXT, GLOBAL INDEX by_g (g) {index_options}")
    keys = t.spread()
    for own, others in ((keys, keys), (keys[:1], keys), (keys, keys[:1])):
        pairs = list(zip(own * len(others), others * len(own)))[:len(keys)]
        puts = [("INSERT OR REPLACE INTO t VALUES(?, ?, random() || ?)", *pair,
                 "x" * 390000) for pair in pairs]
        t.alter("throttle = 'off'")
        for put in puts:
            t.ask(*put)
        t.alter("throttle = 'on'")
        t.wait("10 minutes")
        seen |= exhaust(t, puts)
        seen |= exhaust(t, [("SELECT v FROM t('strong') WHERE id = ?", key)
                            for key in own])
        seen |= exhaust(t, [("SELECT v FROM t('index by_g') WHERE g = ?", key)
                            for key in others])
    return seen


def check_reasons():
    seen = reasons_of(PROVISIONED.format(1, 1), "READ UNITS 1 WRITE UNITS 1")
    seen |= reasons_of("throttle = 'on', max_read_units = 1, max_write_units = 1",
                       "MAX READ UNITS 1 MAX WRITE UNITS 1")
    seen |= reasons_of("throttle = 'on'", "")
    check("reasons", seen ^ REASONS, set())


def check_waiting():
    """On a clock that goes on, a statement waits for the units that it lacks."""
    db = Table.connect(":memory:")
    db.execute("SELECT dynamo_clock(NULL)").fetchall()
    db.execute("CREATE VIRTUAL TABLE w USING dynamo(id TEXT PARTITION KEY, "
               f"throttle_wait_ms = 20000, {PROVISIONED.format(1, 1)})")
    began = time.monotonic()
    for key in "abc":
        db.execute("INSERT INTO w VALUES(?)", (key,))
    waited = time.monotonic() - began
    check("units came free", db.execute(
        "SELECT count(*) FROM w('scan')").fetchone()[0], 3)
    check("a second for each", waited > 1, True)


for check_all in (check_waiting, check_begin, check_burst, check_adaptive,
                  check_partition, check_savepoint, check_initial, check_new_on_demand, check_peak,
                  check_from_provisioned, check_reasons):
    check_all()
print("throughput: ok")
