"""Damage of every kind to the shadow tables of one table, and to its file.

usage: corrupt.py DYNAMO.SO [--count N] [--seed S] [--only WORD] [--part 1/1]
                  [--encoding UTF-8]

After each damage the table is read, written, checked and dropped. Claims:
 - nothing crashes or hangs;
 - a row that comes back equals the one that was written, or the statement
   fails with SQLITE_CORRUPT and names the table; a write that succeeds is read
   back; a row is missing only where the directory has no line of its tree any
   more, a shadow table is lost, or an index is declared otherwise, and in an
   index where writes of leaves were lost;
 - dynamo_check() reports the damage, except where it makes other numbers of load
   or of use, and in the bytes behind the rows of a leaf; where only indexes are
   damaged REBUILD INDEX mends them, and where it is the tree of the times of
   expiry the option ttl does, but for leaves that no tree has any more;
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
INDEXES = ((1, 'near'), (2, 'by_v'))
TREES = ((0, 'items'), *INDEXES, (31, 'ttl'))
LEAF_HEADER_BYTES = 7
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


def leaves_of(db, tree):
    return db.execute(f'SELECT low, leaf, data FROM {NAME}_directory JOIN '
                      f'{NAME}_leaves ON leaf = id WHERE tree = ? ORDER BY low',
                      (tree,)).fetchall()


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
    items.append({'pk': 'large', 'sk': 9, 'v': 9, 't': 'padded ' * 2500})
    for i in range(45):
        items.append({'pk': 'p%d ' % i + 'k' * 20, 'sk': 0.5, 'v': i % 20,
                      't': 'x' * i})
    return items


def build(so, encoding):
    """The file, as bytes, and what is in it: (pk, sk) -> text of the item."""
    path = tempfile.mktemp()
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    db.execute('PRAGMA page_size = 1024')
    db.execute(f"PRAGMA encoding = '{encoding}'")
    db.execute(f'CREATE VIRTUAL TABLE {NAME} USING dynamo(pk TEXT PARTITION '
               'KEY, sk NUMBER SORT KEY, v NUMBER, GLOBAL INDEX by_v (v, pk), '
               'LOCAL INDEX near (v) PROJECT KEYS, partition_bytes = 1500, '
               "stream = 'NEW_AND_OLD_IMAGES', "
               "ttl = 'v')")  # all of them long ago, so that nothing is swept
    db.execute('CREATE TABLE plain(a)')
    for item in base_items():
        db.execute(f'INSERT INTO {NAME}(item) VALUES(?)', (json.dumps(item),))
    db.execute('SELECT dynamo_maintain()').fetchall()
    # something of a minute that is over
    db.execute("SELECT dynamo_clock('+1 minute')").fetchall()
    first = base_items()[0]
    db.execute(f'INSERT OR REPLACE INTO {NAME}(item) VALUES(?)',
               (json.dumps(first),))
    db.execute('SELECT dynamo_maintain()').fetchall()
    assert db.execute(f"SELECT dynamo_check('{NAME}')").fetchone() == ('ok',)
    # readers of the log, one of which has not read all of it
    db.execute('SELECT dynamo_on_change(?, ?, ?)', (
        NAME, 'idle', 'INSERT INTO plain VALUES(:keys)')).fetchall()
    db.execute('SELECT dynamo_on_change(?, ?, ?, ?)', (
        NAME, 'sync', 'INSERT INTO plain VALUES(:keys)',
        "sync = 'on', batch = 5")).fetchall()
    # a region that is away from then on, with versions of what changes
    db.execute("ATTACH ':memory:' AS \"eu-west-1\"")
    db.execute(f"SELECT dynamo_alter('{NAME}', 'ADD REPLICA eu-west-1')"
               ).fetchall()
    db.execute('DETACH "eu-west-1"')
    db.execute(f"INSERT INTO {NAME}(pk, sk) VALUES('gone', 1)")
    db.execute(f"DELETE FROM {NAME} WHERE pk = 'gone' AND sk = 1")
    db.execute(f'INSERT OR REPLACE INTO {NAME}(item) VALUES(?)',
               (json.dumps({**first, 'again': 1}),))
    db.execute(f'INSERT OR REPLACE INTO {NAME}(item) VALUES(?)',
               (json.dumps(first),))
    # a split that is being prepared, as a flush would leave it
    number, low = db.execute(
        f'SELECT partition, low FROM {NAME}_partitions WHERE items > 3 AND tree = 0 '
        'ORDER BY items DESC').fetchone()
    keys = [k for k, in db.execute(f"SELECT dynamo_key FROM {NAME}('scan')")
            if k >= low]
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
    for tree, rows in TREES:  # in the middle of a tree, and at both ends
        leaves = leaves_of(db, tree)
        assert len(leaves) >= 3, (rows, len(leaves))
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
                 pages=False, indexes=(), entries=False):
        self.label = label
        self.damage = damage    # of a connection; or of the file's bytes
        self.missing = missing  # rows may be missing
        self.check = check      # 'must' report, or 'may'
        self.pages = pages
        self.indexes = indexes  # the only things that are damaged
        self.entries = entries or missing  # rows may be missing in indexes


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
        if len(rows) != there and not (case.entries or case.pages):
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
                f"SELECT * FROM dynamo_stream('{NAME}')",
                f"SELECT dynamo_heatmap('{NAME}', 'minutes 180')",
                'SELECT dynamo_cost()', 'SELECT dynamo_maintain()',
                f"UPDATE {NAME} SET v = v + 1 WHERE mode = 'scan' AND pk = 'q'",
                'SELECT dynamo_maintain()'):
        attempt(db, case, sql)


def rebuild(db, case):
    for index in case.indexes:
        changes = [f'REBUILD INDEX {index}']
        if index == 'ttl':  # then whatever leaves no tree has any more
            changes = ['ttl = NULL', "ttl = ''v''", 'REBUILD INDEX near']
        for change in changes:
            db.execute(f"SELECT dynamo_alter('{NAME}', '{change}')").fetchall()
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
            for key in model:  # hints to leaves
                db.execute(f'SELECT item FROM {NAME} WHERE pk = ? AND sk = ?',
                           key).fetchall()
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
        if case.indexes:
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


def set_leaf(number, data):
    return sql((f'UPDATE {NAME}_leaves SET data = ? WHERE id = ?',
                (data, number)))


def set_line(tree, low, column, value):
    return sql((f'UPDATE OR REPLACE {NAME}_directory SET {column} = ? WHERE '
                'tree = ? AND low = ?', (value, tree, low)))


def in_trees(cases_of):
    """The cases that a function gives for a tree, for all of them."""
    def cases(db, pick):
        for tree, name in TREES:
            indexes = (name,) if tree > 0 else ()

            def case(label, damage, **what):
                what.setdefault('indexes', indexes)
                return Case(f'{name}: {label}', damage, **what)
            yield from cases_of(db, pick, tree, case)
    return cases


def set_large(number, value):
    return sql((f'UPDATE {NAME}_large SET data = ? WHERE id = ?',
                (value, number)))


def changed(data, at, pick):
    out = bytearray(data)
    out[at] ^= 1 << pick.randrange(8) if pick.random() < 0.7 else 0xff
    return bytes(out)


def leaf_bytes(data):
    """How many bytes of a leaf are read; zeros are behind them."""
    return LEAF_HEADER_BYTES + data[4] + 256 * data[5]


@in_trees
def byte_cases(db, pick, tree, case):
    """Bytes of leaves, and of where they begin."""
    for r, (low, leaf, data) in enumerate(leaves_of(db, tree)):
        used = leaf_bytes(data)
        assert LEAF_HEADER_BYTES < used < len(data) and not any(data[used:])
        zeros = pick.sample(range(used, len(data)), min(3, len(data) - used))
        for at in list(range(used)) + zeros:
            check = 'must' if at < used else 'may'
            yield case(f'leaf {r}: byte {at}',
                       set_leaf(leaf, changed(data, at, pick)), check=check)
            yield case(f'leaf {r}: cut at {at}', set_leaf(leaf, data[:at]),
                       check=check)
        for at in range(len(low)):
            yield case(f'low {r}: byte {at}',
                       set_line(tree, low, 'low', changed(low, at, pick)))
            yield case(f'low {r}: cut at {at}',
                       set_line(tree, low, 'low', low[:at]))


def swap(table, key, column, one, other, tree=''):
    """Exchange the values of two rows, each given by its key and value."""
    return (f'UPDATE {table} SET {column} = CASE {key} WHEN ? THEN ? ELSE ? '
            f'END WHERE {key} IN (?, ?) {tree}',
            (one[0], other[1], one[1], one[0], other[0]))


@in_trees
def leaf_cases(db, pick, tree, case):
    """Leaves that are others, or none."""
    table = f'{NAME}_leaves'
    all_leaves = leaves_of(db, tree)
    others = [leaf for t, _ in TREES if t != tree for leaf in leaves_of(db, t)]
    for r, (low, leaf, data) in enumerate(all_leaves):
        used = leaf_bytes(data)
        who, at = f'leaf {r}', f'WHERE id = {leaf}'
        line = (f'DELETE FROM {NAME}_directory WHERE tree = ? AND low = ?',
                (tree, low))
        for n in (1, 4, 3000):
            yield case(f'{who}: {n} bytes more',
                       set_leaf(leaf, data + os.urandom(n)), check='may')
        yield case(f'{who}: not padded', set_leaf(leaf, data[:used]),
                   check='may')
        for value in (0, 1.5, 'text', '', b'', b'\0' * len(data),
                      b'\xff' * len(data), data[1:], b'\0' + data):
            yield case(f'{who}: {value!r:.20}', set_leaf(leaf, value))
        yield case(f'{who}: as text', sql(
            f'UPDATE {table} SET data = CAST(data AS TEXT) {at}'))
        yield case(f'{who}: removed', sql(f'DELETE FROM {table} {at}'))
        yield case(f'{who}: removed, its line too', sql(
            f'DELETE FROM {table} {at}', line))
        yield case(f'{who}: another id', sql(
            f'UPDATE {table} SET id = 777 {at}'))
        yield case(f'{who}: another id, its line too', sql(
            f'UPDATE {table} SET id = 777 {at}',
            f'UPDATE {NAME}_directory SET leaf = 777 WHERE leaf = {leaf}'),
            check='may')
        yield case(f'{who}: copied', sql(
            f'INSERT INTO {table}(data) SELECT data FROM {table} {at}'))
        yield case(f'{who}: copied, its line is of the copy', sql(
            f'INSERT INTO {table} SELECT 777, data FROM {table} {at}',
            f'UPDATE {NAME}_directory SET leaf = 777 WHERE leaf = {leaf}'))
        of_tree = all_leaves[(r + 1) % len(all_leaves)]
        yield case(f'{who}: swapped in its tree', sql(
            swap(table, 'id', 'data', (leaf, data), of_tree[1:])))
        yield case(f'{who}: another of its tree', set_leaf(leaf, of_tree[2]))
        _, other, other_data = others[r % len(others)]
        yield case(f'{who}: swapped with another tree', sql(
            swap(table, 'id', 'data', (leaf, data), (other, other_data))),
            indexes=())
        yield case(f'{who}: one of another tree', set_leaf(leaf, other_data))
    if tree == 0:
        yield case('a leaf more', sql(
            (f'INSERT INTO {table}(data) VALUES(?)', (b'',))))
    yield case('all leaves gone', sql(
        f'DELETE FROM {table} WHERE id IN (SELECT leaf FROM {NAME}_directory '
        f'WHERE tree = {tree})'))


@in_trees
def line_cases(db, pick, tree, case):
    """Lines of the directory."""
    table = f'{NAME}_directory'
    leaves = leaves_of(db, tree)
    others = [leaf for t, _ in TREES if t != tree for leaf in leaves_of(db, t)]
    for r, (low, leaf, data) in enumerate(leaves):
        who = f'line {r}'
        next_low, next_leaf, _ = leaves[(r + 1) % len(leaves)]
        last_low = leaves[r - 1][0]
        yield case(f'{who}: removed', sql(
            (f'DELETE FROM {table} WHERE tree = ? AND low = ?', (tree, low))))
        for value in (b'', b'\0', low + b'\0', low + b'x' * 3000, b'\xff' * 40,
                      next_low, last_low, 'text', '', 5, 1.5):
            if value == low:
                continue
            yield case(f'{who}: low {value!r:.20}',
                       set_line(tree, low, 'low', value))
        yield case(f'{who}: low as text', sql(
            (f'UPDATE {table} SET low = CAST(low AS TEXT) WHERE tree = ? AND '
             'low = ?', (tree, low))))
        for value in (0, -1, 999, 2**63 - 1, -2**63, 'text', '', b'', 1.5,
                      str(leaf).encode(), next_leaf):
            yield case(f'{who}: leaf {value!r}',
                       set_line(tree, low, 'leaf', value))
        for value in (9, 30, -1, 2**62, 'text', b'x', 0.5):
            yield case(f'{who}: tree {value!r}',
                       set_line(tree, low, 'tree', value))
        for other, name in TREES:
            both = tuple(n for t, n in TREES if t in (tree, other) and tree > 0
                         and other > 0)
            if other != tree:
                yield case(f'{who}: tree of {name}',
                           set_line(tree, low, 'tree', other), indexes=both)
        for _, other, _ in others:  # rebuilding must not take it from there
            yield case(f'{who}: leaf {other} of another tree',
                       set_line(tree, low, 'leaf', other))
        yield case(f'{who}: leaves swapped', sql(
            swap(table, 'low', 'leaf', (low, leaf), (next_low, next_leaf),
                 f'AND tree = {tree}')))
        for value in (low + b'\0', low + b'\xff' * 9, b'\0' * 9, b'\xff' * 9,
                      'text', 5):
            yield case(f'{who}: once more at {value!r:.20}', sql(
                (f'INSERT INTO {table} VALUES(?, ?, ?)', (tree, value, leaf))))
            yield case(f'{who}: another of no leaf at {value!r:.20}', sql(
                (f'INSERT INTO {table} VALUES(?, ?, ?)', (tree, value, 888))))
        for value in (9, 30, -1, 'text'):
            yield case(f'{who}: once more in tree {value!r}', sql(
                (f'INSERT INTO {table} VALUES(?, ?, ?)', (value, low, leaf))),
                indexes=())
    yield case('all lines gone', sql(
        f'DELETE FROM {table} WHERE tree = {tree}'), missing=tree == 0,
        entries=True)
    yield case('all lines of another tree', sql(
        f'UPDATE {table} SET tree = 9 WHERE tree = {tree}'), missing=tree == 0,
        entries=True)
    yield case('lines and leaves gone', sql(
        f'DELETE FROM {NAME}_leaves WHERE id IN (SELECT leaf FROM {table} '
        f'WHERE tree = {tree})',
        f'DELETE FROM {table} WHERE tree = {tree}'), missing=tree == 0,
        entries=True)
    keep = (f'CREATE TABLE keep AS SELECT * FROM {table}',
            f'DROP TABLE {table}', f'CREATE TABLE {table}(tree, low, leaf)')
    for column in ('tree', 'low', 'leaf'):
        row = ', '.join(f'CASE WHEN tree = {tree} THEN NULL ELSE {c} END'
                        if c == column else c for c in ('tree', 'low', 'leaf'))
        yield case(f'{column} NULL', sql(
            *keep, f'INSERT INTO {table} SELECT {row} FROM keep',
            'DROP TABLE keep'), missing=tree == 0 and column != 'leaf',
            entries=column != 'leaf')
    yield case('lines doubled', sql(
        *keep, f'INSERT INTO {table} SELECT * FROM keep UNION ALL SELECT * '
        f'FROM keep WHERE tree = {tree}', 'DROP TABLE keep'))


def stale(tree, before, after):
    """The leaves of a tree as they were before a write."""
    def damage(db):
        sql(*before)(db)
        old = leaves_of(db, tree)
        sql(*after)(db)
        new = {leaf: data for _, leaf, data in leaves_of(db, tree)}
        lost = [(d, leaf) for _, leaf, d in old if new.get(leaf, d) != d]
        assert lost, (before, after)
        for data, leaf in lost:
            db.execute(f'UPDATE {NAME}_leaves SET data = ? WHERE id = ?',
                       (data, leaf))
    return damage


def put(pk, sk, v, text=''):
    return (f'INSERT OR REPLACE INTO {NAME}(item) VALUES(?)',
            (json.dumps({'pk': pk, 'sk': sk, 'v': v, 't': text}),))


@in_trees
def stale_cases(db, pick, tree, case):
    """Leaves of which a write was lost, which nothing in them tells. The old
    row that comes back is that of the model."""
    new = put('stale', 1, 4242)
    entries = tree > 0
    rows = db.execute(f"SELECT pk, sk, v, item FROM {NAME}('scan')").fetchall()
    gone = f"DELETE FROM {NAME} WHERE pk = 'stale'"
    if entries:
        yield case('a stale leaf: it has an old row',
                   stale(tree, [new], [gone]))
    else:
        yield case('a stale leaf: it lacks a new row', stale(tree, [], [new]))
    is_large = [row for row in rows if row[0] == 'large']
    for pk, sk, v, item in pick.sample(rows, 12) + is_large:
        who = f'a stale leaf: {pk:.8} {sk}'
        at = f'UPDATE {NAME} SET v = ? WHERE pk = ? AND sk = ?'
        removed = (f'DELETE FROM {NAME} WHERE pk = ? AND sk = ?', (pk, sk))
        again = (f'INSERT OR REPLACE INTO {NAME}(item) VALUES(?)', (item,))
        if entries:
            yield case(f'{who} updated', stale(
                tree, [(at, (4242, pk, sk))], [(at, (v, pk, sk))]),
                entries=True)
            yield case(f'{who} written again', stale(tree, [removed], [again]),
                       entries=True)
        else:
            yield case(f'{who} removed', stale(tree, [], [removed]),
                       entries=True)
            yield case(f'{who} small', stale(
                tree, [], [put(pk, sk, 4242)]), entries=True)
            yield case(f'{who} removed, its place in _large taken', stale(
                tree, [], [removed, put('stale', 1, 4242, 'l' * 999)]),
                entries=True)
            if pk == 'large':  # what is updated is not in the leaf
                continue
            yield case(f'{who} updated', stale(
                tree, [], [(at, (4242, pk, sk))]), entries=True)
            yield case(f'{who} large', stale(
                tree, [], [put(pk, sk, 4242, 'l' * 999)]), entries=True)


def large_cases(db, pick):
    rows = db.execute(f'SELECT id, data FROM {NAME}_large').fetchall()
    for r, (number, data) in enumerate(rows):
        places = range(len(data))
        if len(data) > 10000:  # it has zeros at both ends
            places = [*places[:60], *pick.sample(places, 40), *places[-100:]]
        for at in places:
            yield Case(f'large {r}: byte {at}',
                       set_large(number, changed(data, at, pick)))
        for at in places[::3]:
            yield Case(f'large {r}: cut at {at}',
                       set_large(number, data[:at]))
        yield Case(f'large {r}: more', set_large(number, data + b'\0'))
        for value in (0, 'text', 1.5, b''):
            yield Case(f'large {r}: {value!r}', set_large(number, value))
        yield Case(f'large {r}: as text', sql(
            (f'UPDATE {NAME}_large SET data = CAST(data AS TEXT) WHERE id = ?',
             (number,))))
        yield Case(f'large {r}: removed', sql(
            (f'DELETE FROM {NAME}_large WHERE id = ?', (number,))))
        yield Case(f'large {r}: another id', sql(
            (f'UPDATE {NAME}_large SET id = 77 WHERE id = ?', (number,))))
        other, other_data = rows[(r + 1) % len(rows)]
        yield Case(f'large {r}: swapped', sql(
            (f'UPDATE {NAME}_large SET data = ? WHERE id = ?', (other_data,
                                                                number)),
            (f'UPDATE {NAME}_large SET data = ? WHERE id = ?', (data, other))))
    yield Case('large: one more', sql(
        f"INSERT INTO {NAME}_large(data) VALUES(x'00')"))
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
        for value in (-1, -2**63, top, 2**51, 1e300, 'text', b'\xff'):
            yield Case(f'{who}: minute {value!r}', sql(
                (f'UPDATE {table} SET minute = ? {at}', (value,))),
                check='may')
            yield Case(f'{who}: since_ms {value!r}', sql(
                (f'UPDATE {table} SET since_ms = ? {at}', (value,))),
                check='must' if abs(value if isinstance(value, (int, float))
                                    else 0) > 2**50 else 'may')
        for value in (b'\0', b'\0\1', b'\x08\1\1', b'\1\1\1\1\1\1',
                      b'\0' + b'\xff' * 9, b'\0\x80\0\1', 'text', 5):
            yield Case(f'{who}: uses {value!r}', sql(
                (f'UPDATE {table} SET uses = ? {at}', (value,))))
        yield Case(f'{who}: other uses', sql(
            (f'UPDATE {table} SET uses = ? {at}', (b'\4\3\1\7\1\0',))),
            check='may')
        for column, values in (('parent', (-1, 999, top, number, 'text', 1.5)),
                               ('reason', (-1, 4, 2**40, 1e300))):
            for value in values:
                yield Case(f'{who}: {column} {value!r}', sql(
                    (f'UPDATE {table} SET {column} = ? {at}', (value,))),
                    check='may' if value in ('text', 1.5) else 'must')
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
               'left_items, left_bytes, give_up_bytes, minute, uses, parent, '
               'reason, since_ms, gates')
    yield Case('partitions: low doubled', sql(
        f'CREATE TABLE keep AS SELECT * FROM {table}', f'DROP TABLE {table}',
        f'CREATE TABLE {table}({columns})',
        f'INSERT INTO {table} SELECT * FROM keep',
        f'INSERT INTO {table} SELECT partition + 100, tree, low, 0, 0, NULL, 0, 0, 0, '
        "0, x'', 0, 0, 0, NULL "
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
    # balances are restored where they are sound, else the tree begins anew
    for value in ('', 'text', '1 2 3', '9' * 40, b'\xff', 2**63 - 1,
                  f'{2**63 - 1} ' * 40):
        yield Case(f'partitions: gates {value!r:.20}', sql(
            (f'UPDATE {table} SET gates = ?', (value,))), check='may')
    yield Case('partitions: all gone', sql(f'DELETE FROM {table}'))
    yield Case('partitions: one at 0', sql(
        f"INSERT OR REPLACE INTO {table} VALUES(1, 0, x'0000000000000000', 0, "
        "0, NULL, 0, 0, 0, 0, x'', 0, 0, 0, NULL)"))


def meta_cases(db, pick):
    table = f'{NAME}_meta'
    for name, value in db.execute(f'SELECT name, value FROM {table}').fetchall():
        at = f"WHERE name = '{name}'"
        yield Case(f'meta {name}: removed', sql(f'DELETE FROM {table} {at}'))
        values = {
            'format': (0, 2, -1, 'text', None, b'\1', 2**63 - 1),
            'generation': (0, -5, 'text', None, 2**63 - 1),
            'arguments': (0, -1, 1, 2, 3, 4, 6, 10**6, 2**63 - 1, 'text', None),
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
                     (name, new) in (('created_ms', 5), ('log_whole', 5)))
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


def scaling_cases(db, pick):
    """What auto scaling has stored."""
    table = f'{NAME}_meta'
    for name in ('scaling write ', 'scaled 0029453763 write '):
        for value in ('', 'text', '1 2', '1 2 3 4 5 6 7 8 9', '-1 -1 -1 -1 -1',
                      f'{2**63 - 1} ' * 5, None, b'\xff'):
            yield Case(f'meta {name}: {value!r}', sql(
                (f'INSERT INTO {table} VALUES(?, ?)', (name, value))))
    for name in ('scaled x', 'scaled 1', 'scaled 1 read', 'scaled 1 both x'):
        yield Case(f'meta {name}', sql(
            (f'INSERT INTO {table} VALUES(?, ?)', (name, '1 2 3 1 0'))))


def usage_cases(db, pick):
    """Damage to what is known of capacity. Loads and settings that are not as
    they should be are reported; other numbers are not known to be wrong."""
    top = 2**63 - 1
    for suffix, columns in (
            ('usage', ('minute', 'name', 'use', 'read_halves', 'write_units',
                       'throttled')),
            ('loads', ('minute', 'partition', 'read_halves', 'write_units',
                       'throttled')),
            ('provisioned', ('minute', 'name', 'read_units', 'write_units'))):
        table = f'{NAME}_{suffix}'
        db_rows, = db.execute(f'SELECT count(*) FROM {table}').fetchone()
        assert db_rows > 0, table
        for column in columns:
            for value in (-1, -2**63, top, top // 2 + 1, 'text', b'\xff', 1e300):
                must = column != 'name' and isinstance(value, int) and (
                    value < -1 or value == -1 and column != 'minute' or
                    value > 2**50)
                yield Case(f'{suffix} {column}: {value!r}', sql(
                    (f'UPDATE OR REPLACE {table} SET {column} = ?', (value,))),
                    check='must' if must else 'may')
    yield Case('usage: all gone', sql(f'DELETE FROM {NAME}_usage'), check='may')
    yield Case('loads: all gone', sql(f'DELETE FROM {NAME}_loads'), check='may')
    yield Case('loads: of no partition', sql(
        f'UPDATE {NAME}_loads SET partition = 998 WHERE partition = (SELECT '
        f'min(partition) FROM {NAME}_loads)'))
    yield Case('provisioned: all gone', sql(f'DELETE FROM {NAME}_provisioned'))
    yield Case('provisioned: one is gone', sql(
        f"DELETE FROM {NAME}_provisioned WHERE name <> ''"))
    yield Case('provisioned: another value', sql(
        f'UPDATE {NAME}_provisioned SET read_units = 7, write_units = 8'))


def log_cases(db, pick):
    """Damage to the log and to the shards of the stream."""
    table = f'{NAME}_log'
    sequences = [n for n, in db.execute(
        f'SELECT sequence FROM {table} WHERE new IS NOT NULL')]
    top = 2**63 - 1
    for sequence in pick.sample(sequences, 4):
        for column, values in (
                ('event', (0, 4, -1, top, 'text')),
                ('actor', (-1, 9, 300, top)),
                ('key', (b'', b'12345678', b'\xff' * 40, 'text', 5)),
                ('old', (b'\0', b'\xff' * 40, 'text', 5)),
                ('new', (b'', b'\0', b'\xff' * 40, 'text', 5)),
                ('sum', (-1, 0, top, 'text'))):
            for value in values:
                yield Case(f'log {column} of {sequence}: {value!r}', sql(
                    (f'UPDATE {table} SET {column} = ? WHERE sequence = ?',
                     (value, sequence))))
        yield Case(f'log: without {sequence}', sql(
            (f'DELETE FROM {table} WHERE sequence = ?', (sequence,))),
            check='may')
        for value in (-1, -2**63):
            yield Case(f'log: {sequence} becomes {value}', sql(
                (f'UPDATE {table} SET sequence = ? WHERE sequence = ?',
                 (value, sequence))))
        yield Case(f'log: {sequence} becomes the last one', sql(
            (f'UPDATE {table} SET sequence = ? WHERE sequence = ?',
             (top, sequence))), check='may')
    table = f'{NAME}_shards'
    for column, values in (
            ('stream', (-1, 0, 'text')), ('low', (b'', b'\xff' * 8, 'text', 5)),
            ('high', (b'', b'\0' * 8, 'text', 5)), ('parent', (-1, top)),
            ('first', (-1, top)), ('last', (-1, 0, top)),
            ('shard', (-1, 0, top))):
        for value in values:
            yield Case(f'shards {column}: {value!r}', sql(
                (f'UPDATE {table} SET {column} = ? WHERE shard = '
                 f'(SELECT max(shard) FROM {table})', (value,))),
                check='may' if (column, value) == ('shard', top) else 'must')
    yield Case('shards: all gone', sql(f'DELETE FROM {table}'))
    table = f'{NAME}_readers'
    for column, values, check in (
            ('kind', (0, 2, 4, -1, 'text'), 'may'), ('name', (b'',), 'must'),
            ('position', (-1, top, 'text', b'x'), 'must'),
            ('position', (0,), 'may'),
            ('settings', (b'', b'\xff' * 9, b'\0\0', 'text', 5), 'must'),
            ('state', (b'', b'\xff' * 9, b'\0\0', 'text', 5), 'must')):
        for value in values:
            for name in (b'idle', b'sync'):
                yield Case(f'readers {column} of {name!r}: {value!r}', sql(
                    (f'UPDATE {table} SET {column} = ? WHERE name = ?',
                     (value, name))), check=check)
    for column, values, check in (
            ('kind', (0, 1, 3, -1, 'text'), 'must'),
            ('name', (b'',), 'must'), ('name', (b'x',), 'may'),
            ('position', (-1, top, 'text', b'x'), 'must'),
            ('settings', (b'', b'x', 'text', 5), 'must'),
            ('state', (b'', b'-1 0 0', b'0 0', b'0 0 0 0', 'text', 5), 'must')):
        for value in values:
            yield Case(f'replica {column}: {value!r}', sql(
                (f'UPDATE {table} SET {column} = ? WHERE kind = 2', (value,))),
                check=check)
    yield Case('readers: all gone', sql(f'DELETE FROM {table}'), check='may')
    yield Case('readers: a view is gone', sql(
        f'DROP VIEW {NAME}_on_change_sync'), check='may')
    table = f'{NAME}_versions'
    for column, values, check in (
            ('sequence', (-1, 'text', b'x'), 'must'),
            ('sequence', (0, top), 'may'), ('region', (b'',), 'must'),
            ('region', (b'x', 5), 'may'), ('deleted', ('text', b'x'), 'must'),
            ('deleted', (None, 1), 'must'), ('key', (b'', b'x'), 'must')):
        for value in values:
            for which in ('IS NULL', 'IS NOT NULL'):
                is_same = (column == 'deleted' and
                           (value is None) == (which == 'IS NULL') and
                           value in (None, 1))
                yield Case(f'versions {column} {which}: {value!r}', sql(
                    (f'UPDATE {table} SET {column} = ? WHERE key = (SELECT key '
                     f'FROM {table} WHERE deleted {which} LIMIT 1)', (value,))),
                    check='may' if is_same else check)
    yield Case('versions: all gone', sql(f'DELETE FROM {table}'), check='may')


def index_cases(db, pick):
    """Damage to what is kept of indexes."""
    for tree, name in INDEXES:
        for column in ('items', 'bytes'):
            yield Case(f'{name}: {column}', sql(
                f'UPDATE {NAME}_partitions SET {column} = {column} + 1 '
                f'WHERE tree = {tree}'), indexes=(name,))
        yield Case(f'{name}: no partitions', sql(
            f'DELETE FROM {NAME}_partitions WHERE tree = {tree}'))
    table = f'{NAME}_indexes'
    for column, values in (
            ('declaration', ('', 'nonsense', 'GLOBAL INDEX x', None, 5, b'x',
                             'GLOBAL INDEX by_v (w NUMBER, pk)',
                             'GLOBAL INDEX by_v (v)',
                             'GLOBAL INDEX other (v, pk) PROJECT KEYS')),
            ('tree', (0, -1, 3, 30, 32, 2**40)),
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
    for column, values in (
            ('declaration', ('', 'nonsense', 'GLOBAL INDEX by_w (v)', 'TTL ')),
            ('position', (b'', b'\x80', b'\x80' * 9000))):
        for value in values:
            yield Case(f'ttl: {column} {value!r:.20}', sql(
                (f'UPDATE {table} SET {column} = ? WHERE tree = 31', (value,))),
                indexes=('ttl',) if value in (b'', b'\x80') else ())
    yield Case('ttl: ended', sql(
        f"UPDATE {table} SET declaration = 'ENDED' WHERE tree = 31"),
        check='may', indexes=('ttl',))
    yield Case('ttl: no line', sql(f'DELETE FROM {table} WHERE tree = 31'),
               indexes=('ttl',))
    yield Case('indexes: all gone', sql(f'DELETE FROM {table}'), missing=True)


def table_cases(db, pick):
    suffixes = ('directory', 'leaves', 'large', 'partitions', 'usage', 'meta',
                'indexes', 'loads', 'provisioned', 'log', 'shards', 'readers',
                'versions')
    for suffix in suffixes:
        table = f'{NAME}_{suffix}'
        yield Case(f'{suffix}: dropped', sql(f'DROP TABLE {table}'),
                   missing=True)
        for columns in ('a', 'tree, low, leaf', 'id INTEGER PRIMARY KEY, data',
                        'id INTEGER PRIMARY KEY, item', 'name, value',
                        'minute, name, use, read_halves, write_units, throttled',
                        'sequence INTEGER PRIMARY KEY, event, actor, key'):
            yield Case(f'{suffix}: now of ({columns})', sql(
                f'DROP TABLE {table}', f'CREATE TABLE {table}({columns})'),
                missing=True,
                check='may' if suffix == 'usage' and 'use' in columns else 'must')
        yield Case(f'{suffix}: renamed', sql(
            f'ALTER TABLE {table} RENAME TO lost'), missing=True)
        yield Case(f'{suffix}: a trigger', sql(
            f'CREATE TRIGGER {NAME}_t BEFORE INSERT ON {table} BEGIN SELECT '
            "RAISE(ABORT, 'trigger'); END"), check='may')
    yield Case('all tables dropped', sql(*(
        f'DROP TABLE {NAME}_{s}' for s in suffixes)), missing=True)
    # rows without the constraints that hold them
    yield Case('leaves: two rows of one id, NULLs', sql(
        f'CREATE TABLE keep AS SELECT * FROM {NAME}_leaves',
        f'DROP TABLE {NAME}_leaves', f'CREATE TABLE {NAME}_leaves(id, data)',
        f'INSERT INTO {NAME}_leaves SELECT id, data FROM keep',
        f'INSERT INTO {NAME}_leaves SELECT NULL, data FROM keep',
        f'INSERT INTO {NAME}_leaves SELECT id, NULL FROM keep',
        'DROP TABLE keep'))
    yield Case('leaves: NULL', sql(
        f'CREATE TABLE keep AS SELECT * FROM {NAME}_leaves',
        f'DROP TABLE {NAME}_leaves',
        f'CREATE TABLE {NAME}_leaves(id INTEGER PRIMARY KEY, data)',
        f'INSERT INTO {NAME}_leaves SELECT id, NULL FROM keep',
        'DROP TABLE keep'))
    yield Case('large: NULL', sql(
        f'CREATE TABLE keep AS SELECT * FROM {NAME}_large',
        f'DROP TABLE {NAME}_large',
        f'CREATE TABLE {NAME}_large(id INTEGER PRIMARY KEY, data)',
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
    many = (list(byte_cases(db, pick)) + list(large_cases(db, pick)))
    few = (list(leaf_cases(db, pick)) + list(line_cases(db, pick)) +
           list(stale_cases(db, pick)) +
           list(partition_cases(db, pick)) + list(meta_cases(db, pick)) +
           list(scaling_cases(db, pick)) +
           list(usage_cases(db, pick)) + list(log_cases(db, pick)) +
           list(index_cases(db, pick)) +
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
    options.add_argument('--encoding', default='UTF-8')
    options.add_argument('--part', default='1/1',
                         help='2/3: the second of every three damages')
    o = options.parse_args()
    so = os.path.abspath(o.so)
    image, model = build(so, o.encoding)
    cases = [c for c in all_cases(so, image, o.count, o.seed)
             if o.only in c.label]
    part, parts = map(int, o.part.split('/'))
    cases = cases[part - 1::parts]
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
