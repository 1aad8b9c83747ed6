"""A process that loads a table is killed with SIGKILL, again and again on one
file.

usage: kill9.py DYNAMO.SO [--count KILLS] [--seed S]

The loader writes the number of each transaction to a pipe after its COMMIT has
returned. After each kill the file must hold everything up to that number, at
most the one transaction after it, no transaction in part, and pass
dynamo_check(). Partitions are small, so that splits are under way too, and an
index comes and goes every few transactions.
"""
import argparse
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time

MODES = {
    'wal': ('PRAGMA journal_mode = WAL', 'PRAGMA synchronous = NORMAL'),
    'delete': ('PRAGMA journal_mode = DELETE', 'PRAGMA synchronous = FULL'),
}


def connect(so, path, mode):
    db = sqlite3.connect(path, isolation_level=None, timeout=10)
    db.enable_load_extension(True)
    db.load_extension(so)
    for pragma in MODES[mode]:
        db.execute(pragma).fetchall()
    return db


def plan(number, seed):
    """The writes of a transaction: (what, key, item). Both the loader and the
    model that it is compared with go by it."""
    r = random.Random(f'{seed} {number}')
    writes = []
    for i in range(r.choice((1, 1, 3, 8, 20))):
        pk, sk = 'p%d' % r.randrange(40), r.randrange(30)
        size = r.choice((0, 20, 300, 300, 2500, 6000))
        what = r.choice(('put', 'put', 'put', 'update', 'delete'))
        writes.append((what, (pk, sk), {'pk': pk, 'sk': sk, 'n': number,
                                        't': chr(97 + i % 26) * size}))
    return writes


def load(so, path, mode, seed, number, pipe):
    db = connect(so, path, mode)
    while True:
        number += 1
        writes = plan(number, seed)
        if len(writes) > 1:
            db.execute('BEGIN IMMEDIATE')
        for what, key, item in writes:
            if what == 'put':
                db.execute('INSERT OR REPLACE INTO t(item) VALUES(?)',
                           (json.dumps(item),))
            elif what == 'update':
                db.execute('UPDATE t SET n = ? WHERE pk = ? AND sk = ?',
                           (number, *key))
            else:
                db.execute('DELETE FROM t WHERE pk = ? AND sk = ?', key)
        if number % 25 == 0:
            has = db.execute("SELECT count(*) FROM dynamo_indexes('t') WHERE name "
                             "= 'later'").fetchone()[0]
            change = 'DROP INDEX later' if has else \
                'ADD GLOBAL INDEX later (n NUMBER) PROJECT KEYS'
            db.execute("SELECT dynamo_alter('t', ?)", (change,)).fetchall()
        if len(writes) > 1:
            db.execute('COMMIT')
        os.write(pipe, b'%d\n' % number)


def apply(model, number, seed):
    for what, key, item in plan(number, seed):
        if what == 'put':
            model[key] = item
        elif what == 'update' and key in model:
            model[key] = dict(model[key], n=number)
        elif what == 'delete':
            model.pop(key, None)


def contents(db):
    return {(pk, sk): json.loads(item) for pk, sk, item in
            db.execute("SELECT pk, sk, item FROM t('scan')")}


def run(so, mode, kills, seed):
    directory = tempfile.TemporaryDirectory()
    path = os.path.join(directory.name, 'db')
    db = connect(so, path, mode)
    db.execute('CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, sk '
               'NUMBER SORT KEY, n NUMBER, LOCAL INDEX near (n), GLOBAL INDEX '
               'by_n (n, pk), partition_bytes = 20000)')
    db.close()
    model = {}
    number = 0
    ahead = 0
    r = random.Random(seed)
    for kill in range(kills):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            try:
                load(so, path, mode, seed, number, writer)
            except Exception as e:
                print(f'the loader failed: {e!r}', flush=True)
            os._exit(1)
        os.close(writer)
        # from its first commit on, somewhere within the next ones
        first = os.read(reader, 1)
        time.sleep(r.uniform(0, 0.15))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status), 'the loader ended by itself'
        with os.fdopen(reader, 'rb') as f:
            acknowledged = int((first + f.read()).split()[-1])
        while number < acknowledged:
            number += 1
            apply(model, number, seed)
        db = connect(so, path, mode)
        report, = db.execute("SELECT dynamo_check('t')").fetchone()
        assert report == 'ok', f'kill {kill}: {report}'
        there = contents(db)
        if there != model:
            number += 1
            ahead += 1
            apply(model, number, seed)
            assert there == model, (
                f'kill {kill}: {len(there)} items, acknowledged '
                f'{acknowledged}; neither it nor the next one is there')
        assert db.execute('PRAGMA integrity_check').fetchone() == ('ok',)
        partitions = db.execute(
            "SELECT count(*) FROM dynamo_partitions('t') WHERE index_name IS "
            'NULL').fetchone()[0]
        db.close()
    directory.cleanup()
    print(f'{mode}: {kills} kills, {number} transactions, {ahead} committed '
          f'but not acknowledged, {len(model)} items in {partitions} '
          'partitions, ok')
    assert number > kills and partitions > 4


def main():
    options = argparse.ArgumentParser()
    options.add_argument('so')
    options.add_argument('--count', type=int, default=20)
    options.add_argument('--seed', type=int, default=1)
    o = options.parse_args()
    for mode in MODES:
        run(os.path.abspath(o.so), mode, o.count, o.seed)


if __name__ == '__main__':
    sys.exit(main())
