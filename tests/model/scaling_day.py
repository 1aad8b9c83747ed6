"""A day of a table that scales: a daily curve with a spike, a million requests
in batches, at times that the test sets. Claims:
 - the decisions are those of the rules, worked out here from the units that
   dynamo_capacity has, in another way and for the whole day at once;
 - the day is the same each time: how often it scaled, what it ended with, and
   what was throttled;
 - requests are throttled where the load rises faster than it scales, and
   nowhere else.

usage: scaling_day.py EXTENSION
"""
import json
import math
import sqlite3
import sys

MINUTES = 24 * 60
PUTS, GETS = 25, 100  # of a batch
SPIKE = range(20 * 60, 20 * 60 + 20)
WRITES = {"minimum": 2, "maximum": 40, "target": 70, "begin": 10}
READS = {"minimum": 1, "maximum": 30, "target": 50, "begin": 10}
DAY = {  # what comes of it each time
    "requests": 1109225, "throttled": 5040, "ups": 18, "downs": 12,
    "write_units": 7, "read_units": 4,
}


def curve(minute):
    """How busy a minute is: 1 at night, 5 in the afternoon, 20 in the spike."""
    if minute in SPIKE:
        return 20
    of_day = (minute - 3 * 60) % MINUTES  # it rises from 3 o'clock on
    return 1 + 4 * min(of_day, MINUTES - of_day) / (MINUTES // 2)


def connect():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(sys.argv[1])
    return db


def requests():
    keys = [{"id": {"S": f"k{i}"}} for i in range(GETS)]
    puts = [{"PutRequest": {"Item": key}} for key in keys[:PUTS]]
    return (json.dumps({"RequestItems": {"t": puts}}),
            json.dumps({"RequestItems": {"t": {"Keys": keys}}}))


class Day:
    def __init__(self):
        self.db = connect()
        self.begin_ms = 1767225600000  # 2026-01-01
        self.set(0)
        self.db.execute(
            "CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, "
            f"billing = 'provisioned', read_units = {READS['begin']}, "
            f"write_units = {WRITES['begin']}, "
            f"read_scaling = '{READS['minimum']}..{READS['maximum']} at {READS['target']}', "
            f"write_scaling = '{WRITES['minimum']}..{WRITES['maximum']} at {WRITES['target']}')")
        self.sent = 0
        self.throttled = [0] * MINUTES

    def set(self, ms):
        seconds = (self.begin_ms + ms) / 1000
        self.db.execute("SELECT dynamo_clock(strftime('%Y-%m-%d %H:%M:%f', ?, "
                        "'unixepoch'))", (seconds,)).fetchone()

    def send(self, operation, request, count):
        self.sent += count
        try:
            text, = self.db.execute("SELECT dynamo_api(?, ?)",
                                    (operation, request)).fetchone()
        except sqlite3.OperationalError as error:
            assert "ProvisionedThroughputExceeded" in str(error), error
            return count
        left = json.loads(text)
        if operation == "BatchWriteItem":
            return len(left["UnprocessedItems"].get("t", ()))
        return len(left["UnprocessedKeys"].get("t", {"Keys": ()})["Keys"])

    def run(self):
        put, get = requests()
        for minute in range(MINUTES):
            writes = round(5.4 * curve(minute))
            for i in range(writes):
                self.set(minute * 60000 + i * 60000 // writes)
                self.throttled[minute] += self.send("BatchWriteItem", put, PUTS)
                if i % 6 == 0:
                    self.throttled[minute] += self.send("BatchGetItem", get, GETS)
        self.set(MINUTES * 60000)
        self.db.execute("SELECT dynamo_maintain()").fetchone()


class Rules:
    """One direction: docs/semantics.md 8, as it is written."""

    def __init__(self, settings, consumed):
        self.s = settings
        self.consumed = consumed  # by minute
        self.provisioned = []     # at the end of each minute
        self.now = settings["begin"]
        self.decreased = []       # minutes
        self.rows = []
        self.last = None

    def needed(self, consumed):
        return math.ceil(consumed * 100 / (60 * self.s["target"]))

    def share(self, minute):
        """Of the target: what was consumed of it."""
        return self.consumed[minute] * 100 / (
            60 * self.provisioned[minute] * self.s["target"])

    def may_decrease(self, minute, others):
        times = sorted(m for m in self.decreased + others
                       if m // MINUTES == minute // MINUTES)
        return len(times) < 4 or (len(times) < 27 and minute - times[-1] >= 60)

    def end(self, minute, others):
        self.provisioned.append(self.now)
        wanted = held = None
        units = self.now
        if minute >= 1 and min(self.share(minute), self.share(minute - 1)) > 1:
            needed = self.needed(self.consumed[minute])
            units = min(needed, self.s["maximum"])
            wanted = "up"
            held = "maximum" if needed > self.s["maximum"] else None
            if units <= self.now and held is None:
                wanted = None
        elif minute >= 14 and all(self.share(m) < 0.8 for m in range(minute - 14, minute + 1)):
            units = max(self.needed(max(self.consumed[minute - 14:minute + 1])),
                        self.s["minimum"])
            if units < self.now:
                wanted = "down"
                if not self.may_decrease(minute + 1, others):
                    held = "no decreases left"
        changes = wanted == "up" and units > self.now or wanted == "down" and held is None
        before = self.now
        if changes:
            self.now = units
            if wanted == "down":
                self.decreased.append(minute + 1)
        if changes or wanted and (wanted, held) != self.last:
            self.rows.append((minute + 1, before, self.now, wanted, held))
        self.last = (wanted, held)


def minute_of(text):
    return int(text[8:10]) * MINUTES - MINUTES + int(text[11:13]) * 60 + int(text[14:16])


def check_rules(db):
    """Reading goes before writing, and both take from the same decreases."""
    sides = []
    for column, settings in (("read_units", READS), ("write_units", WRITES)):
        consumed = [0] * MINUTES
        for minute, units in db.execute(
                f"SELECT minute, {column} FROM dynamo_capacity('t')"):
            if minute_of(minute) < MINUTES:
                consumed[minute_of(minute)] += units
        sides.append(Rules(settings, consumed))
    reads, writes = sides
    for minute in range(MINUTES):
        reads.end(minute, writes.decreased)
        writes.end(minute, reads.decreased)
    for side, name in zip(sides, ("read", "write")):
        found = [(minute_of(row[0]), *row[1:]) for row in db.execute(
            "SELECT minute, units_before, units_after, wanted, held_by FROM "
            "dynamo_scaling('t') WHERE direction = ?", (name,))]
        assert found == side.rows, f"{name}: {found}\nis not {side.rows}"


def main():
    day = Day()
    day.run()
    check_rules(day.db)
    found = {"requests": day.sent, "throttled": sum(day.throttled)}
    found.update(zip(("ups", "downs"), day.db.execute(
        "SELECT sum(units_after > units_before), sum(units_after < "
        "units_before) FROM dynamo_scaling('t')").fetchone()))
    found.update(zip(("write_units", "read_units"), day.db.execute(
        "SELECT write_units, read_units FROM dynamo_tables").fetchone()))
    assert found == DAY, f"{found} is not {DAY}"
    # a new table has little at first
    throttled = [m for m in range(MINUTES) if day.throttled[m] > 0]
    assert throttled[0] == 0 and all(m in SPIKE or m - 1 in SPIKE
                                     for m in throttled[1:]), throttled
    print(found)


if __name__ == "__main__":
    main()
