"""Auto scaling of tables and indexes, with the clock standing still: the lag,
minimum and maximum, cooldowns, the decreases of a day, reopening, several
connections.

usage: scaling.py EXTENSION
"""
import os
import sqlite3
import sys
import tempfile

OPTIONS = "billing = 'provisioned', read_units = 10, write_units = 10, throttle = 'off'"


def connect(path=":memory:"):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(sys.argv[1])
    return db


class Table:
    """A table, and a clock that this test moves: a minute at a time."""

    def __init__(self, scaling, path=":memory:", options=OPTIONS, indexes=""):
        self.path = path
        self.db = connect(path)
        self.one("SELECT dynamo_clock('2026-01-01 00:00:00')")
        self.db.execute(
            "CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, "
            f"kind TEXT, {indexes}{options}, write_scaling = '{scaling}')")
        self.db.execute("INSERT INTO t(id) VALUES('x')")

    def one(self, sql, *parameters):
        return self.db.execute(sql, parameters).fetchone()[0]

    def alter(self, change):
        self.one("SELECT dynamo_alter('t', ?)", change)

    def minute(self, units_a_second, kind=None):
        """A minute of writes comes next; then it is over."""
        self.one("SELECT dynamo_clock('+1 minute')")
        self.db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            "WHERE i < ?) INSERT OR REPLACE INTO t(id, kind) SELECT i, ? FROM n",
            (int(60 * units_a_second), kind))

    def minutes(self, count, units_a_second):
        for _ in range(count):
            self.minute(units_a_second)

    def end(self):
        """The next minute begins, and has no load yet."""
        self.one("SELECT dynamo_clock('+1 minute')")
        self.one("SELECT dynamo_maintain()")

    def units(self):
        return self.one("SELECT write_units FROM dynamo_tables")

    def rows(self, columns="units_before, units_after, wanted, held_by"):
        return self.db.execute(
            f"SELECT {columns} FROM dynamo_scaling('t')").fetchall()

    def check(self):
        assert self.one("SELECT dynamo_check('t')") == "ok"


def equal(found, expected):
    assert found == expected, f"{found} is not {expected}"


def it_goes_up_after_2_minutes_above_target():
    t = Table("5..100")
    t.minute(7)   # at the target
    t.minute(14)
    t.minute(14)  # decides on the minutes before
    equal(t.units(), 10)
    t.end()
    equal(t.units(), 20)
    equal(t.rows(), [(10, 20, "up", None)])
    t.minutes(20, 14)
    equal(t.units(), 20)


def it_goes_down_after_15_minutes_below():
    t = Table("2..100")  # its first minute has one write
    t.minutes(14, 5)     # 7 less 20 % are 5.6
    equal(t.units(), 10)
    t.end()
    equal(t.units(), 8)
    t = Table("2..100")
    t.minutes(40, 5.7)
    equal(t.rows(), [])


def nothing_goes_beyond_minimum_and_maximum():
    t = Table("6..15")
    t.minutes(4, 30)
    t.end()
    equal(t.rows(), [(10, 15, "up", "maximum")])
    t.minutes(20, 0)
    equal(t.rows()[1:], [(15, 6, "down", None)])
    equal(t.units(), 6)


def a_value_outside_stays_until_the_load_asks():
    t = Table("20..100")
    t.minutes(10, 6)
    equal(t.units(), 10)
    t.minutes(2, 8)
    t.end()
    equal(t.units(), 20)


def a_minute_counts_with_what_was_provisioned_at_its_end():
    t = Table("2..100")
    t.minutes(3, 6.5)                       # 65 % of 10
    for _ in range(15):                     # refused writes end no minutes
        t.one("SELECT dynamo_clock('+1 minute')")
        for _ in range(390):
            try:
                t.db.execute("INSERT INTO t(id) VALUES('x')")
            except sqlite3.IntegrityError:
                pass
    t.one("SELECT dynamo_clock('+1 minute')")
    t.alter("write_units = 90")             # that is 7 % of 90
    equal(t.units(), 90)
    equal(t.rows(), [])

    # an index without units of its own has those of the table: 10 in the first
    # two minutes with load, of which it takes 8, and 35 in the third
    t = Table("2..100", indexes="GLOBAL INDEX by_kind (kind) PROJECT KEYS "
              "WRITE SCALING '2..100', ")
    for units, count, kind in ((20, 480, "a"), (20, 240, "b"), (0, 1200, "c")):
        t.minute(units)
        t.db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
            "i < ?) INSERT OR REPLACE INTO t(id, kind) SELECT 'k' || i, ? FROM n",
            (count, kind))
    t.end()
    equal(t.rows("index_name, units_before, units_after"),
          [(None, 10, 35), ("by_kind", 35, 40)])


def a_cooldown_holds_a_change_back():
    t = Table("2..1000 up every 600 down every 3600")
    t.minutes(2, 14)
    t.minutes(9, 100)
    equal(t.rows("minute, wanted, held_by"),
          [("2026-01-01 00:03", "up", None),
           ("2026-01-01 00:04", "up", "cooldown")])
    t.minutes(3, 100)
    equal(t.rows("minute, units_after")[2:], [("2026-01-01 00:13", 143)])
    t.minutes(16, 50)
    equal(t.rows("wanted, held_by")[3:], [("down", None)])
    t.minutes(59, 0)
    equal(t.rows("wanted, held_by")[4:], [("down", "cooldown")])
    t.end()
    t.end()
    equal(t.rows("wanted, held_by")[5:], [("down", None)])


def the_28th_decrease_of_a_day_waits_for_the_next():
    """Four in the first hour, then one an hour."""
    t = Table("1..1000")
    t.alter("write_units = 1000")
    for units in (900, 800, 700):
        t.alter(f"write_units = {units}")
    t.alter("write_scaling = '600..1000'")
    t.minutes(16, 1)
    equal(t.units(), 600)  # the 4th
    for hour in range(1, 24):
        t.one("SELECT dynamo_clock(?)", f"2026-01-01 {hour:02}:30:00")
        before = 600 - 10 * hour
        t.alter(f"write_scaling = '{before}..1000'")
        t.one("SELECT dynamo_clock('+1 minute')")
        t.one("SELECT dynamo_maintain()")
        equal(t.units(), before)
    equal(len(t.rows()), 24)  # 27 decreases
    t.alter("write_scaling = '1..1000'")
    t.one("SELECT dynamo_clock('2026-01-01 23:59:30')")
    t.db.execute("DELETE FROM t WHERE id = 'x'")
    equal(t.rows()[24:], [(before, before, "down", "no decreases left")])
    t.one("SELECT dynamo_clock('2026-01-02 00:00:00')")
    t.db.execute("INSERT INTO t(id) VALUES('x')")
    equal(t.rows()[25:], [(before, 1, "down", None)])


def read_units_follow_what_is_read():
    t = Table("off")
    t.alter("read_scaling = '1..100 at 50', read_units = 1")
    t.db.execute("INSERT INTO t(id) VALUES('y')")
    for _ in range(2):
        t.one("SELECT dynamo_clock('+1 minute')")
        for _ in range(60):
            t.db.execute("SELECT * FROM t('strong') WHERE id = 'x'").fetchall()
    t.end()
    equal(t.rows("direction, units_before, units_after"), [("read", 1, 2)])
    equal(t.one("SELECT read_units FROM dynamo_tables"), 2)
    equal(t.units(), 10)


def an_index_is_scaled_by_itself():
    t = Table("off", indexes="GLOBAL INDEX g (kind) READ UNITS 3 WRITE UNITS 2 "
              "WRITE SCALING '1..50', GLOBAL INDEX other (kind), ")
    t.minute(4, "a")
    t.minute(4, "b")  # moves each entry: two units
    t.minute(4, "c")
    t.end()
    equal(t.rows("index_name, units_before, units_after")[:1], [("g", 2, 12)])
    assert "READ UNITS 3 WRITE UNITS 12 WRITE SCALING '1..50 at 70'" in t.one(
        "SELECT declaration FROM t_indexes WHERE declaration LIKE '%\"g\"%'")
    equal(t.units(), 10)
    t.alter("DROP INDEX g")
    equal(t.one("SELECT count(*) FROM t_meta WHERE name LIKE 'scaling%g'"), 0)
    t.minute(4, "d")
    t.check()


def it_goes_on_after_reopening():
    with tempfile.TemporaryDirectory() as folder:
        t = Table("2..100 down every 1800", os.path.join(folder, "t.db"))
        for _ in range(14):
            t.minute(5)
            t.db.close()
            t.db = connect(t.path)
        t.end()
        equal(t.rows(), [(10, 8, "down", None)])
        for _ in range(29):
            t.db.close()
            t.db = connect(t.path)
            t.minute(0.1)
        equal(t.rows()[1:], [(8, 8, "down", "cooldown")])
        t.end()
        equal(t.rows()[2:], [(8, 2, "down", None)])
        t.check()
        t.db.close()


def two_connections_decide_once():
    with tempfile.TemporaryDirectory() as folder:
        t = Table("2..1000", os.path.join(folder, "t.db"))
        first, second = t.db, connect(t.path)
        for i in range(60):
            t.db = (first, second)[i % 2]
            t.minute(10 + i)
            for db in (first, second, first):
                db.execute("INSERT OR REPLACE INTO t(id) VALUES('z')")
        minutes = t.rows("minute")
        assert len(minutes) > 3, minutes
        equal(len(minutes), len(set(minutes)))
        equal(first.execute("SELECT write_units FROM dynamo_tables").fetchall(),
              second.execute("SELECT write_units FROM dynamo_tables").fetchall())
        equal(t.rows("sum(units_after - units_before)")[0][0], t.units() - 10)
        t.check()
        first.close()
        second.close()


def what_is_rolled_back_is_decided_again():
    t = Table("5..100")
    t.minutes(2, 14)
    t.one("SELECT dynamo_clock('+1 minute')")
    t.db.execute("CREATE TABLE parent(id INTEGER PRIMARY KEY)")
    t.db.execute("CREATE TABLE child(p REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)")
    t.db.execute("PRAGMA foreign_keys = ON")
    t.db.execute("BEGIN")
    t.db.execute("INSERT INTO t(id) VALUES('y')")
    t.db.execute("INSERT INTO child VALUES(1)")
    try:
        t.db.execute("COMMIT")
        assert False, "a dangling row was committed"
    except sqlite3.IntegrityError:
        pass
    t.db.execute("ROLLBACK")
    equal(t.units(), 10)
    t.db.execute("INSERT INTO t(id) VALUES('y')")
    equal(t.units(), 20)


def an_idle_week_is_one_step():
    t = Table("5..100")
    t.minutes(2, 14)
    t.end()
    t.one("SELECT dynamo_clock('+7 days')")
    t.one("SELECT dynamo_maintain()")
    equal(t.rows(), [(10, 20, "up", None), (20, 5, "down", None)])
    equal(t.one("SELECT dynamo_maintain()"), 0)


def a_clock_that_goes_back_begins_anew():
    t = Table("5..100")
    t.minutes(10, 5)
    t.one("SELECT dynamo_clock('2025-12-31 00:00:00')")
    t.minutes(3, 14)
    equal(t.rows("minute, units_after"), [("2025-12-31 00:03", 20)])


def decisions_are_kept_for_15_days():
    t = Table("5..100")
    t.minutes(3, 14)
    equal(len(t.rows()), 1)
    t.one("SELECT dynamo_clock('+14 days')")
    t.minute(0)
    equal(len(t.rows()), 2)
    t.one("SELECT dynamo_clock('+1 day')")
    t.minutes(3, 30)
    equal(t.rows("wanted"), [("down",), ("up",)])


def a_pause_on_demand_scales_nothing():
    t = Table("5..100")
    t.alter("billing = 'on_demand'")
    t.minutes(20, 14)
    equal(t.rows(), [])
    t.alter(OPTIONS)
    t.minutes(3, 14)
    equal(t.rows(), [(10, 20, "up", None)])


def what_throttles_grows_out_of_it():
    """With limits: two minutes of refusals, then there is enough."""
    t = Table("5..100", options=OPTIONS.replace("'off'", "'on'"))
    refused = []
    for _ in range(5):
        refused.append(0)
        for _ in range(60):
            t.one("SELECT dynamo_clock('+1 second')")
            for i in range(20):
                try:
                    t.db.execute("INSERT OR REPLACE INTO t(id) VALUES(?)", (i,))
                except sqlite3.OperationalError as error:
                    assert "ThroughputExceeded" in str(error), error
                    refused[-1] += 1
    assert refused[0] > 0 and refused[1] > 0, refused
    equal(refused[3:], [0, 0])
    t.check()


def damage_is_reported():
    for name, values in (("scaling write ", ("", "x", "1 99 0 0 0 0 0 0", "1 1 0 0 0 0 0 0 5",
                                             "1 0 0 0 0 0 7 0", "1 0 0 0 0 0 0 0 1", None, b"\xff")),
                         ("scaled 0029453763 write ", ("", "1 2 3", "1 2 3 0 0", "1 2 3 1 9", "1 -2 3 1 1",
                                                       "1 2 3 1 1 1", None)),
                         ("scaled x", ("1 2 3 1 1",)), ("scaled 1 read", ("1 2 3 1 1",))):
        for value in values:
            t = Table("5..100")
            t.minutes(2, 14)
            t.db.execute("INSERT OR REPLACE INTO t_meta VALUES(?, ?)", (name, value))
            assert "damaged" in t.one("SELECT dynamo_check('t')"), (name, value)
            t.minutes(4, 14)  # what is known of the past begins anew
            equal(t.units(), 20)


def main():
    tests = [f for name, f in globals().items()
             if callable(f) and getattr(f, "__module__", "") == "__main__" and
             name not in ("connect", "equal", "main", "Table")]
    for test in tests:
        test()
        print("ok", test.__name__)


if __name__ == "__main__":
    main()
