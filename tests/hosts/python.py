"""Python's sqlite3 as a host: load, query, close; load twice; two connections.

usage: python.py DYNAMO.SO
"""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile


def connect(so, path=':memory:', **options):
    db = sqlite3.connect(path, isolation_level=None, **options)
    db.enable_load_extension(True)
    db.load_extension(so)
    return db


def fill(db):
    db.execute('CREATE VIRTUAL TABLE orders USING dynamo(id TEXT PARTITION '
               'KEY, day TEXT SORT KEY, amount NUMBER)')
    db.executemany('INSERT INTO orders(id, day, amount) VALUES(?, ?, ?)',
                   [('ann', '2026-01-%02d' % d, d * 1.5) for d in range(1, 9)])


def check_load(so):
    db = connect(so)
    fill(db)
    assert db.execute("SELECT sum(amount) FROM orders WHERE id = 'ann' AND day "
                      ">= '2026-01-07'").fetchone() == (22.5,)
    db.load_extension(so)  # again
    assert db.execute("SELECT count(*) FROM orders WHERE id = 'ann'"
                      ).fetchone() == (8,)
    assert db.execute("SELECT dynamo_check('orders')").fetchone() == ('ok',)
    cursor = db.execute("SELECT * FROM orders('scan')")
    cursor.fetchone()
    db.close()  # with a cursor open
    db = connect(so)
    db.close()  # unused


HALF_LOADED = """
import sqlite3, sys
db = sqlite3.connect(':memory:')
db.enable_load_extension(True)
db.create_function('dynamo_clock', 1, len)  # cannot be replaced while one runs
try:
    db.execute('SELECT load_extension(?)', sys.argv[1:]).fetchall()
except sqlite3.OperationalError as error:
    assert 'dynamo cannot add its functions: ' in str(error), error
db.execute('SELECT dynamo_version()').fetchone()
db.close()
"""


def check_half_loaded(so):
    """The library stays while functions of it are registered."""
    subprocess.run([sys.executable, '-c', HALF_LOADED, so], check=True)


def check_text_and_blob(so):
    db = connect(so)
    db.execute('CREATE VIRTUAL TABLE b USING dynamo(k BLOB PARTITION KEY, v)')
    for value in (None, 1, 2**63 - 1, 1.5, 'é\0x', b'\0\xff'):
        db.execute('INSERT OR REPLACE INTO b(k, v) VALUES(?, ?)',
                   (b'\0k', value))
        assert db.execute('SELECT v FROM b WHERE k = ?', (b'\0k',)
                          ).fetchone() == (value,), value


def check_two_connections(so):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'db')
        a = connect(so, path)
        fill(a)
        b = connect(so, path)
        query = "SELECT count(*) FROM orders WHERE id = 'ann'"
        assert b.execute(query).fetchone() == (8,)
        a.execute('BEGIN')
        a.execute("INSERT INTO orders(id, day) VALUES('ann', 'x')")
        assert a.execute(query).fetchone() == (9,)
        assert b.execute(query).fetchone() == (8,)
        a.execute('COMMIT')
        assert b.execute(query).fetchone() == (9,)
        b.execute("DELETE FROM orders WHERE id = 'ann' AND day = 'x'")
        assert a.execute(query).fetchone() == (8,)
        for db in (a, b):
            assert db.execute("SELECT dynamo_check('orders')"
                              ).fetchone() == ('ok',)
        a.execute('ALTER TABLE orders RENAME TO sales')
        assert b.execute("SELECT count(*) FROM sales WHERE id = 'ann'"
                         ).fetchone() == (8,)
        assert b.execute("SELECT dynamo_check('sales')").fetchone() == ('ok',)
        b.execute('DROP TABLE sales')
        assert a.execute('SELECT name FROM sqlite_master').fetchall() == []
        try:
            a.execute("SELECT * FROM sales('scan')")
            raise AssertionError('a dropped table answers')
        except sqlite3.OperationalError:
            pass
        a.close()
        b.close()


def check_busy_commit(so):
    """Units are counted once, however often COMMIT has to be repeated."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'db')
        a, b = (connect(so, path, timeout=0) for _ in range(2))
        fill(a)
        b.execute('BEGIN')
        b.execute('SELECT * FROM sqlite_master').fetchall()
        a.execute('BEGIN')
        a.execute("INSERT INTO orders(id, day) VALUES('bob', 'x')")
        for _ in range(3):
            try:
                a.execute('COMMIT')
                raise AssertionError('COMMIT is not busy')
            except sqlite3.OperationalError as e:
                assert e.sqlite_errorcode == 5, e
        b.execute('COMMIT')
        a.execute('COMMIT')
        for db in (a, b):
            assert db.execute("SELECT sum(write_units) FROM dynamo_capacity("
                              "'orders')").fetchone() == (9,)


def check_without_a_file(so):
    """A connection that never loaded it can still read the ordinary tables,
    and says what is missing."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'db')
        db = connect(so, path)
        fill(db)
        db.execute('CREATE TABLE plain(a)')
        db.close()
        db = sqlite3.connect(path)
        db.execute('SELECT * FROM plain')
        try:
            db.execute('SELECT * FROM orders')
            raise AssertionError('no module, but an answer')
        except sqlite3.OperationalError as e:
            assert 'no such module: dynamo' in str(e)


def check_dropped_while_read(so):
    """An index that is dropped while it is read ends the reading."""
    db = connect(so)
    db.execute('CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, '
               'k TEXT, GLOBAL INDEX by_k (k) PROJECT KEYS)')
    db.execute('WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM '
               "n WHERE i < 1000) INSERT INTO t(id, k) SELECT i, 'k' FROM n")
    read = db.execute("SELECT id FROM t WHERE k = 'k'")
    read.fetchone()
    db.execute("SELECT dynamo_alter('t', 'DROP INDEX by_k')").fetchall()
    try:
        read.fetchall()
    except sqlite3.Error as e:
        assert 'the index that is read is gone' in str(e), e
    else:
        raise AssertionError('read on')
    assert db.execute("SELECT dynamo_check('t')").fetchone() == ('ok',)


def check_deleted_while_read(so):
    """What is deleted while it is read by an index, by hand or by time to live,
    is passed over, or was read before."""
    db = connect(so)
    db.execute("SELECT dynamo_clock('2026-01-01')")
    for way in ("DELETE FROM t WHERE pk = 'p' AND sk = 5",
                "INSERT INTO t(pk, sk) VALUES('other', 1)"):
        db.execute('CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, '
                   'sk NUMBER SORT KEY, a NUMBER, at NUMBER, LOCAL INDEX near (a) '
                   "PROJECT KEYS, GLOBAL INDEX g (b TEXT), ttl = 'at')")
        for i in range(10):
            item = {'pk': 'p', 'sk': i, 'a': i, 'b': 'x', 'big': 'y' * 3000}
            db.execute('INSERT INTO t(item) VALUES(?)', (json.dumps(item),))
        for sql in ("SELECT sk, item FROM t('index near') WHERE pk = 'p' AND a >= 0",
                    "SELECT sk, item FROM t('scan index g')"):
            db.execute('INSERT OR REPLACE INTO t(item) VALUES(?)', (json.dumps(
                {'pk': 'p', 'sk': 5, 'a': 5, 'b': 'x', 'at': 1767225601}),))
            db.execute("SELECT dynamo_clock('2026-01-01')")
            read = db.execute(sql)
            found = {read.fetchone()[0]}
            db.execute("SELECT dynamo_clock('+1 hour')")
            db.execute(way)
            assert not db.execute("SELECT * FROM t WHERE pk = 'p' AND sk = 5").fetchall()
            found |= {sk for sk, _ in read}
            assert found | {5} == set(range(10)), found
            db.execute("DELETE FROM t WHERE pk = 'other' AND sk = 1")
        assert db.execute("SELECT dynamo_check('t')").fetchone() == ('ok',)
        db.execute('DROP TABLE t')
    db.execute('SELECT dynamo_clock(NULL)')


def main():
    so = os.path.abspath(sys.argv[1])
    for name, check in list(globals().items()):
        if name.startswith('check_'):
            check(so)
    print('ok')


if __name__ == '__main__':
    sys.exit(main())
