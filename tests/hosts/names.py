"""Names of attributes that have numbers in the stored items: a table learns them
from what is written, for all connections, and forgets what is rolled back.

usage: names.py DYNAMO.SO
"""
import json
import os
import sqlite3
import sys
import tempfile

TABLE = 'dynamo(id TEXT PARTITION KEY, price NUMBER)'
LEARNED_MAX = 256


def connect(so, path=':memory:'):
    db = sqlite3.connect(path, isolation_level=None, cached_statements=0)
    db.enable_load_extension(True)
    db.load_extension(so)
    return db


def run(db, *statements):
    for sql in statements:
        db.execute(sql).fetchall()


def rows(db, sql, *values):
    return [tuple(row) for row in db.execute(sql, values)]


def put(db, id, table='t', **more):
    run_with = db.execute(f'INSERT OR REPLACE INTO {table}(item) VALUES(?)',
                          (json.dumps({'id': id, **more}),))
    run_with.fetchall()


def get(db, id, table='t'):
    found = rows(db, f'SELECT item FROM {table} WHERE id = ?', id)
    return json.loads(found[0][0]) if found else None


def names(db, table='t'):
    return json.loads(rows(
        db, f"SELECT value FROM {table}_meta WHERE name = 'names'")[0][0])


def is_sound(db, table='t'):
    assert rows(db, f"SELECT dynamo_check('{table}')") == [('ok',)], rows(
        db, f"SELECT dynamo_check('{table}')")


def stored(db, table='t'):
    return b''.join(row[0] for row in db.execute(
        f'SELECT data FROM {table}_leaves UNION ALL'
        f' SELECT data FROM {table}_large'))


def fails(word, function, *arguments):
    try:
        function(*arguments)
    except sqlite3.Error as e:
        assert word in str(e), e
        return
    raise AssertionError(f'{word}: does not fail')


def check_learning(so):
    """A name of three bytes and more has a number from its first item on; within
    a map it has none."""
    db = connect(so)
    run(db, f'CREATE VIRTUAL TABLE t USING {TABLE}')
    assert names(db) == []
    put(db, 'a', price=1, title='one', no='two', shape={'title': 3})
    put(db, 'b', colour='red', title='four', **{'größe': 5, 'a\0b': 6})
    assert names(db) == ['shape', 'title', 'a\0b', 'colour', 'größe']
    assert get(db, 'a') == {'id': 'a', 'price': 1, 'title': 'one', 'no': 'two',
                            'shape': {'title': 3}}
    assert get(db, 'b') == {'id': 'b', 'colour': 'red', 'title': 'four',
                            'größe': 5, 'a\0b': 6}
    found = stored(db)
    assert found.count(b'title') == 1 and b'colour' not in found, found
    assert b'price' not in found and b'no' in found, found
    run(db, "UPDATE t SET price = price + 1 WHERE id = 'a'")
    assert rows(db, "SELECT price, item ->> 'title' FROM t WHERE id = 'a'"
                ) == [(2, 'one')]
    is_sound(db)


def check_many(so):
    """There are no numbers for more; equal items are equal bytes nevertheless, so
    that putting one again is no change."""
    db = connect(so)
    run(db, 'CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY,'
        ' GLOBAL INDEX by_name_299 (name_299 NUMBER), stream = \'NEW_IMAGE\')')
    items = [{f'name_{i}': i for i in range(at, at + 60)}
             for at in range(0, 300, 20)]
    for turn in range(2):
        for i, item in enumerate(items):
            put(db, str(i), **item)
        assert len(names(db)) == LEARNED_MAX
        log = rows(db, 'SELECT count(*) FROM t_log')
        assert log == [(len(items),)], log
    for i, item in enumerate(items):
        assert get(db, str(i)) == {'id': str(i), **item}
    put(db, 'long', **{'n' * 300: 1})
    assert sorted(rows(db, 'SELECT id FROM t WHERE name_299 = 299')) == [
        ('12',), ('13',), ('14',)]
    is_sound(db)


def check_connections(so, folder):
    """Each reads what another one has learned, at once."""
    path = os.path.join(folder, 'connections.db')
    a, b = connect(so, path), connect(so, path)
    run(a, 'PRAGMA journal_mode = WAL', f'CREATE VIRTUAL TABLE t USING {TABLE}')
    put(a, 'a', first=1)
    assert get(b, 'a') == {'id': 'a', 'first': 1}
    run(a, 'BEGIN')
    put(a, 'a2', second=2)
    assert get(b, 'a2') is None
    run(a, 'COMMIT')
    assert get(b, 'a2') == {'id': 'a2', 'second': 2}
    put(b, 'b', third=3, second=4)
    reader = b.execute("SELECT item FROM t('scan')")
    assert json.loads(reader.fetchone()[0])
    put(a, 'a3', fourth=5, third=6)
    assert all(json.loads(row[0]) for row in reader)
    for db in (a, b, connect(so, path)):
        assert names(db) == ['first', 'second', 'third', 'fourth']
        assert get(db, 'b') == {'id': 'b', 'third': 3, 'second': 4}
        assert get(db, 'a3') == {'id': 'a3', 'fourth': 5, 'third': 6}
        is_sound(db)


def check_rolled_back(so, folder):
    """What is rolled back is not known any more: others may take its number."""
    path = os.path.join(folder, 'back.db')
    a, b = connect(so, path), connect(so, path)
    run(a, f'CREATE VIRTUAL TABLE t USING {TABLE}')
    put(a, '0', first=1)
    run(a, 'BEGIN')
    put(a, '1', second=1, third=2)
    run(a, 'ROLLBACK')
    assert names(a) == ['first']
    put(b, '2', other=3)
    assert get(a, '2') == {'id': '2', 'other': 3}
    run(a, 'BEGIN')
    put(a, '3', fourth=4)
    run(a, 'SAVEPOINT s')
    put(a, '4', fifth=5)
    run(a, 'ROLLBACK TO s')
    put(a, '5', sixth=6, fifth=7)
    run(a, 'COMMIT')
    assert names(b) == ['first', 'other', 'fourth', 'fifth', 'sixth']
    assert get(b, '5') == {'id': '5', 'sixth': 6, 'fifth': 7}
    # a statement that fails with its second row
    fails('id', a.execute, 'INSERT INTO t(item) VALUES'
          ' (\'{"id":"6","seventh":1}\'), (\'{"eighth":1}\')')
    assert get(a, '6') is None and len(names(a)) == 5, names(a)
    put(b, '7', ninth=9)
    put(a, '8', tenth=10)
    for db in (a, b):
        assert get(db, '7') == {'id': '7', 'ninth': 9}
        assert get(db, '8') == {'id': '8', 'tenth': 10}
        is_sound(db)


def check_estimate(so):
    """An estimate learns nothing."""
    db = connect(so)
    run(db, f'CREATE VIRTUAL TABLE t USING {TABLE}')
    request = json.dumps({'TableName': 't', 'Item': {
        'id': {'S': 'x'}, 'guess': {'S': 'y'}}})
    rows(db, "SELECT dynamo_estimate('PutItem', ?)", request)
    assert names(db) == []
    put(db, 'a', other=1)
    assert names(db) == ['other'] and get(db, 'a') == {'id': 'a', 'other': 1}
    is_sound(db)


def check_other_objects(so):
    """A statement goes on with an earlier object of its table, when the schema
    changes while it reads; it reads what is written then."""
    db = connect(so)
    run(db, 'CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, n'
        ' NUMBER SORT KEY)', 'BEGIN')
    for i in range(3000):
        put(db, 'p', n=i, early='x' * 50)
    reader = db.execute("SELECT n, item FROM t WHERE id = 'p'")
    reader.fetchone()
    run(db, "SELECT dynamo_alter('t', 'ADD GLOBAL INDEX by_late (late TEXT)')")
    for i in range(2000, 4000):
        put(db, 'p', n=i, late='y', **{f'late_{i % 7}': i})
    seen = {n: json.loads(item) for n, item in reader}
    assert len(seen) >= 2999, len(seen)
    for n, item in seen.items():
        assert item in ({'id': 'p', 'n': n, 'early': 'x' * 50},
                        {'id': 'p', 'n': n, 'late': 'y', f'late_{n % 7}': n})
    run(db, 'COMMIT')
    is_sound(db)


def check_restored(so):
    """Restored tables, and replicas, have names of their own."""
    db = connect(so)
    run(db, "SELECT dynamo_clock('2026-01-20 12:00:00')",
        'CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY,'
        ' point_in_time = 35, GLOBAL INDEX by_late (late TEXT))')
    put(db, 'a', early=1, late='x')
    run(db, "SELECT dynamo_clock('+1 hour')",
        "SELECT dynamo_backup('t', 'kept')",
        "SELECT dynamo_clock('+1 hour')")
    put(db, 'a', later=2)
    put(db, 'b', later=3, early=4)
    run(db, "SELECT dynamo_restore('t', 'past', '-1 hour')",
        "SELECT dynamo_restore(arn, 'kept') FROM dynamo_backups('t')")
    for table in ('past', 'kept'):
        assert get(db, 'a', table) == {'id': 'a', 'early': 1, 'late': 'x'}
        assert get(db, 'b', table) is None
        put(db, 'c', table, later=5, newest=6)
        assert rows(db, f"SELECT id FROM {table} WHERE late = 'x'") == [('a',)]
        is_sound(db, table)
    assert get(db, 'b') == {'id': 'b', 'later': 3, 'early': 4}


def check_replicas(so):
    """Tables of two regions learn in different orders, and come to the same."""
    db = connect(so)
    run(db, "ATTACH ':memory:' AS \"eu-west-1\"",
        'CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY)')
    other = '"eu-west-1".t'
    put(db, 'a', first=1, second=2)
    put(db, 'b', third=3)
    run(db, "DELETE FROM t WHERE id = 'a'")
    put(db, 'a', second=2)
    run(db, "SELECT dynamo_alter('t', 'ADD REPLICA eu-west-1')")
    put(db, 'c', other, fifth=5, fourth=4)
    put(db, 'd', fourth=6, sixth=7, fifth=8)
    put(db, 'a', other, second=9)
    run(db, 'SELECT dynamo_maintain()')
    for table in ('main.t', other):
        assert get(db, 'a', table) == {'id': 'a', 'second': 9}
        assert get(db, 'b', table) == {'id': 'b', 'third': 3}
        assert get(db, 'c', table) == {'id': 'c', 'fifth': 5, 'fourth': 4}
        assert get(db, 'd', table) == {'id': 'd', 'fourth': 6, 'sixth': 7,
                                       'fifth': 8}
    mine, theirs = (json.loads(rows(
        db, f"SELECT value FROM {schema}.t_meta WHERE name = 'names'")[0][0])
        for schema in ('main', '"eu-west-1"'))
    assert sorted(mine) != sorted(theirs) and mine != theirs, (mine, theirs)


def check_damage(so, folder):
    """A list of names that cannot be is told, and nothing is written."""
    path = os.path.join(folder, 'damage.db')
    db = connect(so, path)
    run(db, f'CREATE VIRTUAL TABLE t USING {TABLE}')
    put(db, 'a', first=1)
    db.close()
    for value in ("NULL", "x''", "'[]'", "CAST('{}' AS BLOB)",
                  "CAST('[1]' AS BLOB)", "CAST('[\"a\",\"a\"]' AS BLOB)",
                  "CAST('[\"id\"]' AS BLOB)", "CAST('[[]]' AS BLOB)",
                  "CAST('[%s]' AS BLOB)" % ','.join(
                      f'"{i}"' for i in range(LEARNED_MAX + 1))):
        db = sqlite3.connect(path, isolation_level=None)
        run(db, 'BEGIN', f"UPDATE t_meta SET value = {value} WHERE name ="
            " 'names'")
        db.enable_load_extension(True)
        db.load_extension(so)
        fails('"names" is missing or wrong', get, db, 'a')
        fails('"names" is missing or wrong', put, db, 'b')
        run(db, 'ROLLBACK')
        assert get(db, 'a') == {'id': 'a', 'first': 1}
        db.close()
    db = connect(so, path)
    run(db, "UPDATE t_meta SET value = CAST('[]' AS BLOB) WHERE name = 'names'")
    db.close()
    fails('does not decode', get, connect(so, path), 'a')


def main():
    so = os.path.abspath(sys.argv[1])
    check_learning(so)
    check_many(so)
    check_estimate(so)
    check_other_objects(so)
    check_restored(so)
    check_replicas(so)
    with tempfile.TemporaryDirectory() as folder:
        check_connections(so, folder)
        check_rolled_back(so, folder)
        check_damage(so, folder)


if __name__ == '__main__':
    main()
