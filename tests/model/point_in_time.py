"""A table that is restored to an earlier time is the table of that time: over
random writes, transactions, savepoints, rollbacks, splits, items that expire,
and changes of the options that keep the log. Which times there are follows from
the options. Backups are made on the way, and are what the table was.

usage: point_in_time.py DYNAMO.SO [--count N] [--seed N]
"""
import argparse
import json
import os
import random
import sqlite3

START = 1767225600000  # 2026-01-01
HOUR = 3600 * 1000
DAY = 24 * HOUR


class Model:
    """The states of the table by time, and what is kept of them."""

    def __init__(self, db, rng):
        self.db, self.rng = db, rng
        self.now = START
        self.states = []  # (time, items), in the order of time
        self.days = 0
        self.stream = 'off'
        self.whole_since = None
        self.trimmed = 0
        self.restored = self.refused = 0

    def set_clock(self, by):
        self.now += by
        self.db.execute("SELECT dynamo_clock(?)", (self.time(self.now),)).fetchall()

    @staticmethod
    def time(ms):
        seconds, ms = divmod(ms, 1000)
        return sqlite3.connect(':memory:').execute(
            "SELECT datetime(?, 'unixepoch')", (seconds,)).fetchone()[0] + f'.{ms:03}'

    def items(self, table='orders'):
        return sorted(self.db.execute(f"SELECT item FROM {table}('scan')"))

    def note(self):
        self.trimmed = max(self.trimmed, self.kept_since())
        self.states.append((self.now, self.items()))

    def at(self, time):
        return [items for when, items in self.states if when <= time][-1]

    def set_option(self, text):
        self.db.execute("SELECT dynamo_alter('orders', ?)", (text,)).fetchall()
        is_whole = self.days > 0 or self.stream == 'NEW_AND_OLD_IMAGES'
        if not is_whole:
            self.whole_since = None
        elif self.whole_since is None:
            self.whole_since = self.now

    def set_options(self, days, stream):
        self.days = days
        self.trimmed = max(self.trimmed, self.kept_since())
        self.set_option(f"point_in_time = {days or 'NULL'}")
        if stream == self.stream:
            return
        for view in ('off', stream):
            self.stream = view
            self.set_option(f"stream = '{view}'")

    def kept_since(self):
        """A stream keeps the log for a day."""
        day = 1 if self.stream != 'off' else 0
        return self.now - max(self.days, day) * DAY

    def window(self):
        if self.whole_since is None:
            return None
        return max(self.whole_since, self.kept_since()), self.now

    def is_trimmed(self, time):
        """What was not kept for a while may be gone, if it is kept again."""
        return time < self.trimmed

    def check_restore(self):
        window = self.window()
        low = self.states[0][0] - HOUR
        time = self.rng.choice((
            self.now, self.now + 1, self.rng.randrange(low, self.now + HOUR),
            self.rng.choice(self.states)[0],
            *((window[0], window[0] - 1, self.rng.randint(*window))
              if window else ())))
        try:
            count, = self.db.execute("SELECT dynamo_restore('orders', 'restored', ?)",
                                     (self.time(time),)).fetchone()
        except sqlite3.Error as error:
            assert (window is None or not window[0] <= time <= window[1] or
                    self.is_trimmed(time)), (time, window, error)
            assert 'restore' in str(error), error
            self.refused += 1
            return
        assert window and window[0] <= time <= window[1], (time, window)
        self.check_table(self.at(time), count)

    def check_table(self, expected, count):
        assert self.items('restored') == expected, len(expected)
        assert count == len(expected)
        report, = self.db.execute("SELECT dynamo_check('restored')").fetchone()
        assert report == 'ok', report
        self.db.execute('DROP TABLE restored')
        self.restored += 1

    def check_backup(self):
        expected = self.items()
        arn, = self.db.execute("SELECT dynamo_backup('orders', 'name')").fetchone()
        self.write()
        count, = self.db.execute("SELECT dynamo_restore(?, 'restored')",
                                 (arn,)).fetchone()
        self.check_table(expected, count)
        self.db.execute("SELECT dynamo_api('DeleteBackup', "
                        "json_object('BackupArn', ?))", (arn,)).fetchall()

    def write(self):
        rng = self.rng
        key = f'k{rng.randrange(40)}', rng.randrange(3)
        item = {'p': key[0], 's': key[1], 'v': rng.randrange(4),
                't': 'x' * rng.choice((0, 10, 300, 3000)), 'c': f'c{rng.randrange(9)}'}
        if rng.random() < 0.3:
            item['gone'] = self.now // 1000 + rng.randrange(-100, 2 * DAY // 1000)
        where = 'WHERE p = ? AND s = ?'
        sql, parameters = rng.choice((
            ('INSERT OR IGNORE INTO orders(item) VALUES(?)', (json.dumps(item),)),
            ('INSERT OR REPLACE INTO orders(item) VALUES(?)', (json.dumps(item),)),
            ('INSERT OR REPLACE INTO orders(item) VALUES(?)', (json.dumps(item),)),
            ('UPDATE orders SET v = v + 1 ' + where, key),
            ('UPDATE orders SET v = v ' + where, key),
            ('UPDATE orders SET v = 2 WHERE p = ?', key[:1]),
            ('DELETE FROM orders ' + where, key),
            ('DELETE FROM orders WHERE p = ?', key[:1])))
        self.db.execute(sql, parameters)

    def write_some(self):
        rng, db = self.rng, self.db
        if rng.random() < 0.4:
            return self.write()
        db.execute('BEGIN')
        for _ in range(rng.randrange(1, 12)):
            if rng.random() < 0.3:
                db.execute('SAVEPOINT a')
                self.write()
                if rng.random() < 0.5:
                    db.execute('ROLLBACK TO a')
                db.execute('RELEASE a')
            self.write()
        db.execute(rng.choice(('COMMIT', 'COMMIT', 'ROLLBACK')))

    def step(self):
        rng = self.rng
        if rng.random() < 0.6:
            self.set_clock(rng.choice((1, 1000, 60000, HOUR, 5 * HOUR)))
        way = rng.random()
        if way < 0.7:
            self.write_some()
        elif way < 0.74:
            self.db.execute('SELECT dynamo_maintain()').fetchall()
        elif way < 0.77:
            self.set_options(rng.choice((0, 1, 3, 35)), rng.choice(
                ('off', 'off', 'KEYS_ONLY', 'NEW_AND_OLD_IMAGES')))
        elif way < 0.79:
            has = self.db.execute("SELECT count(*) FROM dynamo_indexes('orders') "
                                  "WHERE name = 'later'").fetchone()[0]
            self.db.execute("SELECT dynamo_alter('orders', ?)", (
                'DROP INDEX later' if has else
                'ADD GLOBAL INDEX later (c TEXT) PROJECT KEYS',)).fetchall()
        elif way < 0.82:
            self.check_backup()
        else:
            self.check_restore()
        self.note()


def main():
    options = argparse.ArgumentParser()
    options.add_argument('so')
    options.add_argument('--count', type=int, default=1500)
    options.add_argument('--seed', type=int, default=1)
    o = options.parse_args()
    db = sqlite3.connect(':memory:', isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.path.abspath(o.so))
    model = Model(db, random.Random(o.seed))
    model.set_clock(0)
    db.execute('CREATE VIRTUAL TABLE orders USING dynamo(p TEXT PARTITION KEY, s '
               'NUMBER SORT KEY, v NUMBER, LOCAL INDEX near (v), GLOBAL INDEX by_v '
               "(v, p), partition_bytes = 5000, ttl = 'gone')")
    model.note()
    model.set_options(35, 'off')
    for _ in range(o.count):
        model.step()
    assert db.execute("SELECT dynamo_check('orders')").fetchone() == ('ok',)
    partitions, = db.execute("SELECT count(*) FROM dynamo_partitions('orders')"
                             ).fetchone()
    assert model.restored > o.count / 20 and model.refused and partitions > 3
    print(f'ok: {model.restored} restored, {model.refused} refused, '
          f'{partitions} partitions')


if __name__ == '__main__':
    main()
