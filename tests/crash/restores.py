"""A process that makes backups and restores them is killed with SIGKILL, again
and again on one file: a backup is there whole or not at all, and so is a table
that is restored.

usage: restores.py DYNAMO.SO [--count KILLS] [--seed S]
"""
import argparse
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time

ITEMS = 3000


def connect(so, path):
    db = sqlite3.connect(path, isolation_level=None, timeout=10)
    db.enable_load_extension(True)
    db.load_extension(so)
    db.execute('PRAGMA journal_mode = WAL').fetchall()
    db.execute('PRAGMA synchronous = NORMAL')
    return db


def create(so, path):
    db = connect(so, path)
    db.execute('CREATE VIRTUAL TABLE orders USING dynamo(pk TEXT PARTITION KEY, '
               'sk NUMBER SORT KEY, round NUMBER, note TEXT, LOCAL INDEX near '
               '(round), GLOBAL INDEX by_round (round) PROJECT KEYS, '
               'point_in_time = 1)')
    db.execute('BEGIN')
    for i in range(ITEMS):
        db.execute('INSERT INTO orders VALUES(?, ?, 0, ?)',
                   (f'p{i // 9}', i % 9, 'x' * 50))
    db.execute('COMMIT')
    db.close()


def restore_past(db, number):
    """The table as it is, after it has changed again."""
    time.sleep(0.002)
    then, = db.execute('SELECT dynamo_clock()').fetchone()
    time.sleep(0.002)
    db.execute("UPDATE orders SET note = note || 'y' WHERE pk = 'p1'")
    db.execute("SELECT dynamo_restore('orders', ?, ?)", (f'r{number}', then)
               ).fetchall()


def work(so, path, number):
    """Mark some items with a number, copy the table, restore the copy, and
    remove what is older."""
    db = connect(so, path)
    while True:
        number += 1
        db.execute('UPDATE orders SET round = ? WHERE pk = ?',
                   (number, f'p{number % (ITEMS // 9)}'))
        arn = db.execute("SELECT dynamo_backup('orders', ?)",
                         (f'round-{number}',)).fetchone()[0]
        if number % 2 == 0:
            db.execute('SELECT dynamo_restore(?, ?)', (arn, f'r{number}')).fetchall()
        else:
            restore_past(db, number)
        for old, in db.execute("SELECT arn FROM dynamo_backups WHERE name <> ?",
                               (f'round-{number}',)).fetchall():
            db.execute("SELECT dynamo_api('DeleteBackup', json_object('BackupArn', "
                       '?))', (old,)).fetchall()
        for name in tables(db):
            if name != f'r{number}':
                db.execute(f'DROP TABLE {name}')


def tables(db):
    return [name for name, in db.execute(
        "SELECT table_name FROM dynamo_tables WHERE table_name GLOB 'r*'")]


def check_table(db, name, number):
    """It has all items, of the rounds up to its own."""
    count, last = db.execute(f"SELECT count(*), max(round) FROM {name}('scan')"
                             ).fetchone()
    assert (count, last) == (ITEMS, number), (name, count, last)
    assert db.execute('SELECT dynamo_check(?)', (name,)).fetchone() == ('ok',), name


def check(so, path):
    """Returns the number of the last round."""
    db = connect(so, path)
    assert db.execute('PRAGMA integrity_check').fetchone() == ('ok',)
    last = db.execute("SELECT max(round) FROM orders('scan')").fetchone()[0]
    check_table(db, 'orders', last)
    for name in tables(db):
        check_table(db, name, int(name[1:]))
    backups = db.execute('SELECT name, arn FROM dynamo_backups').fetchall()
    for name, arn in backups:
        db.execute("SELECT dynamo_restore(?, 'again')", (arn,)).fetchall()
        check_table(db, 'again', int(name.split('-')[1]))
        db.execute('DROP TABLE again')
    stored = db.execute("SELECT count(DISTINCT backup) FROM _dynamo_backup_items"
                        ).fetchone()[0] if backups else 0
    assert stored == len(backups), (stored, backups)
    db.close()
    return int(last)


def main():
    options = argparse.ArgumentParser()
    options.add_argument('so')
    options.add_argument('--count', type=int, default=25)
    options.add_argument('--seed', type=int, default=1)
    o = options.parse_args()
    so = os.path.abspath(o.so)
    pick = random.Random(o.seed)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'db')
        create(so, path)
        number = 0
        for _ in range(o.count):
            pid = os.fork()
            if pid == 0:
                try:
                    work(so, path, number)
                except Exception as error:
                    print(f'the worker failed: {error!r}', flush=True)
                os._exit(1)
            time.sleep(pick.uniform(0.05, 0.6))
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            assert os.WIFSIGNALED(status), 'the worker ended'
            number = check(so, path)
    assert number > 0
    print(f'ok: {number} rounds')


if __name__ == '__main__':
    sys.exit(main())
