"""dynamo_estimate() beside other connections, in a read-only database, and when
it is interrupted.

usage: estimate.py DYNAMO.SO
"""
import os
import sqlite3
import sys
import tempfile

WRITE = "SELECT dynamo_estimate('INSERT INTO foo VALUES(''b'', 1)')"
READ = "SELECT dynamo_estimate('SELECT * FROM foo WHERE p = ''a''')"
PUT = ("SELECT dynamo_estimate('PutItem', '{\"TableName\": \"foo\", "
       "\"Item\": {\"p\": {\"S\": \"b\"}}}')")


def connect(path, **options):
    db = sqlite3.connect(path, isolation_level=None, timeout=0, **options)
    db.enable_load_extension(True)
    db.load_extension(sys.argv[1])
    return db


def fails(db, sql, text):
    try:
        db.execute(sql).fetchall()
    except sqlite3.Error as error:
        assert text in str(error), error
        return
    raise AssertionError(f"{sql} does not fail")


def check_read_only(path):
    db = connect(f"file:{path}?mode=ro", uri=True)
    assert '"read_units":0.5' in db.execute(READ).fetchone()[0]
    for sql in (WRITE, PUT):
        fails(db, sql, "cannot be estimated in a read-only database")
    assert not db.in_transaction
    db.close()


def check_locks(path):
    """A write takes the lock of writers, and gives it back."""
    db, other = connect(path), connect(path)
    other.execute("BEGIN IMMEDIATE")
    for sql in (WRITE, PUT):
        fails(db, sql, "database is locked")
    assert '"read_units":0.5' in db.execute(READ).fetchone()[0]
    other.execute("ROLLBACK")
    for sql in (WRITE, PUT):
        assert '"write_units":1' in db.execute(sql).fetchone()[0]
        other.execute("INSERT OR REPLACE INTO foo VALUES('c', 1)")
    db.close()
    other.close()


def check_interrupt(path):
    """What is interrupted is rolled back; within a transaction of the user, who
    has to roll that back where SQLite has not."""
    db = connect(path)
    db.create_function("stop", 0, db.interrupt)
    db.execute("CREATE TABLE plain(x)")
    for inner in ("SELECT stop(), p FROM foo(''scan'')",
                  "INSERT OR REPLACE INTO foo SELECT p, stop() FROM foo(''scan'')"):
        for is_within in (False, True):
            if is_within:
                db.execute("BEGIN")
                db.execute("INSERT INTO plain VALUES(1)")
            fails(db, f"SELECT dynamo_estimate('{inner}')", "interrupted")
            if db.in_transaction:
                assert is_within
                fails(db, "INSERT INTO foo VALUES('d', 1)", "must be rolled back")
                db.execute("ROLLBACK")
            assert db.execute("SELECT count(*) FROM plain").fetchone()[0] == 0
            assert "write" in db.execute(WRITE).fetchone()[0]
    db.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "foo.db")
        db = connect(path)
        db.execute("CREATE VIRTUAL TABLE foo USING dynamo(p TEXT PARTITION KEY, "
                   "n NUMBER)")
        db.execute("INSERT INTO foo VALUES('a', 1)")
        db.close()
        check_read_only(path)
        check_locks(path)
        check_interrupt(path)
        db = connect(path)
        rows = db.execute("SELECT p FROM foo('scan') ORDER BY p").fetchall()
        assert rows == [("a",), ("c",)], rows
        assert db.execute("SELECT dynamo_check('foo')").fetchone()[0] == "ok"
        db.close()
    print("ok")


main()
