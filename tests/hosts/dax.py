#!/usr/bin/env python3
"""A DAX table in a program: what it takes of files, connections and memory.

usage: dax.py PATH_TO_DYNAMO
"""
import os
import sqlite3
import sys
import tempfile

dynamo = sys.argv[1]
ITEM = "SELECT v FROM hot WHERE id = 'a'"
QUERY = "SELECT s FROM many WHERE p = 'a'"


def connect(path):
    db = sqlite3.connect(path, isolation_level=None, timeout=0)
    db.enable_load_extension(True)
    db.load_extension(dynamo)
    db.execute("PRAGMA synchronous = OFF")
    return db


def create(path):
    db = connect(path)
    db.execute("CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, v NUMBER)")
    db.execute("CREATE VIRTUAL TABLE q USING dynamo(p TEXT PARTITION KEY, s NUMBER SORT KEY)")
    db.execute("INSERT INTO t VALUES('a', 1), ('b', 2)")
    db.execute("INSERT INTO q VALUES('a', 1), ('a', 2)")
    db.execute("CREATE VIRTUAL TABLE temp.hot USING dynamo_dax(t)")
    db.execute("CREATE VIRTUAL TABLE temp.many USING dynamo_dax(q)")
    return db


def fails(db, sql, words):
    try:
        db.execute(sql).fetchall()
    except sqlite3.Error as error:
        return words in str(error)
    return False


def a_hit_takes_no_lock(db, other):
    """Also when its statement is prepared, while another connection has the file
    to itself."""
    assert db.execute(ITEM).fetchall() == [(1,)]
    assert db.execute(QUERY).fetchall() == [(1,), (2,)]
    other.execute("BEGIN EXCLUSIVE")
    assert fails(db, "SELECT v FROM t WHERE id = 'a'", "locked")
    assert fails(db, "SELECT v FROM hot WHERE id = 'b'", "locked")
    assert fails(db, "UPDATE hot SET v = 5 WHERE id = 'a'", "locked")
    for sql in (ITEM, QUERY):
        for space in range(3):  # another text is prepared anew
            assert db.execute(sql + " " * space).fetchall()
    other.execute("COMMIT")
    assert db.execute("SELECT v FROM hot WHERE id = 'b'").fetchall() == [(2,)]


def a_reader_of_hits_does_not_hinder_writers(db, other):
    reader = db.execute("SELECT s FROM many WHERE p = 'a'")
    assert reader.fetchone() == (1,)
    other.execute("BEGIN EXCLUSIVE")
    assert reader.fetchone() == (2,)
    other.execute("COMMIT")


def a_change_of_the_schema_elsewhere_keeps_what_is_cached(db, other):
    db.execute(ITEM).fetchall()
    other.execute("UPDATE t SET v = 7 WHERE id = 'a'")
    other.execute("CREATE TABLE unrelated(a)")
    db.execute("SELECT * FROM unrelated").fetchall()  # all tables are opened anew
    assert db.execute(ITEM).fetchall() == [(1,)]
    assert db.execute("UPDATE hot SET v = v + 1 WHERE id = 'a'").rowcount == 1
    assert db.execute(ITEM).fetchall() == [(8,)]


def a_table_dropped_elsewhere_is_a_clear_error(db, other):
    db.execute(QUERY).fetchall()
    other.execute("DROP TABLE q")
    assert db.execute(QUERY).fetchall() == [(1,), (2,)]
    assert fails(db, "SELECT s FROM many WHERE p = 'b'", "no such dynamo table")
    assert fails(db, "INSERT INTO many VALUES('b', 1)", "no such dynamo table")
    other.execute("CREATE VIRTUAL TABLE q USING dynamo(p TEXT PARTITION KEY, s NUMBER SORT KEY)")
    db.execute("INSERT INTO many VALUES('b', 1)")
    assert db.execute("SELECT s FROM many WHERE p = 'b'").fetchall() == [(1,)]
    db.execute("DROP TABLE many")


def a_large_result_is_read_while_it_is_changed(db, _):
    """Pages of a query are read one after the other."""
    db.executemany("INSERT INTO t VALUES(?, 0)", [(f"k{i}",) for i in range(2000)])
    seen = 0
    for name, in db.execute("SELECT id FROM hot('scan')"):
        seen += 1
        if seen % 500 == 0:
            db.execute("UPDATE t SET v = 1 WHERE id = ?", (name,))
            db.execute("UPDATE hot SET v = 2 WHERE id = 'a'")
    assert seen == 2002, seen


def a_database_that_is_detached_is_a_clear_error(db, _):
    db.execute("ATTACH ':memory:' AS more")
    db.execute("CREATE VIRTUAL TABLE more.t USING dynamo(id TEXT PARTITION KEY, v NUMBER)")
    db.execute("CREATE VIRTUAL TABLE temp.far USING dynamo_dax(more.t)")
    db.execute("INSERT INTO far VALUES('a', 1)")
    assert db.execute("SELECT count(*) FROM far WHERE id IN ('a', 'b')").fetchone() == (1,)
    db.execute("DETACH more")
    assert db.execute("SELECT v FROM far WHERE id = 'a'").fetchone() == (1,)
    assert fails(db, "SELECT v FROM far WHERE id = 'c'", "no such dynamo table")
    assert fails(db, "DELETE FROM far WHERE id = 'a'", "no such dynamo table")
    db.execute("DROP TABLE far")


def a_damaged_table_fails_as_it_does_without_a_cache(db, _):
    db.execute("CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, v NUMBER)")
    db.execute("INSERT INTO bad VALUES('a', 1), ('b', 2)")
    db.execute("CREATE VIRTUAL TABLE temp.far USING dynamo_dax(bad)")
    assert db.execute("SELECT v FROM far WHERE id = 'a'").fetchone() == (1,)
    db.execute("UPDATE bad_leaves SET data = zeroblob(40)")
    assert db.execute("SELECT v FROM far WHERE id = 'a'").fetchone() == (1,)
    for where in ("WHERE id = 'b'", "WHERE mode = 'scan'"):
        errors = set()
        for table in ("bad", "far"):
            try:
                db.execute(f"SELECT v FROM {table} {where}").fetchall()
            except sqlite3.DatabaseError as error:
                errors.add(str(error))
        assert len(errors) == 1 and "damaged" in errors.pop(), (where, errors)
    db.execute("DROP TABLE far")
    db.execute("DROP TABLE bad")


def an_estimate_leaves_the_cache_as_it_is(db, _):
    before = db.execute("SELECT v FROM hot WHERE id = 'a'").fetchone()
    sql = "UPDATE hot SET v = v + 1 WHERE id = 'a'"
    assert db.execute("SELECT dynamo_estimate(?) ->> 'write_units'", (sql,)).fetchone() == (1,)
    assert db.execute("SELECT v FROM hot WHERE id = 'a'").fetchone() == before


def an_index_of_the_same_name_is_another_one(db, _):
    db.execute("CREATE VIRTUAL TABLE two USING dynamo(id TEXT PARTITION KEY, "
               "c TEXT, d TEXT, GLOBAL INDEX x (c))")
    db.execute("INSERT INTO two VALUES('right', 'p', 'q'), ('wrong', 'q', 'p')")
    db.execute("CREATE VIRTUAL TABLE temp.hot_two USING dynamo_dax(two)")
    query = "SELECT id FROM hot_two WHERE c = 'p'"
    other = "SELECT id FROM hot_two WHERE d = 'p'"
    alter = "SELECT dynamo_alter('two', ?)"
    for is_cached in (False, True):
        if is_cached:
            assert db.execute(query).fetchall() == [("right",)]
        db.execute(alter, ("DROP INDEX x",)).fetchall()
        db.execute(alter, ("ADD GLOBAL INDEX x (d)",)).fetchall()
        assert fails(db, "DELETE FROM hot_two WHERE c = 'p'", "is gone")
        assert fails(db, query, "a query needs")
        assert db.execute(other).fetchall() == [("wrong",)]
        db.execute(alter, ("DROP INDEX x",)).fetchall()
        db.execute(alter, ("ADD GLOBAL INDEX x (c)",)).fetchall()
        assert db.execute(other).fetchall() == [("wrong",)]  # cached
        assert fails(db, query, "a query needs")  # as it was prepared
        assert db.execute(query).fetchall() == [("right",)]
        assert fails(db, other, "is gone") or fails(db, other, "a query needs")
    assert len(db.execute("SELECT id FROM two('scan')").fetchall()) == 2


def a_cache_is_made_after_others_have_changed_the_schema(db, other):
    db.execute("SELECT * FROM t('scan')").fetchall()
    for number in range(2):
        other.execute(f"CREATE TABLE behind_{number}(a)")
        if number == 1:
            db.execute("BEGIN")
        db.execute("CREATE VIRTUAL TABLE temp.late USING dynamo_dax(t)")
        assert db.execute("SELECT id FROM late WHERE id = 'b'").fetchall()
        db.execute("DROP TABLE late")
        if number == 1:
            db.execute("COMMIT")
        other.execute(f"DROP TABLE behind_{number}")


def a_statement_goes_on_when_the_table_has_changed(db, other):
    """Also one that opens an ordinary table after it has read the cache."""
    db.execute("CREATE TABLE plain(x)")
    db.execute("CREATE VIRTUAL TABLE three USING dynamo(id TEXT PARTITION KEY, "
               "v NUMBER)")
    db.execute("INSERT INTO three VALUES('a', 1)")
    db.execute("CREATE VIRTUAL TABLE temp.hot_three USING dynamo_dax(three)")
    query = ("SELECT v, (SELECT count(*) FROM plain) FROM hot_three "
             "WHERE id = 'a'")
    update = ("UPDATE hot_three SET v = (SELECT count(*) FROM plain) "
              "WHERE id = 'a'")
    for change in ((db, "VACUUM"), (other, "CREATE TABLE elsewhere(x)"),
                   (db, "VACUUM"), (other, "DROP TABLE elsewhere")):
        change[0].execute(change[1])
        for sql in (query, update):
            assert len(db.execute(sql).fetchall()) == (sql == query)
    for name, sql in (("one", query), ("two", update)):
        db.execute(f"SELECT dynamo_alter('three', 'ADD GLOBAL INDEX {name} "
                   "(v)')").fetchall()
        assert len(db.execute(sql).fetchall()) == (sql == query)
    assert db.execute("SELECT id FROM hot_three WHERE v = 0").fetchall()


def a_closed_connection_gives_its_memory_back(path):
    """Also with a transaction that is open."""
    for _ in range(3):
        db = connect(path)
        db.execute("CREATE VIRTUAL TABLE temp.hot USING dynamo_dax(t)")
        db.execute("SELECT count(*) FROM hot('scan')").fetchall()
        db.execute("BEGIN")
        db.execute("UPDATE hot SET v = 9 WHERE id = 'a'")
        db.close()


with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "dax.db")
    first = create(file)
    second = connect(file)
    claims = (a_hit_takes_no_lock, a_reader_of_hits_does_not_hinder_writers,
              a_change_of_the_schema_elsewhere_keeps_what_is_cached,
              a_table_dropped_elsewhere_is_a_clear_error,
              a_large_result_is_read_while_it_is_changed,
              a_database_that_is_detached_is_a_clear_error,
              a_damaged_table_fails_as_it_does_without_a_cache,
              an_estimate_leaves_the_cache_as_it_is,
              an_index_of_the_same_name_is_another_one,
              a_statement_goes_on_when_the_table_has_changed,
              a_cache_is_made_after_others_have_changed_the_schema)
    for claim in claims:
        claim(first, second)
    a_closed_connection_gives_its_memory_back(file)
    assert first.execute("SELECT dynamo_check('t')").fetchone() == ("ok",)
    print(f"dax: {len(claims) + 1} claims hold")
