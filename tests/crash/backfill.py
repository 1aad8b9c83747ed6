#!/usr/bin/env python3
"""An index is added to a table with items, while another process writes.

usage: backfill.py DYNAMO.SO [--count ITEMS] [--seed S]

One process adds the index and calls dynamo_maintain() until it is ACTIVE; it is
killed with SIGKILL when a third is done, and another one goes on. The writer
puts, changes and deletes items all the time: none of its writes may fail, and
in the end each item must have its entry, and dynamo_check() must say ok. Prints
the longest that a write took, without the index and with it.
"""
import argparse
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time


def connect(so, path):
    db = sqlite3.connect(path, isolation_level=None, timeout=20)
    db.enable_load_extension(True)
    db.load_extension(so)
    db.execute('PRAGMA journal_mode = WAL').fetchall()
    db.execute('PRAGMA synchronous = NORMAL')
    return db


def load(db, count):
    db.execute('CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, '
               'sk NUMBER SORT KEY, color TEXT, note TEXT)')
    db.execute('BEGIN')
    for i in range(count):
        db.execute('INSERT INTO t VALUES(?, ?, ?, ?)',
                   (f'p{i // 10}', i % 10, f'c{i % 1000}', 'x' * 150))
    db.execute('COMMIT')


def write(so, path, count, seed, stop, pipe):
    """Write until the file stop is there; tell the longest time it took."""
    db = connect(so, path)
    rng = random.Random(seed)
    longest = total = 0
    while not os.path.exists(stop):
        i = rng.randrange(count + count // 10)
        key = (f'p{i // 10}', i % 10)
        way = rng.random()
        begin = time.perf_counter()
        if way < 0.5:
            db.execute('INSERT OR REPLACE INTO t VALUES(?, ?, ?, ?)',
                       (*key, f'c{rng.randrange(1000)}', 'y' * 150))
        elif way < 0.8:
            db.execute('UPDATE t SET color = ? WHERE pk = ? AND sk = ?',
                       (rng.choice([None, 'changed']), *key))
        else:
            db.execute('DELETE FROM t WHERE pk = ? AND sk = ?', key)
        longest = max(longest, time.perf_counter() - begin)
        total += 1
    db.close()
    os.write(pipe, f'{longest * 1000:.1f} {total}'.encode())


def start(function, *arguments):
    pid = os.fork()
    if pid == 0:
        try:
            function(*arguments)
            os._exit(0)
        except BaseException as e:
            print(f'{function.__name__} failed: {e!r}', flush=True)
        os._exit(1)
    return pid


def state(db):
    return db.execute("SELECT state, entries FROM dynamo_indexes('t')").fetchone()


def add(so, path):
    db = connect(so, path)
    db.execute("SELECT dynamo_alter('t', 'ADD GLOBAL INDEX by_color (color, pk) "
               "PROJECT KEYS')").fetchall()
    maintain(so, path)


def maintain(so, path):
    db = connect(so, path)
    while state(db)[0] != 'ACTIVE':
        db.execute('SELECT dynamo_maintain()').fetchall()
    db.close()


def with_writer(so, path, count, seed, work):
    """Do some work while the writer writes. Returns what it tells."""
    stop = path + '-stop'
    reader, writer = os.pipe()
    pid = start(write, so, path, count, seed, stop, writer)
    os.close(writer)
    time.sleep(0.2)
    work()
    open(stop, 'w').close()
    _, status = os.waitpid(pid, 0)
    os.unlink(stop)
    with os.fdopen(reader) as f:
        longest, total = f.read().split() if status == 0 else (0, 0)
    assert status == 0, 'a write failed'
    return float(longest), int(total)


def main():
    options = argparse.ArgumentParser()
    options.add_argument('so')
    options.add_argument('--count', type=int, default=20000)
    options.add_argument('--seed', type=int, default=1)
    o = options.parse_args()
    so = os.path.abspath(o.so)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'db')
        db = connect(so, path)
        load(db, o.count)

        def fill():
            pid = start(add, so, path)
            while True:
                time.sleep(0.005)
                assert os.waitpid(pid, os.WNOHANG)[0] == 0, 'too early'
                if (state(db) or ('', 0))[1] > o.count // 3:
                    break
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            reached = state(db)
            print(f'killed when {reached[1]} entries were there: {reached[0]}')
            pid = start(maintain, so, path)
            assert os.waitpid(pid, 0)[1] == 0

        quiet = with_writer(so, path, o.count, o.seed, lambda: time.sleep(2))
        busy = with_writer(so, path, o.count, o.seed + 1, fill)
        report, = db.execute("SELECT dynamo_check('t')").fetchone()
        assert report == 'ok', report
        entries, = db.execute("SELECT count(*) FROM t('scan index by_color')"
                              ).fetchone()
        items, = db.execute("SELECT count(color) FROM t('scan')").fetchone()
        assert entries == items, (entries, items)
        assert state(db) == ('ACTIVE', items)
        print(f'{o.count} items, {quiet[1]} + {busy[1]} writes; the longest took '
              f'{quiet[0]} ms without, {busy[0]} ms with the index being filled')


if __name__ == '__main__':
    sys.exit(main())
