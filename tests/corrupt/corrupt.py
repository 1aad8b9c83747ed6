"""Damage of every kind to the shadow tables of one table, and to its file.

usage: corrupt.py DYNAMO.SO [--count N] [--seed S] [--only WORD]

After each damage the table is read, written, checked and dropped. Claims:
 - nothing crashes or hangs;
 - a row that comes back equals the one that was written, or the statement
   fails with SQLITE_CORRUPT and names the table; a row is missing only where
   keys or rows were damaged; a write that succeeds is read back;
 - dynamo_check() reports the damage, except in _usage, and REBUILD INDEX mends
   indexes where only they are damaged;
 - DROP TABLE works and leaves nothing.
When pages of the file are damaged at random, only the first two hold, and the
second only as far as our checksums reach: a row that comes back is one that
was written.
"""
import argparse
import json
import os
import random
import signal
import sqlite3
import struct
import sys
import tempfile

NAME = 'orders'
CASE_SECONDS = 20
CORRUPT = 11
ABORT_ROLLBACK = 516  # a write that stopped half way
CORRUPT_VTAB = 267


def connect(so, image=None):
    db = sqlite3.connect(':memory:', isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    db.text_factory = lambda b: b.decode(errors='replace')
    if image is not None:
        db.deserialize(image)
    return db


def base_items():
    items = []
    for i in range(4):
        items.append({'pk': 'small', 'sk': i, 'v': i})
    items.append({'pk': 'numbers', 'sk': 1, 'v': 12345.678,
                  'n': {'NS': ['1', '2.5', '-3']}, 'm': 1e100})
    items.append({'pk': 'sets', 'sk': 1, 'v': 0, 's': {'SS': ['a', 'b', 'c']},
                  'b': {'BS': ['AAEC', '/////w==']}, 'x': {'B': 'aGVsbG8='}})
    items.append({'pk': 'nested', 'sk': -1, 'v': 5,
                  'l': [1, 'two', {'three': [None, True, {'four': {}}]}, []]})
    for i in range(3):
        items.append({'pk': 'large', 'sk': i, 'v': i,
                      't': chr(97 + i) * (700 * (i + 1)),
                      'l': list(range(20 * i))})
    for i in range(20):
        items.append({'pk': 'p%d' % i, 'sk': 0.5, 'v': i, 't': 'x' * i})
    return items


def build(so):
    """The file, as bytes, and what is in it: (pk, sk) -> text of the item."""
    path = tempfile.mktemp()
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    db.execute('PRAGMA page_size = 1024')
    db.execute(f'CREATE VIRTUAL TABLE {NAME} USING dynamo(pk TEXT PARTITION '
               'KEY, sk NUMBER SORT KEY, v NUMBER, GLOBAL INDEX by_v (v, pk), '
               'LOCAL INDEX near (v) PROJECT KEYS, partition_bytes = 1500)')
    db.execute('CREATE TABLE plain(a)')
    for item in base_items():
        db.execute(f'INSERT INTO {NAME}(item) VALUES(?)', (json.dumps(item),))
    db.execute('SELECT dynamo_maintain()').fetchall()
    assert db.execute(f"SELECT dynamo_check('{NAME}')").fetchone() == ('ok',)
    # a split that is being prepared, as a flush would leave it
    number, low = db.execute(
        f'SELECT partition, low FROM {NAME}_partitions WHERE items > 3 AND tree = 0 '
        'ORDER BY items DESC').fetchone()
    keys = [k for k, in db.execute(f'SELECT key FROM {NAME}_items WHERE key >= '
                                   '? ORDER BY key', (low,))]
    hashes = sorted({bytes(k[:8]) for k in keys})
    walked = hashes[1]
    left = [k for k in keys if k[:8] < walked]
    sizes = 0
    for k in left:
        row = db.execute(f'SELECT dynamo_item_size(item) FROM {NAME}(\'scan\') '
                         'WHERE dynamo_key = ?', (k,)).fetchone()
        sizes += row[0]
    db.execute(f'UPDATE {NAME}_partitions SET walked = ?, left_items = ?, '
               'left_bytes = ?, give_up_bytes = 100000 WHERE partition = ?',
               (walked, len(left), sizes, number))
    report = db.execute(f"SELECT dynamo_check('{NAME}')").fetchone()
    assert report == ('ok',), report
    model = {}
    for pk, sk, item in db.execute(
            f"SELECT pk, sk, item FROM {NAME}('scan')"):
        model[pk, sk] = json.loads(item)
    assert len(model) == len(base_items())
    db.close()
    with open(path, 'rb') as f:
        image = f.read()
    os.unlink(path)
    return image, model


class Case:
    """One damage: what it is, and what may follow from it."""

    def __init__(self, label, damage, missing=False, check='must',
                 pages=False, index=None):
        self.label = label
        self.damage = damage    # of a connection; or of the file's bytes
        self.missing = missing  # rows may be missing
        self.check = check      # 'must' report, or 'may'
        self.pages = pages
        self.index = index      # the only thing that is damaged


class Wrong(Exception):
    pass


def attempt(db, case, sql, parameters=()):
    """The rows; None when the statement fails as it should."""
    try:
        return db.execute(sql, parameters).fetchall()
    except sqlite3.Error as e:
        code = getattr(e, 'sqlite_errorcode', 0)
        if case.pages:
            return None
        if code not in (CORRUPT, CORRUPT_VTAB, ABORT_ROLLBACK):
            raise Wrong(f'{sql}: code {code}: {e}')
        if NAME not in str(e) and 'malformed' not in str(e):
            raise Wrong(f'{sql}: does not name the table: {e}')
        return None
    except UnicodeDecodeError:  # of a message that quotes a damaged name
        if case.pages:
            return None
        raise


def verify(case, model, rows, where, written=()):
    for pk, sk, v, item in rows:
        item = json.loads(item)
        is_old = dict(written).get((pk, sk)) == item
        if not is_old and model.get((pk, sk)) != item or item.get('v') != v:
            raise Wrong(f'{where}: a wrong row: {pk!r} {sk!r} {item}')
    if len({(pk, sk) for pk, sk, *_ in rows}) != len(rows) and not written:
        raise Wrong(f'{where}: a row twice')


def read_everything(db, case, model, written=()):
    columns = 'pk, sk, v, item'
    for pk, sk in model:
        rows = attempt(db, case, f'SELECT {columns} FROM {NAME} WHERE pk = ? '
                       'AND sk = ?', (pk, sk))
        if rows is None:
            continue
        verify(case, model, rows, 'get')
        if not rows and not case.missing and not case.pages:
            raise Wrong(f'get: {pk} {sk} is missing')
    for pk in sorted({pk for pk, _ in model})[:6]:
        for order in ('', 'DESC'):
            rows = attempt(db, case, f'SELECT {columns} FROM {NAME} WHERE '
                           f'pk = ? ORDER BY sk {order}', (pk,))
            if rows is None:
                continue
            verify(case, model, rows, 'query')
            there = [sk for p, sk in model if p == pk]
            if case.missing or case.pages:
                continue
            if [r[1] for r in rows] != sorted(there, reverse=order != ''):
                raise Wrong(f'query: {pk}: {[r[1] for r in rows]}')
    for v in sorted({model[k]['v'] for k in model})[:8]:
        try:
            rows = attempt(db, case, f"SELECT {columns} FROM "
                           f"{NAME}('index by_v') WHERE v = ?", (v,))
        except Wrong:  # the index is another one now
            if case.label.startswith('indexes:'):
                break
            raise
        if rows is None:
            continue
        # the entry of an item that is lost stays
        verify(case, model, rows, 'index', written if case.missing else ())
        there = sum(i['v'] == v for i in model.values())
        if len(rows) != there and not (case.missing or case.pages or case.index):
            raise Wrong(f'index: v = {v}: {len(rows)} rows')
    for mode in ('scan', 'scan segment 1 of 3', 'scan strong'):
        rows = attempt(db, case, f"SELECT {columns} FROM {NAME}('{mode}')")
        if rows is None:
            continue
        verify(case, model, rows, mode)
        if ('segment' not in mode and not case.missing and not case.pages and
                len(rows) != len(model)):
            raise Wrong(f'{mode}: {len(rows)} rows of {len(model)}')


def write_everything(db, case, model, pick):
    """Returns the model after it. What a failed write leaves is what was."""
    model = dict(model)
    keys = [pick.choice(sorted(model)) for _ in range(4)]
    if pick.random() < 0.4:
        attempt(db, case, 'BEGIN')
    before = dict(model)
    for i in range(3):
        item = {'pk': 'new%d' % i, 'sk': 1, 'v': 7, 't': 'n' * 400 * i}
        if attempt(db, case, f'INSERT INTO {NAME}(item) VALUES(?)',
                   (json.dumps(item),)) is not None:
            model['new%d' % i, 1] = item
        elif not db.in_transaction:
            model = dict(before)
        if not db.in_transaction:
            before = dict(model)
    pk, sk = keys[0]
    item = {'pk': pk, 'sk': sk, 'v': 8, 't': 'r' * pick.choice((5, 900))}
    if attempt(db, case, f'INSERT OR REPLACE INTO {NAME}(item) VALUES(?)',
               (json.dumps(item),)) is not None:
        model[pk, sk] = item
    elif not db.in_transaction:
        model = dict(before)
    if not db.in_transaction:
        before = dict(model)
    for pk, sk in keys[1:3]:
        if (pk, sk) not in model:
            continue
        old = attempt(db, case, f'SELECT v FROM {NAME} WHERE pk = ? AND sk = '
                      '?', (pk, sk))
        done = attempt(db, case, f'UPDATE {NAME} SET v = 99 WHERE pk = ? AND '
                       'sk = ?', (pk, sk))
        if done is not None and old:
            model[pk, sk] = dict(model[pk, sk], v=99)
        elif done is None and not db.in_transaction:
            model = dict(before)
        if not db.in_transaction:
            before = dict(model)
    pk, sk = keys[3]
    if attempt(db, case, f'DELETE FROM {NAME} WHERE pk = ? AND sk = ?',
               (pk, sk)) is not None:
        model.pop((pk, sk), None)
    elif not db.in_transaction:
        model = dict(before)
    if not db.in_transaction:
        before = dict(model)
    if db.in_transaction:
        if attempt(db, case, 'COMMIT') is None:
            model = dict(before)
            if db.in_transaction:
                db.execute('ROLLBACK')
    return model


def look(db, case):
    for sql in ('SELECT * FROM dynamo_tables',
                f"SELECT * FROM dynamo_partitions('{NAME}')",
                f"SELECT * FROM dynamo_capacity('{NAME}')",
                'SELECT dynamo_cost()', 'SELECT dynamo_maintain()',
                f"UPDATE {NAME} SET v = v + 1 WHERE mode = 'scan' AND pk = 'q'",
                'SELECT dynamo_maintain()'):
        attempt(db, case, sql)


def rebuild(db, case):
    db.execute(f"SELECT dynamo_alter('{NAME}', 'REBUILD INDEX {case.index}')"
               ).fetchall()
    report = db.execute(f"SELECT dynamo_check('{NAME}')").fetchone()
    if report != ('ok',):
        raise Wrong(f'rebuilt, and dynamo_check says {report}')


def run_case(so, image, model, case, seed):
    pick = random.Random(f'{seed} {case.label}')
    if case.pages:
        try:
            db = connect(so, case.damage(image))
        except sqlite3.Error:
            return
    else:
        db = connect(so, image)
        if pick.random() < 0.5:  # what is in memory must not hide it
            db.execute(f"SELECT count(*) FROM {NAME}('scan')").fetchall()
            db.execute(f"SELECT dynamo_check('{NAME}')").fetchall()
        case.damage(db)
    report = attempt(db, case, f"SELECT dynamo_check('{NAME}')")
    if report is not None and case.check == 'must' and not case.pages:
        if report[0][0] == 'ok':
            raise Wrong('dynamo_check says ok')
    try:
        read_everything(db, case, model)
        after = write_everything(db, case, model, pick)
        look(db, case)
        if not case.pages:
            # rows that were missing may have been written over by then
            read_everything(db, case, after, model)
        attempt(db, case, f"SELECT dynamo_check('{NAME}')")
        if case.index is not None:
            rebuild(db, case)
    finally:
        if db.in_transaction:
            db.execute('ROLLBACK')
    if case.pages:
        attempt(db, case, f'DROP TABLE {NAME}')
        db.close()
        return
    if pick.random() < 0.5:  # dropped on a connection that never opened it
        fresh = connect(so, db.serialize())
        db.close()
        db = fresh
    db.execute(f'DROP TABLE {NAME}')
    left = db.execute("SELECT name FROM sqlite_master WHERE name LIKE "
                      f"'%{NAME}%'").fetchall()
    if left:
        raise Wrong(f'DROP TABLE leaves {left}')
    db.execute(f'CREATE VIRTUAL TABLE {NAME} USING dynamo(pk TEXT PARTITION '
               'KEY)')
    db.close()


# ---------------------------------------------------------------- damages --

def sql(*statements):
    def damage(db):
        for s in statements:
            if isinstance(s, tuple):
                db.execute(*s)
            else:
                db.execute(s)
    return damage


def set_item(key, value):
    return sql((f'UPDATE {NAME}_items SET item = ? WHERE key = ?',
                (value, key)))


def set_key(key, value):
    return sql((f'UPDATE OR REPLACE {NAME}_items SET key = ? WHERE key = ?',
                (value, key)))


def set_large(number, value):
    return sql((f'UPDATE {NAME}_large SET item = ? WHERE id = ?',
                (value, number)))


def changed(data, at, pick):
    out = bytearray(data)
    out[at] ^= 1 << pick.randrange(8) if pick.random() < 0.7 else 0xff
    return bytes(out)


def item_cases(db, pick):
    rows = db.execute(f'SELECT key, item FROM {NAME}_items').fetchall()
    for r, (key, item) in enumerate(rows):
        if isinstance(item, bytes):
            for at in range(len(item)):
                yield Case(f'item {r}: byte {at}',
                           set_item(key, changed(item, at, pick)))
                yield Case(f'item {r}: cut at {at}', set_item(key, item[:at]))
            for n in (1, 4, 300):
                yield Case(f'item {r}: {n} bytes more',
                           set_item(key, item + os.urandom(n)))
        for at in range(len(key)):
            yield Case(f'key {r}: byte {at}',
                       set_key(key, changed(key, at, pick)), missing=True)
            yield Case(f'key {r}: cut at {at}', set_key(key, key[:at]),
                       missing=True)
        for n in (1, 4, 4000):
            yield Case(f'key {r}: {n} bytes more', set_key(key, key + b'x' * n),
                       missing=True)
        yield Case(f'key {r}: text', set_key(key, 'text'), missing=True)
        yield Case(f'key {r}: number', set_key(key, 17), missing=True)
        for value in (0, -1, 1, 999, 2**62, 1.5, 'text', ''):
            if value != item:
                yield Case(f'item {r}: {value!r}', set_item(key, value))
        yield Case(f'item {r}: removed', sql(
            (f'DELETE FROM {NAME}_items WHERE key = ?', (key,))), missing=True)
        if isinstance(item, bytes):
            yield Case(f'item {r}: as text', sql(
                (f'UPDATE {NAME}_items SET item = CAST(item AS TEXT) WHERE '
                 'key = ?', (key,))))
        other, other_item = rows[(r + 7) % len(rows)]
        yield Case(f'item {r}: swapped', sql(
            (f'UPDATE {NAME}_items SET item = ? WHERE key = ?', (other_item,
                                                                 key)),
            (f'UPDATE {NAME}_items SET item = ? WHERE key = ?', (item,
                                                                 other))))
        yield Case(f'item {r}: copied', set_item(key, other_item))
    for key in (b'', b'x', b'\0' * 8, b'\xff' * 8, b'\xff' * 40, b'\0' * 3000,
                'text', 5, 2.5):
        yield Case(f'items: a row {key!r:.20} more', sql(
            (f'INSERT INTO {NAME}_items VALUES(?, ?)', (key, rows[0][1]))))
    yield Case('items: all gone', sql(f'DELETE FROM {NAME}_items'),
               missing=True)


def large_cases(db, pick):
    rows = db.execute(f'SELECT id, item FROM {NAME}_large').fetchall()
    for r, (number, item) in enumerate(rows):
        for at in range(len(item)):
            yield Case(f'large {r}: byte {at}',
                       set_large(number, changed(item, at, pick)))
        for at in range(0, len(item), 3):
            yield Case(f'large {r}: cut at {at}',
                       set_large(number, item[:at]))
        yield Case(f'large {r}: more', set_large(number, item + b'\0'))
        for value in (0, 'text', 1.5, b''):
            yield Case(f'large {r}: {value!r}', set_large(number, value))
        yield Case(f'large {r}: as text', sql(
            (f'UPDATE {NAME}_large SET item = CAST(item AS TEXT) WHERE id = ?',
             (number,))))
        yield Case(f'large {r}: removed', sql(
            (f'DELETE FROM {NAME}_large WHERE id = ?', (number,))))
        yield Case(f'large {r}: another id', sql(
            (f'UPDATE {NAME}_large SET id = 77 WHERE id = ?', (number,))))
        other, other_item = rows[(r + 1) % len(rows)]
        yield Case(f'large {r}: swapped', sql(
            (f'UPDATE {NAME}_large SET item = ? WHERE id = ?', (other_item,
                                                                number)),
            (f'UPDATE {NAME}_large SET item = ? WHERE id = ?', (item, other))))
    yield Case('large: one more', sql(
        f"INSERT INTO {NAME}_large(item) VALUES(x'00')"))
    yield Case('large: all gone', sql(f'DELETE FROM {NAME}_large'))


def partition_cases(db, pick):
    rows = db.execute(f'SELECT partition, low, items FROM {NAME}_partitions '
                      'WHERE tree = 0 ORDER BY low').fetchall()
    table = f'{NAME}_partitions'
    top = 2**63 - 1
    for number, low, items in rows:
        at = f'WHERE partition = {number}'
        who = f'partition {number}'
        yield Case(f'{who}: removed', sql(f'DELETE FROM {table} {at}'),
                   check='must' if items else 'may')
        for size in range(8):
            yield Case(f'{who}: low of {size} bytes', sql(
                (f'UPDATE OR REPLACE {table} SET low = ? {at}', (low[:size],))))
        for value in ('text', 5, b'123456789'):
            yield Case(f'{who}: low {value!r}', sql(
                (f'UPDATE OR REPLACE {table} SET low = ? {at}', (value,))))
        for n in range(8):
            yield Case(f'{who}: low, byte {n}', sql(
                (f'UPDATE OR REPLACE {table} SET low = ? {at}',
                 (changed(low, n, pick),))), check='may')
        for column in ('items', 'bytes', 'left_items', 'left_bytes',
                       'give_up_bytes'):
            must = 'must' if column in ('items', 'bytes') else 'may'
            for value in (-1, -2**63, top, top - 5, 2**40, 1.5, 'text', b'x'):
                yield Case(f'{who}: {column} {value!r}', sql(
                    (f'UPDATE {table} SET {column} = ? {at}', (value,))),
                    check='may' if isinstance(value, (str, bytes)) else must)
        for column in ('minute', 'read_halves', 'write_units'):
            for value in (-1, -2**63, top, 2**51, 1e300, 'text', b'\xff'):
                yield Case(f'{who}: {column} {value!r}', sql(
                    (f'UPDATE {table} SET {column} = ? {at}', (value,))),
                    check='may')
        for value in (b'', b'1234567', b'123456789', 'text', 5,
                      b'\0' * 8, b'\xff' * 8):
            yield Case(f'{who}: walked {value!r}', sql(
                (f'UPDATE {table} SET walked = ? {at}', (value,))),
                check='may' if len(str(value)) and isinstance(value, bytes) and
                len(value) == 8 else 'must')
        yield Case(f'{who}: another number', sql(
            f'UPDATE {table} SET partition = 999 {at}'), check='may')
        yield Case(f'{who}: number -9', sql(
            f'UPDATE {table} SET partition = -9 {at}'), check='may')
    columns = ('partition INTEGER PRIMARY KEY, tree, low, items, bytes, walked, '
               'left_items, left_bytes, give_up_bytes, minute, read_halves, '
               'write_units')
    yield Case('partitions: low doubled', sql(
        f'CREATE TABLE keep AS SELECT * FROM {table}', f'DROP TABLE {table}',
        f'CREATE TABLE {table}({columns})',
        f'INSERT INTO {table} SELECT * FROM keep',
        f'INSERT INTO {table} SELECT partition + 100, tree, low, 0, 0, NULL, 0, 0, 0, '
        '0, 0, 0 '
        'FROM keep LIMIT 1', 'DROP TABLE keep'))
    for column in columns.split(', ')[1:]:
        nulls = columns.split(', ')[1:]
        nulls[nulls.index(column)] = 'NULL'
        yield Case(f'partitions: {column} NULL', sql(
            f'CREATE TABLE keep AS SELECT * FROM {table}',
            f'DROP TABLE {table}', f'CREATE TABLE {table}({columns})',
            f'INSERT INTO {table} SELECT partition, {", ".join(nulls)} FROM '
            'keep', 'DROP TABLE keep'),
            check='must' if column in ('tree', 'low', 'items', 'bytes') else
            'may')
    yield Case('partitions: all gone', sql(f'DELETE FROM {table}'))
    yield Case('partitions: one at 0', sql(
        f"INSERT OR REPLACE INTO {table} VALUES(1, 0, x'0000000000000000', 0, "
        '0, NULL, 0, 0, 0, 0, 0, 0)'))


def meta_cases(db, pick):
    table = f'{NAME}_meta'
    for name, value in db.execute(f'SELECT name, value FROM {table}').fetchall():
        at = f"WHERE name = '{name}'"
        yield Case(f'meta {name}: removed', sql(f'DELETE FROM {table} {at}'))
        values = {
            'format': (0, 2, -1, 'text', None, b'\1', 2**63 - 1),
            'generation': (0, -5, 'text', None, 2**63 - 1),
            'arguments': (0, -1, 1, 2, 3, 5, 10**6, 2**63 - 1, 'text', None),
        }.get(name, ('', 'garbage', '"pk" TEXT', 'a b c d', '(', "'", '"', None,
                     5, b'\0\0', 'x = 1', '"other" TEXT PARTITION KEY',
                     '"other" NUMBER SORT KEY', '"pk" BLOB PARTITION KEY',
                     '"pk" NUMBER PARTITION KEY', '"sk" TEXT SORT KEY',
                     '"sk" BLOB SORT KEY', '"sk" NUMBER', '"v" TEXT',
                     'partition_bytes = 0', 'partition_bytes = -1', 'é' * 3000,
                     '\ud7ff' * 10))
        for new in values:
            if new == value:
                continue
            # another declaration, itself valid, of what is no key, or a time
            valid = (name in ('generation', 'argument 0002', 'argument 0003') or
                     (name, new) == ('created_ms', 5))
            yield Case(f'meta {name}: {new!r:.40}', sql(
                (f'UPDATE {table} SET value = ? {at}', (new,))),
                check='may' if valid else 'must')
    yield Case('meta: all gone', sql(f'DELETE FROM {table}'))
    yield Case('meta: key columns swapped', sql(
        f"UPDATE {table} SET name = 'x' WHERE name = 'argument 0000'",
        f"UPDATE {table} SET name = 'argument 0000' WHERE name = "
        "'argument 0001'",
        f"UPDATE {table} SET name = 'argument 0001' WHERE name = 'x'"),
        check='may')
    yield Case('meta: keys swapped', sql(
        f"UPDATE {table} SET value = '\"pk\" TEXT SORT KEY' WHERE name = "
        "'argument 0000'",
        f"UPDATE {table} SET value = '\"sk\" NUMBER PARTITION KEY' WHERE name "
        "= 'argument 0001'"))


def usage_cases(db, pick):
    table = f'{NAME}_usage'
    top = 2**63 - 1
    for column in ('minute', 'name', 'read_halves', 'write_units'):
        for value in (-1, -2**63, top, top // 2 + 1, 'text', b'\xff', 1e300):
            yield Case(f'usage {column}: {value!r}', sql(
                (f'UPDATE OR REPLACE {table} SET {column} = ?', (value,))),
                check='may')
    yield Case('usage: all gone', sql(f'DELETE FROM {table}'), check='may')


def index_cases(db, pick):
    """Damage to entries, and to what is kept of indexes."""
    for tree, name in ((1, 'near'), (2, 'by_v')):
        table = f'{NAME}_index{tree}'
        rows = db.execute(f'SELECT key, item FROM {table}').fetchall()
        for key, item in pick.sample(rows, 12):
            who, at = f'{name} {key.hex()[:20]}', f'WHERE key = x\'{key.hex()}\''
            yield Case(f'{who}: removed', sql(f'DELETE FROM {table} {at}'),
                       index=name)
            for n in pick.sample(range(len(item)), min(6, len(item))):
                yield Case(f'{who}: byte {n}', sql(
                    (f'UPDATE {table} SET item = ? {at}',
                     (changed(item, n, pick),))), index=name)
            for value in (b'', 'text', 5, 1, 1.5, pick.choice(rows)[1]):
                if value == item:
                    continue
                yield Case(f'{who}: item {str(value)[:10]}', sql(
                    (f'UPDATE {table} SET item = ? {at}', (value,))),
                    index=name)
            for value in (b'', b'12345678', b'123456789' * 9, key[:-1],
                          key + b'1', changed(key, 9, pick),
                          changed(key, len(key) - 1, pick)):
                yield Case(f'{who}: key {value[:10].hex()}', sql(
                    (f'UPDATE OR REPLACE {table} SET key = ? {at}', (value,))),
                    index=name)
        yield Case(f'{name}: an orphan', sql(
            (f'INSERT INTO {table} VALUES(?, ?)', (rows[0][0] + b'x',
                                                   rows[0][1]))), index=name)
        yield Case(f'{name}: all gone', sql(f'DELETE FROM {table}'), index=name)
        yield Case(f'{name}: dropped', sql(f'DROP TABLE {table}'), missing=True)
        yield Case(f'{name}: other columns', sql(
            f'DROP TABLE {table}', f'CREATE TABLE {table}(a)'), missing=True)
        for column in ('items', 'bytes'):
            yield Case(f'{name}: {column}', sql(
                f'UPDATE {NAME}_partitions SET {column} = {column} + 1 '
                f'WHERE tree = {tree}'), index=name)
        yield Case(f'{name}: no partitions', sql(
            f'DELETE FROM {NAME}_partitions WHERE tree = {tree}'))
    table = f'{NAME}_indexes'
    for column, values in (
            ('declaration', ('', 'nonsense', 'GLOBAL INDEX x', None, 5, b'x',
                             'GLOBAL INDEX by_v (w NUMBER, pk)',
                             'GLOBAL INDEX by_v (v)',
                             'GLOBAL INDEX other (v, pk) PROJECT KEYS')),
            ('tree', (0, -1, 3, 31, 32, 2**40)),
            ('skipped', (-1, -2**63)),
            ('position', (b'', b'\x80', 'text', 5))):
        for value in values:
            yield Case(f'indexes: {column} {value!r}', sql(
                f'CREATE TABLE keep AS SELECT * FROM {table}',
                f'DROP TABLE {table}',
                f'CREATE TABLE {table}(tree INTEGER PRIMARY KEY, declaration, '
                'position, skipped)',
                f'INSERT INTO {table} SELECT * FROM keep',
                (f'UPDATE {table} SET {column} = ? WHERE tree = 2', (value,)),
                'DROP TABLE keep'), missing=True)
    yield Case('indexes: all gone', sql(f'DELETE FROM {table}'), missing=True,
               check='may')


def table_cases(db, pick):
    for suffix in ('items', 'large', 'partitions', 'usage', 'meta', 'indexes'):
        table = f'{NAME}_{suffix}'
        check = 'may' if suffix == 'usage' else 'must'
        yield Case(f'{suffix}: dropped', sql(f'DROP TABLE {table}'),
                   missing=True, check=check)
        for columns in ('a', 'key, item', 'id INTEGER PRIMARY KEY, item',
                        'name, value', 'minute, name, read_halves, '
                        'write_units'):
            yield Case(f'{suffix}: now of ({columns})', sql(
                f'DROP TABLE {table}', f'CREATE TABLE {table}({columns})'),
                missing=True, check=check)
        yield Case(f'{suffix}: renamed', sql(
            f'ALTER TABLE {table} RENAME TO lost'), missing=True, check=check)
        yield Case(f'{suffix}: a trigger', sql(
            f'CREATE TRIGGER {NAME}_t BEFORE INSERT ON {table} BEGIN SELECT '
            "RAISE(ABORT, 'trigger'); END"), check='may')
    yield Case('all tables dropped', sql(*(
        f'DROP TABLE {NAME}_{s}' for s in
        ('items', 'large', 'partitions', 'usage', 'meta', 'indexes'))), missing=True)
    # rows without the constraints that hold them
    yield Case('items: two rows of one key, NULLs', sql(
        f'CREATE TABLE keep AS SELECT * FROM {NAME}_items',
        f'DROP TABLE {NAME}_items', f'CREATE TABLE {NAME}_items(key, item)',
        f'INSERT INTO {NAME}_items SELECT key, item FROM keep',
        f'INSERT INTO {NAME}_items SELECT NULL, item FROM keep',
        f'INSERT INTO {NAME}_items SELECT key, NULL FROM keep',
        'DROP TABLE keep'))
    yield Case('items: NULL', sql(
        f'CREATE TABLE keep AS SELECT * FROM {NAME}_items',
        f'DROP TABLE {NAME}_items', f'CREATE TABLE {NAME}_items(key, item)',
        f'INSERT INTO {NAME}_items SELECT key, NULL FROM keep',
        'DROP TABLE keep'))
    yield Case('large: NULL', sql(
        f'CREATE TABLE keep AS SELECT * FROM {NAME}_large',
        f'DROP TABLE {NAME}_large',
        f'CREATE TABLE {NAME}_large(id INTEGER PRIMARY KEY, item)',
        f'INSERT INTO {NAME}_large SELECT id, NULL FROM keep',
        'DROP TABLE keep'))


def page_cases(image, count, pick):
    size = struct.unpack('>H', image[16:18])[0]

    def damage(seed):
        def change(data):
            r = random.Random(seed)
            out = bytearray(data)
            kind = r.randrange(4)
            if kind == 0:
                for _ in range(r.choice((1, 3, 20, 200))):
                    out[r.randrange(100, len(out))] = r.randrange(256)
            elif kind == 1:
                at = r.randrange(1, len(out) // size) * size
                for _ in range(r.choice((1, 5, 40))):
                    out[at + r.randrange(size)] = r.randrange(256)
            elif kind == 2:
                a = r.randrange(1, len(out) // size) * size
                b = r.randrange(1, len(out) // size) * size
                out[a:a + size], out[b:b + size] = (bytes(out[b:b + size]),
                                                    bytes(out[a:a + size]))
            else:
                at = r.randrange(1, len(out) // size) * size
                out[at:at + size] = bytes(size)
            return bytes(out)
        return change

    for i in range(count):
        yield Case(f'pages {i}', damage(pick.random()), pages=True)


def all_cases(so, image, count, seed):
    pick = random.Random(seed)
    db = connect(so, image)
    many = (list(item_cases(db, pick)) + list(large_cases(db, pick)))
    few = (list(partition_cases(db, pick)) + list(meta_cases(db, pick)) +
           list(usage_cases(db, pick)) + list(index_cases(db, pick)) +
           list(table_cases(db, pick)))
    db.close()
    if len(many) > count:
        keep = [c for c in many if ': byte' not in c.label and
                ': cut' not in c.label]
        rest = [c for c in many if c not in keep]
        keep = pick.sample(keep, min(len(keep), count // 3))
        many = keep + pick.sample(rest, min(len(rest), count - len(keep)))
    return few + many + list(page_cases(image, count // 2, pick))


# ------------------------------------------------------------------ runner --

def child(so, image, model, cases, seed, out):
    for number, case in cases:
        out.seek(0)
        out.write(f'{number:>9}\n')
        out.flush()
        signal.alarm(CASE_SECONDS)
        try:
            run_case(so, image, model, case, seed)
        except Exception as e:
            os.write(1, f'FAIL {case.label}: {type(e).__name__}: {e}\n'.encode())
            out.seek(20)
            out.write('wrong\n')
            out.flush()
    signal.alarm(0)


def main():
    options = argparse.ArgumentParser()
    options.add_argument('so')
    options.add_argument('--count', type=int, default=1500)
    options.add_argument('--seed', type=int, default=1)
    options.add_argument('--only', default='')
    o = options.parse_args()
    so = os.path.abspath(o.so)
    image, model = build(so)
    cases = [c for c in all_cases(so, image, o.count, o.seed)
             if o.only in c.label]
    at = 0
    failed = 0
    while at < len(cases):
        with tempfile.TemporaryFile('w+') as out:
            batch = list(enumerate(cases))[at:at + 500]
            sys.stdout.flush()
            pid = os.fork()
            if pid == 0:
                child(so, image, model, batch, o.seed, out)
                os._exit(0)
            _, status = os.waitpid(pid, 0)
            out.seek(0)
            text = out.read()
            failed += 'wrong' in text
            if status == 0:
                at += len(batch)
                continue
            at = int(text.split()[0])
            how = ('hangs' if os.WIFSIGNALED(status) and
                   os.WTERMSIG(status) == signal.SIGALRM else 'dies')
            print(f'FAIL {cases[at].label}: {how} ({status})')
            failed += 1
            at += 1
    print(f'{len(cases)} damages, {"FAILED" if failed else "ok"}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
