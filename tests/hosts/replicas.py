#!/usr/bin/env python3
"""Replicas in files, from several connections.

usage: replicas.py PATH_TO_DYNAMO

Claims: a strong write fails with its own exception while another connection
writes in a region, and leaves nothing; a region that is away is found again
under any name of its file, and catches up; what a maintenance within a
transaction has received is rolled back with it; an older copy of a region is
noticed; conflicts of strong replicas, in one transaction, leave their counters
right; a failed ADD REPLICA leaves nothing attached; a file is only opened where
its name is said.
"""
import os
import sqlite3
import sys
import tempfile

dynamo = os.path.abspath(sys.argv[1])


def connect(path, **attached):
    db = sqlite3.connect(path, isolation_level=None, timeout=0)
    db.enable_load_extension(True)
    db.load_extension(dynamo)
    for name, file in attached.items():
        db.execute(f'ATTACH ? AS "{name}"', (file,))
    return db


def one(db, sql, parameters=()):
    return db.execute(sql, parameters).fetchone()[0]


def fails(db, sql, code, words):
    try:
        db.execute(sql).fetchall()
    except sqlite3.Error as error:
        found = getattr(error, 'sqlite_errorcode', code)
        assert found & 0xff == code and words in str(error), (found, str(error))
        return
    raise AssertionError(f'{sql} has not failed')


def attached(db):
    return sorted(name for _, name, _ in db.execute('PRAGMA database_list'))


def maintain(db):
    """Until nothing is left to do."""
    while one(db, 'SELECT dynamo_maintain()') > 0:
        pass


def strong(folder):
    path = os.path.join(folder, 'strong.db')
    other = os.path.join(folder, "strong's eu.db")
    db = connect(path)
    db.execute('CREATE VIRTUAL TABLE t USING dynamo(k TEXT PARTITION KEY, n)')
    db.execute('SELECT dynamo_alter(?, ?)', (
        't', "ADD REPLICA eu-west-1 IN '%s' STRONG" % other.replace("'", "''"))
    ).fetchall()
    db.execute("INSERT INTO t VALUES('a', 1)")
    writer = connect(other)
    assert one(writer, "SELECT n FROM t WHERE k = 'a'") == 1
    writer.execute('BEGIN IMMEDIATE')
    words = 'ReplicatedWriteConflictException'
    fails(db, "INSERT INTO t VALUES('b', 1)", sqlite3.SQLITE_BUSY, words)
    fails(db, "SELECT dynamo_api('PutItem', '{\"TableName\": \"t\", \"Item\": "
          "{\"k\": {\"S\": \"b\"}}}')", sqlite3.SQLITE_BUSY, words)
    writer.execute('ROLLBACK')
    assert one(db, "SELECT count(*) FROM t('scan')") == 1
    db.execute("INSERT INTO t VALUES('b', 2)")
    assert one(writer, "SELECT n FROM t WHERE k = 'b'") == 2
    # the other region alone cannot reach this one
    fails(writer, "INSERT INTO t VALUES('c', 1)", sqlite3.SQLITE_ERROR,
          'region us-east-1 is away')
    db.close()
    writer.close()
    db = connect(path)  # nothing is attached by what is stored
    assert attached(db) == ['main'], attached(db)
    fails(db, "INSERT INTO t VALUES('c', 1)", sqlite3.SQLITE_ERROR,
          'region eu-west-1 is away')
    db.execute('ATTACH ? AS again', (other,))
    db.execute("INSERT INTO t VALUES('c', 3)")
    assert one(db, "SELECT n FROM again.t WHERE k = 'c'") == 3
    db.execute('SELECT dynamo_maintain()').fetchall()
    assert one(db, 'SELECT sum(behind) FROM dynamo_replicas') == 0


def away(folder):
    path = os.path.join(folder, 'a.db')
    other = os.path.join(folder, 'b.db')
    db = connect(path)
    db.execute('CREATE VIRTUAL TABLE t USING dynamo(k TEXT PARTITION KEY, n)')
    db.execute(f"SELECT dynamo_alter('t', 'ADD REPLICA eu IN ''{other}''')")
    db.close()
    db = connect(path)
    for i in range(1000):
        db.execute('INSERT OR REPLACE INTO t VALUES(?, ?)',
                   (f'a{i % 700}', i))
    assert one(db, "SELECT state FROM dynamo_replicas('t')") == 'away'
    remote = connect(other)
    for i in range(300):
        remote.execute('INSERT OR REPLACE INTO t VALUES(?, ?)', (f'b{i}', i))
    remote.close()
    db = connect(path, x=other)
    db.execute('BEGIN')
    db.execute('SELECT dynamo_maintain()').fetchall()
    assert one(db, "SELECT count(*) FROM t('scan')") == 1000
    db.execute('ROLLBACK')
    assert one(db, "SELECT count(*) FROM t('scan')") == 700
    assert one(db, "SELECT count(*) FROM x.t('scan')") == 300
    db.execute('SELECT dynamo_maintain()').fetchall()
    for table in ('t', 'x.t'):
        assert one(db, f"SELECT count(*) FROM {table}('scan')") == 1000
        assert one(db, 'SELECT dynamo_check(?)', (table,)) == 'ok'
    # what both have received is not kept for them
    maintain(db)
    assert one(db, 'SELECT count(*) FROM t_log') == 0
    assert one(db, 'SELECT count(*) FROM x.t_log') == 0
    # a lost region is dropped, and what was kept for it goes
    db.execute('DETACH x')
    db.execute("INSERT INTO t VALUES('late', 1)")
    db.execute('SELECT dynamo_maintain()').fetchall()
    assert one(db, 'SELECT count(*) FROM t_log') == 1
    db.execute("SELECT dynamo_alter('t', 'DROP REPLICA eu')").fetchall()
    maintain(db)
    assert one(db, 'SELECT count(*) FROM t_log') == 0
    assert one(db, 'SELECT count(*) FROM t_versions') == 0
    db.execute('ATTACH ? AS x', (other,))
    assert one(db, "SELECT state FROM dynamo_replicas('x.t')") == 'dropped'
    db.execute("SELECT dynamo_alter('x.t', 'DROP REPLICA us-east-1')").fetchall()
    assert one(db, 'SELECT count(*) FROM dynamo_replicas') == 0


def older_copy(folder):
    path = os.path.join(folder, 'e.db')
    other = os.path.join(folder, 'f.db')
    db = connect(path)
    db.execute('CREATE VIRTUAL TABLE t USING dynamo(k TEXT PARTITION KEY, n)')
    db.execute('ATTACH ? AS eu', (other,))
    db.execute("SELECT dynamo_alter('t', 'ADD REPLICA eu')").fetchall()
    with open(other, 'rb') as file:
        copy = file.read()
    db.execute("INSERT INTO t VALUES('a', 1)")
    maintain(db)
    db.execute('DETACH eu')
    with open(other, 'wb') as file:
        file.write(copy)
    db.execute('ATTACH ? AS eu', (other,))
    db.execute("INSERT INTO t VALUES('b', 1)")
    fails(db, 'SELECT dynamo_maintain()', sqlite3.SQLITE_ERROR,
          'changes that were made in us-east-1 are gone')
    db.execute("SELECT dynamo_alter('t', 'DROP REPLICA eu')").fetchall()
    db.execute('DROP TABLE eu.t')
    db.execute("SELECT dynamo_alter('t', 'ADD REPLICA eu')").fetchall()
    maintain(db)
    assert one(db, "SELECT count(*) FROM eu.t('scan')") == 2


def strong_conflicts(folder):
    """The second one runs a statement that the first one has made stale, and
    SQLite goes back to a savepoint in the middle of the write."""
    path = os.path.join(folder, 'g.db')
    other = os.path.join(folder, 'h.db')
    db = connect(path)
    db.execute('CREATE VIRTUAL TABLE t USING dynamo(k TEXT PARTITION KEY, n)')
    db.execute(f"SELECT dynamo_alter('t', 'ADD REPLICA eu IN ''{other}'' STRONG')")
    db.execute("INSERT INTO t VALUES('a', 1), ('b', 1)")
    db.close()
    with open(path, 'rb') as file:
        copy = file.read()
    db = connect(path, eu=other)
    db.execute("UPDATE eu.t SET n = 2 WHERE k IN ('a', 'b')")
    db.close()
    with open(path, 'wb') as file:
        file.write(copy)
    db = connect(path, eu=other)
    db.execute('BEGIN')
    db.execute("UPDATE t SET n = 12345 WHERE k = 'a'")
    db.execute("UPDATE t SET n = 12345 WHERE k = 'b'")
    assert one(db, "SELECT n FROM eu.t WHERE k = 'b'") == 12345
    db.execute('COMMIT')
    assert one(db, 'SELECT sum(conflicts) FROM dynamo_replicas') == 2
    for table in ('t', 'eu.t'):
        assert one(db, f"SELECT dynamo_check('{table}')") == 'ok', table


def refused(folder):
    path = os.path.join(folder, 'c.db')
    other = os.path.join(folder, 'd.db')
    locked = connect(other)
    locked.execute('CREATE TABLE x(a)')
    locked.execute('BEGIN IMMEDIATE')
    db = connect(path)
    db.execute('CREATE VIRTUAL TABLE t USING dynamo(k TEXT PARTITION KEY, n)')
    fails(db, f"SELECT dynamo_alter('t', 'ADD REPLICA eu IN ''{other}''')",
          sqlite3.SQLITE_BUSY, 'locked')
    assert attached(db) == ['main'], attached(db)
    locked.execute('ROLLBACK')
    db.execute('BEGIN')
    db.execute(f"SELECT dynamo_alter('t', 'ADD REPLICA eu IN ''{other}''')")
    db.execute('ROLLBACK')
    assert one(db, 'SELECT count(*) FROM dynamo_replicas') == 0
    assert one(db, 'SELECT count(*) FROM eu.sqlite_schema') == 1
    db.execute("SELECT dynamo_alter('t', 'ADD REPLICA eu')").fetchall()
    assert one(db, 'SELECT count(*) FROM dynamo_replicas') == 2
    assert one(db, "SELECT dynamo_check('eu.t')") == 'ok'


with tempfile.TemporaryDirectory() as place:
    strong(place)
    away(place)
    older_copy(place)
    strong_conflicts(place)
    refused(place)
print('replicas: ok')
