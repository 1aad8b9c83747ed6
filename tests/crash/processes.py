"""Several processes on one WAL file.

usage: processes.py DYNAMO.SO [--seconds N] [--seed S]

Two processes write: keys of their own, counters that they share, and pairs of
items in one transaction. A third one reads snapshots, a fourth one runs
dynamo_check(). A fifth one adds and drops tables. Claims: no error but BUSY;
each snapshot has both items of a pair alike; nothing is lost at the end; splits
by one process are seen by the others; dynamo_capacity() sums up what both
wrote; dynamo_check() is always ok.
"""
import argparse
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
import traceback

BUSY = (5, 261, 517)
COUNTERS = 5


def connect(so, path):
    db = sqlite3.connect(path, isolation_level=None, timeout=20)
    db.enable_load_extension(True)
    db.load_extension(so)
    db.execute('PRAGMA synchronous = NORMAL')
    return db


def attempt(db, *statements):
    """All in one transaction, until it is not busy."""
    while True:
        try:
            if len(statements) > 1:
                db.execute('BEGIN IMMEDIATE')
            for sql, parameters in statements:
                db.execute(sql, parameters).fetchall()
            if len(statements) > 1:
                db.execute('COMMIT')
            return
        except sqlite3.OperationalError as e:
            if db.in_transaction:
                db.execute('ROLLBACK')
            if e.sqlite_errorcode not in BUSY:
                raise


def writer(so, path, who, seconds, seed):
    db = connect(so, path)
    r = random.Random(f'{seed} {who}')
    own, increments, written, pairs = {}, [0] * COUNTERS, 0, 0
    size_of = 'SELECT dynamo_item_size(?)'
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        what = r.randrange(4)
        if what <= 1:
            key = '%s%d' % (who, r.randrange(400))
            old = own.get(key)
            item = {'pk': key, 'n': r.randrange(1000),
                    't': 'x' * r.choice((10, 300, 3000))}
            text = json.dumps(item)
            size, = db.execute(size_of, (text,)).fetchone()
            before = 0
            if old is not None:
                before, = db.execute(size_of, (json.dumps(old),)).fetchone()
            attempt(db, ('INSERT OR REPLACE INTO t(item) VALUES(?)', (text,)))
            own[key] = item
            written += (max(size, before) + 1023) // 1024
        elif what == 2:
            c = r.randrange(COUNTERS)
            attempt(db, ('UPDATE t SET n = n + 1 WHERE pk = ?',
                         ('counter%d' % c,)))
            increments[c] += 1
            written += 1
        else:
            pairs += 1
            n = pairs * 2 + (who == 'b')
            attempt(db, *(('UPDATE t SET n = ? WHERE pk = ?', (n, pk))
                          for pk in ('left', 'right')))
            written += 2
    return {'own': own, 'increments': increments, 'written': written,
            'pairs': pairs}


def reader(so, path, who, seconds, seed):
    db = connect(so, path)
    end = time.monotonic() + seconds
    snapshots, partitions, last = 0, set(), [0] * COUNTERS
    while time.monotonic() < end:
        db.execute('BEGIN')
        left, = db.execute("SELECT n FROM t WHERE pk = 'left'").fetchone()
        scanned = dict(db.execute("SELECT pk, n FROM t('scan')"))
        count, items = db.execute('SELECT count(*), sum(items) FROM '
                                  "dynamo_partitions('t')").fetchone()
        right, = db.execute("SELECT n FROM t WHERE pk = 'right'").fetchone()
        db.execute('COMMIT')
        assert left == right == scanned['left'] == scanned['right'], (
            f'a snapshot with {left} and {right}')
        assert items == len(scanned), f'{items} items, {len(scanned)} rows'
        now = [scanned['counter%d' % i] for i in range(COUNTERS)]
        assert all(a <= b for a, b in zip(last, now)), 'a counter went back'
        last = now
        partitions.add(count)
        snapshots += 1
        # in a statement of its own, the two agree as well
        alone = dict(db.execute("SELECT pk, n FROM t WHERE pk IN ('left', "
                                "'right')"))
        assert alone['left'] == alone['right'], alone
    return {'snapshots': snapshots, 'partitions': sorted(partitions)}


def checker(so, path, who, seconds, seed):
    db = connect(so, path)
    end = time.monotonic() + seconds
    checks = 0
    while time.monotonic() < end:
        report, = db.execute("SELECT dynamo_check('t')").fetchone()
        assert report == 'ok', f'check {checks}: {report}'
        listed, = db.execute("SELECT sum(items) FROM dynamo_tables('t')"
                             ).fetchone()
        assert listed >= COUNTERS + 2
        checks += 1
        time.sleep(0.01)
    return {'checks': checks}


def maker(so, path, who, seconds, seed):
    db = connect(so, path)
    end = time.monotonic() + seconds
    made = 0
    while time.monotonic() < end:
        attempt(db, (f'CREATE VIRTUAL TABLE made{made} USING dynamo(pk TEXT '
                     'PARTITION KEY)', ()))
        attempt(db, (f"INSERT INTO made{made}(pk) VALUES('x')", ()))
        if made > 0:
            attempt(db, (f'DROP TABLE made{made - 1}', ()))
        made += 1
        attempt(db, ('SELECT dynamo_maintain()', ()))
        attempt(db, ('SELECT * FROM dynamo_capacity', ()))
        time.sleep(0.1)
    return {'made': made}


def start(role, *arguments):
    source, sink = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(source)
        code = 1
        try:
            with os.fdopen(sink, 'w') as out:
                json.dump(role(*arguments), out)
            code = 0
        except BaseException:
            print(traceback.format_exc(), file=sys.stderr, flush=True)
        os._exit(code)
    os.close(sink)
    return role.__name__, pid, source


def finish(started):
    name, pid, source = started
    with os.fdopen(source) as f:
        text = f.read()
    _, status = os.waitpid(pid, 0)
    assert status == 0, f'{name} failed ({status}): {text}'
    return json.loads(text)


def run(so, seconds, seed):
    directory = tempfile.TemporaryDirectory()
    path = os.path.join(directory.name, 'db')
    db = connect(so, path)
    db.execute('PRAGMA journal_mode = WAL').fetchall()
    db.execute('CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, n '
               'NUMBER, partition_bytes = 30000)')
    for pk in ['left', 'right'] + ['counter%d' % i for i in range(COUNTERS)]:
        db.execute('INSERT INTO t(pk, n) VALUES(?, 0)', (pk,))
    first, = db.execute("SELECT count(*) FROM dynamo_partitions('t')"
                        ).fetchone()
    db.close()
    started = [start(role, so, path, who, seconds, seed) for role, who in (
        (writer, 'a'), (writer, 'b'), (reader, 'r'), (checker, 'c'),
        (maker, 'm'))]
    failures, results = [], []
    for s in started:
        try:
            results.append(finish(s))
        except AssertionError as e:
            failures.append(str(e))
    assert not failures, failures
    a, b, r, c, m = results
    db = connect(so, path)
    assert db.execute("SELECT dynamo_check('t')").fetchone() == ('ok',)
    there = {pk: json.loads(item) for pk, item in
             db.execute("SELECT pk, item FROM t('scan')")}
    want = {**a['own'], **b['own']}
    for pk, item in want.items():
        assert there.get(pk) == item, f'{pk}: lost'
    assert len(there) == len(want) + 2 + COUNTERS
    for i in range(COUNTERS):
        n = there['counter%d' % i]['n']
        assert n == a['increments'][i] + b['increments'][i], f'counter {i}'
    written = a['written'] + b['written'] + 2 + COUNTERS
    stored, = db.execute("SELECT sum(write_units) FROM dynamo_capacity('t')"
                         ).fetchone()
    assert stored == written, f'{stored} write units, {written} written'
    tables = [n for n, in db.execute('SELECT table_name FROM dynamo_tables')]
    assert tables == [f'made{m["made"] - 1}', 't'], tables
    assert len(r['partitions']) > 1 and r['partitions'][0] >= first, r
    print(f"{a['pairs'] + b['pairs']} pairs, {sum(a['increments'])} + "
          f"{sum(b['increments'])} increments, {len(want)} items, "
          f"{r['snapshots']} snapshots over {len(r['partitions'])} partition "
          f"maps, {c['checks']} checks, {m['made']} tables made, {written} "
          'write units, ok')
    directory.cleanup()


def main():
    options = argparse.ArgumentParser()
    options.add_argument('so')
    options.add_argument('--seconds', '--count', type=float, default=8)
    options.add_argument('--seed', type=int, default=1)
    o = options.parse_args()
    run(os.path.abspath(o.so), o.seconds, o.seed)


if __name__ == '__main__':
    sys.exit(main())
