"""Tables in attached and temp schemas.

usage: schemas.py DYNAMO.SO
"""
import json
import os
import sqlite3
import sys
import tempfile

TABLE = ('dynamo(id TEXT PARTITION KEY, n NUMBER SORT KEY, v NUMBER, '
         'partition_bytes = 3000)')


def connect(so, path=':memory:'):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    return db


def one(db, sql, *parameters):
    row = db.execute(sql, parameters).fetchone()
    return row[0] if row is not None and len(row) == 1 else row


def fails(db, sql, word):
    try:
        db.execute(sql).fetchall()
    except sqlite3.Error as e:
        assert word in str(e), e
        return
    raise AssertionError(f'{sql} does not fail')


def put(db, table, id, n, v, size=0):
    db.execute(f'INSERT INTO {table}(item) VALUES(?)', (json.dumps(
        {'id': id, 'n': n, 'v': v, 't': 'x' * size}),))


def check_three_schemas(so, directory):
    """The same name in three schemas: three tables."""
    db = connect(so, os.path.join(directory, 'main'))
    db.execute('ATTACH ? AS aux', (os.path.join(directory, 'aux'),))
    for i, schema in enumerate(('main', 'aux', 'temp')):
        db.execute(f'CREATE VIRTUAL TABLE {schema}.orders USING {TABLE}')
        for n in range(10 + i):
            put(db, f'{schema}.orders', 'a', n, i, 600)
    for i, schema in enumerate(('main', 'aux', 'temp')):
        assert one(db, f"SELECT count(*) FROM {schema}.orders WHERE id = 'a' "
                   'AND v = ?', i) == 10 + i
        assert one(db, f"SELECT dynamo_check('{schema}.orders')") == 'ok'
        assert one(db, 'SELECT items FROM dynamo_tables WHERE argument = ?',
                   f'{schema}.orders') == 10 + i
        assert one(db, 'SELECT sum(items) FROM dynamo_partitions(?)',
                   f'{schema}.orders') == 10 + i
        assert one(db, 'SELECT sum(write_units) FROM dynamo_capacity(?)',
                   f'{schema}.orders') == 10 + i
    assert one(db, "SELECT count(*) FROM orders WHERE id = 'a'") == 12, 'temp'
    assert one(db, "SELECT sum(items) FROM dynamo_partitions('orders')") == 12
    assert db.execute('SELECT schema_name, items FROM dynamo_tables ORDER BY 2'
                      ).fetchall() == [('main', 10), ('aux', 11), ('temp', 12)]
    # a join across them, and with an ordinary table
    db.execute('CREATE TABLE plain(id, n)')
    db.execute("INSERT INTO plain VALUES('a', 3), ('a', 11), ('b', 1)")
    assert db.execute(
        'SELECT p.n, m.v, x.v, t.v FROM plain p LEFT JOIN main.orders m ON '
        'm.id = p.id AND m.n = p.n LEFT JOIN aux.orders x ON x.id = p.id AND '
        'x.n = p.n LEFT JOIN temp.orders t ON t.id = p.id AND t.n = p.n ORDER '
        'BY p.id, p.n').fetchall() == [
            (3, 0, 1, 2), (11, None, None, 2), (1, None, None, None)]
    # one transaction over all
    for end, count in (('ROLLBACK', 0), ('COMMIT', 1)):
        db.execute('BEGIN')
        for schema in ('main', 'aux', 'temp'):
            put(db, f'{schema}.orders', 'z', 1, 1)
            db.execute(f"UPDATE {schema}.orders SET v = v + 1 WHERE id = 'z' "
                       'AND n = 1')
        db.execute(end)
        for schema in ('main', 'aux', 'temp'):
            assert one(db, f"SELECT count(*) FROM {schema}.orders WHERE id = "
                       "'z' AND v = 2") == count
            assert one(db, f"SELECT dynamo_check('{schema}.orders')") == 'ok'
    one(db, 'SELECT dynamo_maintain()')
    # copied from one to another
    db.execute("INSERT OR REPLACE INTO aux.orders(item) SELECT item FROM "
               "temp.orders('scan')")
    assert one(db, "SELECT count(*) FROM aux.orders('scan')") == 13
    assert one(db, "SELECT dynamo_check('aux.orders')") == 'ok'
    db.execute('DROP TABLE temp.orders')
    assert one(db, "SELECT count(*) FROM orders WHERE id = 'a'") == 10, 'main'
    fails(db, "SELECT dynamo_check('temp.orders')", 'no dynamo table')
    fails(db, "SELECT * FROM dynamo_partitions('nowhere.orders')",
          'no dynamo table')
    db.execute('DETACH aux')
    fails(db, "SELECT dynamo_check('aux.orders')", 'no dynamo table')
    assert one(db, "SELECT dynamo_check('orders')") == 'ok'
    db.close()
    # what was attached is a table of its own file
    db = connect(so, os.path.join(directory, 'aux'))
    assert one(db, "SELECT count(*) FROM orders('scan')") == 13
    assert one(db, "SELECT dynamo_check('orders')") == 'ok'
    db.execute('DROP TABLE orders')
    assert one(db, 'SELECT count(*) FROM sqlite_master') == 0
    db.close()


def check_attached_again(so, directory):
    """Another file under the same name is not taken for the one before."""
    paths = [os.path.join(directory, f'again{i}') for i in range(2)]
    for i, path in enumerate(paths):
        db = connect(so, path)
        db.execute(f'CREATE VIRTUAL TABLE orders USING {TABLE}')
        for n in range(5 * (i + 1)):
            put(db, 'orders', 'a', n, i)
        db.close()
    db = connect(so)
    for _ in range(3):
        for i, path in enumerate(paths):
            db.execute('ATTACH ? AS aux', (path,))
            assert one(db, 'SELECT count(*), min(v), max(v) FROM orders WHERE '
                       "id = 'a'") == (5 * (i + 1), i, i)
            assert one(db, "SELECT dynamo_check('aux.orders')") == 'ok'
            db.execute('DETACH aux')


def check_changed_elsewhere(so, directory):
    """What another connection writes is seen through an attached schema."""
    path = os.path.join(directory, 'elsewhere')
    a = connect(so, path)
    a.execute(f'CREATE VIRTUAL TABLE orders USING {TABLE}')
    b = connect(so)
    b.execute('ATTACH ? AS aux', (path,))
    for n in range(40):
        put(a, 'orders', 'a%d' % n, 1, 1, 500)
        if n % 3 == 0:
            a.execute(f'CREATE TABLE t{n}(x)')  # the schema changes, too
        assert one(b, "SELECT items FROM dynamo_tables('aux.orders')") == n + 1
        assert one(b, "SELECT dynamo_check('aux.orders')") == 'ok'
        assert one(b, "SELECT sum(items) FROM dynamo_partitions('aux.orders')"
                   ) == n + 1
    assert (one(a, "SELECT count(*) FROM dynamo_partitions('orders')") ==
            one(b, "SELECT count(*) FROM dynamo_partitions('orders')") > 4)


def check_schema_change_within(so, directory):
    """The schema changes in the middle of a transaction that has written."""
    for i, change in enumerate(('ALTER TABLE plain RENAME TO plain2',
                                'CREATE TABLE other(a)', 'DROP TABLE plain',
                                'CREATE VIRTUAL TABLE o2 USING ' + TABLE,
                                'ALTER TABLE orders RENAME TO sales')):
        for end in ('COMMIT', 'ROLLBACK'):
            db = connect(so, os.path.join(directory, f'within{i}{end}'))
            db.execute(f'CREATE VIRTUAL TABLE orders USING {TABLE}')
            db.execute('CREATE TABLE plain(a)')
            put(db, 'orders', 'before', 0, 0)
            db.execute('BEGIN')
            for n in range(20):
                put(db, 'orders', 'a%d' % n, n, n, 500)
            db.execute(change)
            name = 'sales' if 'sales' in change else 'orders'
            for n in range(20):
                put(db, name, 'b%d' % n, n, n, 500)
            assert one(db, f"SELECT dynamo_check('{name}')") == 'ok', change
            db.execute(end)
            if end == 'ROLLBACK':
                name = 'orders'
            assert one(db, f"SELECT dynamo_check('{name}')") == 'ok', change
            assert one(db, f"SELECT count(*) FROM {name}('scan')") == (
                41 if end == 'COMMIT' else 1), change


def main():
    so = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as directory:
        for name, check in list(globals().items()):
            if name.startswith('check_'):
                check(so, directory)
    print('ok')


if __name__ == '__main__':
    sys.exit(main())
