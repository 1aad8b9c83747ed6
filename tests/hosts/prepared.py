"""Statements that were prepared before the indexes of a table changed, in the
connection that changes them and in another one. Python keeps statements, and
gives an equal text the one that it has.

usage: prepared.py DYNAMO.SO
"""
import os
import sqlite3
import sys
import tempfile

TABLE = 'dynamo(id TEXT PARTITION KEY, v NUMBER)'
QUERY = 'SELECT id FROM t WHERE v = 5'


def connect(so, path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    return db


def rows(db, sql=QUERY):
    return [row[0] for row in db.execute(sql)]


def fails(db, word, sql=QUERY):
    try:
        db.execute(sql).fetchall()
    except sqlite3.Error as e:
        assert word in str(e), e
        return
    raise AssertionError(f'{sql} does not fail')


def alter(db, change):
    db.execute('SELECT dynamo_alter(?, ?)', ('t', change)).fetchall()


def make(so, path, items):
    db = connect(so, path)
    db.execute('PRAGMA journal_mode = WAL')
    db.execute(f'CREATE VIRTUAL TABLE t USING {TABLE}')
    with_five = ((str(i), 5 if i == 0 else i + 10) for i in range(items))
    db.execute('BEGIN')
    db.executemany('INSERT INTO t VALUES(?, ?)', with_five)
    db.execute('COMMIT')
    return db


def check_added_and_dropped(so, path):
    db = make(so, path, 10)
    other = connect(so, path)
    for each in (db, other):
        fails(each, 'a query needs id = ?')
    alter(db, 'ADD GLOBAL INDEX by_v (v)')
    for each in (db, other):
        assert rows(each) == ['0'], each
        assert rows(each, "SELECT id FROM t('index by_v') WHERE v = 5") == ['0']
    alter(other, 'ADD GLOBAL INDEX by_v2 (v)')
    alter(other, 'DROP INDEX by_v')
    for each in (db, other):
        assert rows(each) == ['0'], each
    alter(db, 'DROP INDEX by_v2')
    for each in (other, db):
        fails(each, 'a query needs id = ?')
        assert rows(each, "SELECT id FROM t WHERE id = '3'") == ['3']


def check_in_a_transaction(so, path):
    """What is rolled back is not planned with, either."""
    db = make(so, path, 10)
    fails(db, 'a query needs id = ?')
    db.execute('BEGIN')
    alter(db, 'ADD GLOBAL INDEX by_v (v)')
    db.execute("INSERT INTO t VALUES('new', 5)")
    assert sorted(rows(db)) == ['0', 'new']
    db.execute('ROLLBACK')
    fails(db, 'a query needs id = ?')
    assert rows(db, "SELECT dynamo_check('t')") == ['ok']


def check_filled_later(so, path):
    """An index that is still filled cannot be queried."""
    db = make(so, path, 5000)
    other = connect(so, path)
    alter(db, 'ADD GLOBAL INDEX by_v (v)')
    for each in (db, other):
        fails(each, 'by_v')
    while rows(db, 'SELECT dynamo_maintain()') != [0]:
        pass
    for each in (other, db):
        assert rows(each) == ['0'], each


def check_filled_by_writes(so, path):
    """The last step of filling may be part of a COMMIT."""
    db = make(so, path, 5000)
    other = connect(so, path)
    alter(db, 'ADD GLOBAL INDEX by_v (v)')
    for i in range(1000):
        writer = db if i % 2 == 0 else other
        writer.execute('INSERT INTO t VALUES(?, 1)', (f'new {i}',))
        try:
            assert rows(db) == ['0'] and rows(other) == ['0']
            break
        except sqlite3.Error as e:
            assert 'still being created' in str(e), e
    assert 10 < i < 999, i
    assert rows(db, "SELECT dynamo_check('t')") == ['ok']


def check_a_statement_that_runs(so, path):
    """A change while rows are read leaves these as they are."""
    db = make(so, path, 10)
    cursor = db.execute("SELECT id FROM t('scan')")
    first = cursor.fetchone()
    alter(db, 'ADD GLOBAL INDEX by_v (v)')
    assert len(cursor.fetchall()) + len(first) == 10
    assert rows(db) == ['0']
    names = rows(db, 'SELECT name FROM sqlite_schema '
                 "WHERE type NOT IN ('table', 'index')")
    assert names == [], names


def check_another_index(so, path):
    """A scan of an index does not go on in one that has taken its place."""
    db = make(so, path, 800)
    alter(db, 'ADD GLOBAL INDEX i (v)')
    for key in ('k TEXT', 'v', 'v, k TEXT'):
        cursor = db.execute("SELECT id, v FROM t('scan index i')")
        first = cursor.fetchone()
        alter(db, 'DROP INDEX i')
        alter(db, f'ADD GLOBAL INDEX i ({key})')
        try:
            assert len({first, *cursor.fetchall()}) == 800 and key == 'v', key
        except sqlite3.Error as e:
            assert 'the index that is read is gone' in str(e), e
        alter(db, 'DROP INDEX i')
        alter(db, 'ADD GLOBAL INDEX i (v)')


def check_a_new_key(so, path):
    """An index whose key is no column brings a column along: for statements
    that were prepared and for those to come, in all connections, while rows
    are read, and when the file is opened again."""
    db = make(so, path, 10)
    other = connect(so, path)
    query = "SELECT id FROM t WHERE colour = 'red'"
    for each in (db, other):
        fails(each, 'no such column', query)
        assert rows(each, "SELECT v FROM t WHERE id = '0'") == [5]
    cursor = db.execute("SELECT id FROM t('scan')")
    first = cursor.fetchone()
    db.execute('BEGIN')
    db.execute("INSERT INTO t VALUES('before', 6)")
    plain = db.execute('SELECT name FROM sqlite_schema')
    plain.fetchone()
    count = rows(db, "SELECT dynamo_alter('t', 'ADD GLOBAL INDEX by_colour "
                 "(colour TEXT)') FROM dynamo_tables")
    assert count == ['ok'], count
    db.execute("INSERT INTO t(id, colour) VALUES('behind', 'red')")
    assert len(cursor.fetchall()) + len(first) >= 10
    assert len(plain.fetchall()) > 5
    assert rows(db, query) == ['behind']
    fails(other, 'no such column', query)
    db.execute('COMMIT')
    for each in (db, other, connect(so, path)):
        assert rows(each, query) == ['behind'], each
        assert rows(each, "SELECT v FROM t WHERE id = 'before'") == [6]
        assert rows(each, "SELECT dynamo_check('t')") == ['ok']
    other.execute("UPDATE t SET colour = 'red' WHERE id = 'before'")
    assert sorted(rows(db, query)) == ['before', 'behind']
    alter(other, 'DROP INDEX by_colour')
    for each in (db, other):
        fails(each, 'no such column', query)


def check_a_new_key_undone(so, path):
    """What goes back with a savepoint takes its column along, and keeps what
    was written before it."""
    db = make(so, path, 10)
    query = "SELECT id FROM t WHERE colour = 'red'"
    db.execute('BEGIN')
    db.execute("INSERT INTO t VALUES('before', 6)")
    db.execute('SAVEPOINT s')
    alter(db, 'ADD GLOBAL INDEX by_colour (colour TEXT)')
    db.execute("INSERT INTO t(id, colour) VALUES('behind', 'red')")
    assert rows(db, query) == ['behind']
    db.execute('ROLLBACK TO s')
    fails(db, 'no such column', query)
    db.execute("INSERT INTO t VALUES('after', 6)")
    db.execute('COMMIT')
    for each in (db, connect(so, path)):
        found = rows(each, "SELECT id FROM t('scan') WHERE v = 6")
        assert sorted(found) == ['after', 'before'], found
        assert rows(each, "SELECT dynamo_check('t')") == ['ok']


def main():
    so = sys.argv[1]
    for check in (check_added_and_dropped, check_in_a_transaction,
                  check_filled_later, check_filled_by_writes,
                  check_a_statement_that_runs, check_another_index,
                  check_a_new_key, check_a_new_key_undone):
        with tempfile.TemporaryDirectory() as directory:
            check(so, os.path.join(directory, 'test.db'))
        print(check.__name__, 'ok')


main()
