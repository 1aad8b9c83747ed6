"""Handlers of changes, in processes that are killed with SIGKILL.

usage: handlers.py DYNAMO.SO [--count KILLS] [--seed S]

Each process writes, has dynamo_maintain() run the handlers, and is killed at
any moment; the next one goes on with the file. After each kill, what the
handlers have written is compared with the log: each change up to the position
of a handler is handled exactly once, and none behind it. In the end all are.
One handler takes batches, one runs in the statement that writes, and one fails
for some changes, which are then dead letters.
"""
import argparse
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time

TABLES = '''
CREATE VIRTUAL TABLE t USING dynamo(k TEXT PARTITION KEY, n NUMBER,
                                    stream = 'NEW_AND_OLD_IMAGES');
CREATE TABLE batches(sequence, event, n);
CREATE TABLE at_once(sequence, event, n);
CREATE TABLE some(sequence, event, n CHECK(n IS NULL OR n % 13 <> 0));
'''
HANDLERS = (('batches', "batch = 7"),
            ('at_once', "sync = 'on'"),
            ('some', "batch = 16, retries = 1, retry_ms = 0"))


def connect(so, path):
    db = sqlite3.connect(path, isolation_level=None, timeout=10)
    db.enable_load_extension(True)
    db.load_extension(so)
    db.execute('PRAGMA synchronous = NORMAL')
    return db


def make(so, path):
    db = connect(so, path)
    db.execute('PRAGMA journal_mode = WAL')
    db.executescript(TABLES)
    for name, options in HANDLERS:
        db.execute('SELECT dynamo_on_change(?, ?, ?, ?)', (
            't', name, f'INSERT INTO {name} VALUES(:sequence, :event, '
            "coalesce(:new, :old) ->> 'n')", options))
    db.close()


def work(so, path, seed):
    db = connect(so, path)
    pick = random.Random(seed)
    while True:
        many = pick.random() < 0.3
        if many:
            db.execute('BEGIN IMMEDIATE')
        for _ in range(pick.choice((1, 2, 9)) if many else 1):
            key = 'k%d' % pick.randrange(50)
            if pick.random() < 0.25:
                db.execute('DELETE FROM t WHERE k = ?', (key,))
            else:
                db.execute('INSERT OR REPLACE INTO t VALUES(?, ?)',
                           (key, pick.randrange(100)))
        if many:
            db.execute(pick.choice(('COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK')))
        if pick.random() < 0.3:
            db.execute('SELECT dynamo_maintain()').fetchall()


def check(db):
    log = db.execute("SELECT sequence, event, coalesce(new, old) ->> 'n' "
                     "FROM dynamo_stream('t') ORDER BY sequence").fetchall()
    positions = dict(db.execute("SELECT name, sequence FROM dynamo_handlers('t')"))
    dead = set()
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 't_dead_letters'"
                  ).fetchall():
        dead = {s for s, in db.execute('SELECT sequence FROM t_dead_letters')}
    for name, _ in HANDLERS:
        handled = db.execute(f'SELECT * FROM {name} ORDER BY sequence').fetchall()
        wanted = [r for r in log if r[0] <= positions[name]]
        if name == 'some':
            assert dead == {r[0] for r in wanted if r[2] % 13 == 0}, 'dead letters'
            wanted = [r for r in wanted if r[0] not in dead]
        assert handled == wanted, (name, len(handled), len(wanted))
    return len(log)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('so')
    parser.add_argument('--count', type=int, default=30)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    so = os.path.abspath(options.so)
    pick = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'handlers.db')
        make(so, path)
        for kill in range(options.count):
            child = os.fork()
            if child == 0:
                try:
                    work(so, path, f'{options.seed} {kill}')
                except BaseException as error:
                    print('the worker failed:', error, file=sys.stderr)
                os._exit(1)
            time.sleep(pick.uniform(0.02, 0.25))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            assert os.WIFSIGNALED(status), 'the worker ended by itself'
            db = connect(so, path)
            check(db)
            assert db.execute("SELECT dynamo_check('t')").fetchone() == ('ok',)
            db.close()
        db = connect(so, path)
        while db.execute('SELECT dynamo_maintain()').fetchone()[0] > 0 or \
                db.execute("SELECT sum(behind) FROM dynamo_handlers('t')"
                           ).fetchone()[0] > 0:
            pass
        changes = check(db)
        print(f'{options.count} kills, {changes} changes handled once each')


main()
