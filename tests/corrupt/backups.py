"""Damage of every kind to the rows of backups: what is restored is what was
copied, or nothing is, and the damage is told.

usage: backups.py DYNAMO.SO [--count N] [--seed S]
"""
import argparse
import os
import random
import sqlite3

CORRUPT_VTAB = 267


def connect(so, image=None):
    db = sqlite3.connect(':memory:', isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    if image is not None:
        db.deserialize(image)
    return db


def contents(db, table):
    return sorted(db.execute(f"SELECT item FROM {table}('scan')"))


def build(so):
    db = connect(so)
    db.execute('CREATE VIRTUAL TABLE orders USING dynamo(pk TEXT PARTITION KEY, '
               'sk NUMBER SORT KEY, v NUMBER, GLOBAL INDEX by_v (v))')
    for i in range(60):
        db.execute('INSERT INTO orders VALUES(?, ?, ?)', (f'p{i % 7}', i, i % 5))
    db.execute('INSERT INTO orders(item) VALUES(?)',
               ('{"pk": "large", "sk": 1, "t": "%s"}' % ('x' * 100000),))
    db.execute('INSERT INTO orders(item) VALUES(?)',
               ('{"pk": "large", "sk": 2, "t": "%s"}' % ('y' * 100000),))
    for name in ('one', 'two'):
        db.execute("SELECT dynamo_backup('orders', ?)", (f'{name}-copy',)).fetchall()
    arns = [arn for arn, in db.execute('SELECT arn FROM dynamo_backups')]
    assert db.execute('SELECT min(parts) FROM _dynamo_backups').fetchone()[0] > 1
    return db.serialize(), arns, contents(db, 'orders')


def changed(value, pick):
    """Another value of a column."""
    if isinstance(value, int):
        return pick.choice((value + 1, -1, 0, 2**63 - 1, 'text', b'x', value ^ 64))
    data = bytearray(value if isinstance(value, bytes) else value.encode())
    way = pick.randrange(4)
    if way == 0 and data:
        data[pick.randrange(len(data))] ^= 1 << pick.randrange(8)
    elif way == 1:
        del data[pick.randrange(len(data) + 1):]
    elif way == 2:
        data += bytes(pick.randrange(1, 9))
    else:
        data = bytearray(pick.randrange(256) for _ in range(pick.randrange(40)))
    return bytes(data) if isinstance(value, bytes) or pick.random() < 0.2 else \
        data.decode(errors='replace')


def damage(db, pick):
    """Damage one row, and tell how."""
    table = pick.choice(('_dynamo_backups', '_dynamo_backup_items'))
    way = pick.choice(('value', 'value', 'value', 'delete', 'swap'))
    rowids = [n for n, in db.execute(f'SELECT rowid FROM {table}')]
    one, other = pick.sample(rowids, 2)
    if way == 'delete':
        db.execute(f'DELETE FROM {table} WHERE rowid = ?', (one,))
        return f'{table}: without {one}'
    columns = [row[1] for row in db.execute(f'PRAGMA table_info({table})')]
    column = pick.choice(columns)
    before = db.execute(f'SELECT {column} FROM {table} WHERE rowid = ?',
                        (one,)).fetchone()[0]
    after = db.execute(f'SELECT {column} FROM {table} WHERE rowid = ?',
                       (other,)).fetchone()[0] if way == 'swap' else changed(
                           before, pick)
    try:
        db.execute(f'UPDATE {table} SET {column} = ? WHERE rowid = ?', (after, one))
    except sqlite3.IntegrityError:
        return None
    return f'{table} {column} of {one}: {before!r:.40} becomes {after!r:.40}'


def check(so, image, arns, items, pick):
    db = connect(so, image)
    what = damage(db, pick)
    if what is None:
        return
    for arn in arns:
        try:
            db.execute('SELECT dynamo_restore(?, ?)', (arn, 'restored')).fetchall()
        except sqlite3.Error as error:
            is_gone = 'Backup not found' in str(error)
            assert is_gone or error.sqlite_errorcode == CORRUPT_VTAB, (what, error)
            left = db.execute("SELECT name FROM sqlite_schema WHERE name GLOB "
                              "'restored*'").fetchall()
            assert left == [], (what, left)
            continue
        assert contents(db, 'restored') == items, what
        assert db.execute("SELECT dynamo_check('restored')").fetchone() == ('ok',), what
        db.execute('DROP TABLE restored')
    # the table itself is not touched
    assert contents(db, 'orders') == items
    assert db.execute("SELECT dynamo_check('orders')").fetchone() == ('ok',)


def main():
    options = argparse.ArgumentParser()
    options.add_argument('so')
    options.add_argument('--count', type=int, default=600)
    options.add_argument('--seed', type=int, default=1)
    o = options.parse_args()
    image, arns, items = build(os.path.abspath(o.so))
    pick = random.Random(o.seed)
    for _ in range(o.count):
        check(os.path.abspath(o.so), image, arns, items, pick)
    print('ok')


if __name__ == '__main__':
    main()
