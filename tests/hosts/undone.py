"""What is rolled back to a savepoint, and what is interrupted: tables that were
made, dropped or renamed since are as they were, for SQL and the API.

usage: undone.py DYNAMO.SO
"""
import json
import os
import sqlite3
import sys
import tempfile
import threading

TABLE = 'dynamo(id TEXT PARTITION KEY, v TEXT, GLOBAL INDEX by_v (v))'
OTHER = 'dynamo(pk TEXT PARTITION KEY, sk TEXT SORT KEY)'


def connect(so, path=':memory:'):
    db = sqlite3.connect(path, isolation_level=None, cached_statements=0,
                         check_same_thread=False)
    db.enable_load_extension(True)
    db.load_extension(so)
    return db


def run(db, *statements):
    for sql in statements:
        db.execute(sql).fetchall()


def rows(db, sql):
    return [tuple(row) for row in db.execute(sql)]


def api(db, operation, **request):
    text = db.execute('SELECT dynamo_api(?, ?)',
                      (operation, json.dumps(request))).fetchone()[0]
    return json.loads(text)


def put(db, table, id, **more):
    item = {'id': {'S': id}, **{name: {'S': v} for name, v in more.items()}}
    return api(db, 'PutItem', TableName=table, Item=item)


def get(db, table, id):
    answer = api(db, 'GetItem', TableName=table, Key={'id': {'S': id}},
                 ConsistentRead=True)
    return answer.get('Item')


def fails(word, function, *arguments, **named):
    try:
        function(*arguments, **named)
    except sqlite3.Error as e:
        assert word in str(e), e
        return
    raise AssertionError(f'{word}: does not fail')


def is_sound(db, table='t'):
    assert rows(db, f"SELECT dynamo_check('{table}')") == [('ok',)], rows(
        db, f"SELECT dynamo_check('{table}')")


def check_rolled_back_to(so):
    """Another table of the name, made behind a savepoint."""
    for gone in ('DROP TABLE t', 'ALTER TABLE t RENAME TO t_old'):
        for by_api in (False, True):
            db = connect(so)
            run(db, f'CREATE VIRTUAL TABLE t USING {TABLE}',
                "INSERT INTO t VALUES('old', '1')", 'BEGIN', 'SAVEPOINT s',
                gone, f'CREATE VIRTUAL TABLE t USING {TABLE}')
            if by_api:
                put(db, 't', 'new', v='2')
            else:
                run(db, "INSERT INTO t VALUES('new', '2')")
            run(db, 'ROLLBACK TO s')
            assert get(db, 't', 'new') is None
            assert get(db, 't', 'old')['v'] == {'S': '1'}
            put(db, 't', 'more', v='3')
            run(db, 'COMMIT')
            found = sorted(rows(db, "SELECT * FROM t('scan')"))
            assert found == [('more', '3'), ('old', '1')], found
            is_sound(db)


def check_made_again(so):
    """A table that is made twice in a transaction, and taken back once."""
    for reads in (False, True):
        db = connect(so)
        run(db, 'BEGIN')
        for i in range(3):
            run(db, 'SAVEPOINT s', f'CREATE VIRTUAL TABLE w USING {TABLE}',
                f"INSERT INTO w VALUES('a', '{i}')")
            if reads:
                assert rows(db, "SELECT v FROM w WHERE id = 'a'") == [
                    (str(i),)]
            run(db, 'ROLLBACK TO s', 'RELEASE s')
            fails('Requested resource not found', get, db, 'w', 'a')
        run(db, f'CREATE VIRTUAL TABLE w USING {TABLE}',
            "INSERT INTO w VALUES('b', '9')", 'COMMIT')
        assert rows(db, "SELECT * FROM w('scan')") == [('b', '9')]
        is_sound(db, 'w')


def check_made_in_vain(so):
    """A table that was made behind a savepoint, which goes back, leaves nothing
    to one that is made or renamed to its name."""
    db = connect(so)
    table = 'dynamo(id TEXT PARTITION KEY, v NUMBER)'
    run(db, 'BEGIN', 'SAVEPOINT s', f'CREATE VIRTUAL TABLE t USING {table}',
        "INSERT INTO t VALUES('gone', 1)", 'ROLLBACK TO s', 'COMMIT',
        f'CREATE VIRTUAL TABLE t USING {table}')
    is_sound(db)
    run(db, "INSERT INTO t VALUES('gone', 2)")
    assert rows(db, "SELECT v FROM t WHERE id = 'gone'") == [(2,)]
    is_sound(db)
    run(db, 'ALTER TABLE t RENAME TO other', 'BEGIN', 'SAVEPOINT s',
        f'CREATE VIRTUAL TABLE t USING {table}',
        "INSERT INTO t VALUES('gone', 3)", 'ROLLBACK TO s',
        'ALTER TABLE other RENAME TO t', "INSERT INTO t VALUES('new', 4)",
        'COMMIT')
    assert sorted(rows(db, "SELECT * FROM t('scan')")) == [('gone', 2),
                                                           ('new', 4)]
    is_sound(db)


def check_names(so):
    """The API finds what has the name now."""
    def begin():
        db = connect(so)
        run(db, 'CREATE TABLE other(x)', f'CREATE VIRTUAL TABLE t USING {TABLE}',
            f'CREATE VIRTUAL TABLE r USING {OTHER}',
            "INSERT INTO r VALUES('a', 'b')")
        put(db, 't', 'x', v='1')
        return db
    db = begin()
    run(db, 'BEGIN', 'CREATE TABLE z(a)', 'ROLLBACK', 'BEGIN', 'DROP TABLE t')
    fails('ResourceNotFoundException', get, db, 't', 'x')
    run(db, 'ROLLBACK')
    assert get(db, 't', 'x')
    for written in (False, True):
        db = begin()
        run(db, 'BEGIN')
        if written:
            put(db, 't', 'x', v='2')
        run(db, 'ALTER TABLE other RENAME TO other2', 'DROP TABLE t',
            'ALTER TABLE r RENAME TO t')
        items = api(db, 'Scan', TableName='t')['Items']
        assert items == [{'pk': {'S': 'a'}, 'sk': {'S': 'b'}}], items
        fails('ValidationException', put, db, 't', 'new', v='9')
        run(db, 'COMMIT')
        assert rows(db, "SELECT * FROM t('scan')") == [('a', 'b')]
        is_sound(db)


def check_others(so, directory):
    """Another connection makes and removes what was taken back here."""
    path = os.path.join(directory, 'others.db')
    db, other = connect(so, path), connect(so, path)
    run(db, 'CREATE TABLE plain(x)', 'BEGIN',
        f'CREATE VIRTUAL TABLE t USING {TABLE}')
    put(db, 't', 'x', v='1')
    run(db, 'ROLLBACK')
    run(other, f'CREATE VIRTUAL TABLE t USING {TABLE}')
    run(db, 'ALTER TABLE plain RENAME TO plain2')  # reads the schema
    run(other, 'DROP TABLE t')
    fails('ResourceNotFoundException', get, db, 't', 'x')
    for function in (get, put):
        run(other, f'CREATE VIRTUAL TABLE t USING {TABLE}')
        put(db, 't', 'x', v='1')
        run(other, f'CREATE VIRTUAL TABLE r USING {OTHER}')
        run(db, 'ALTER TABLE plain2 RENAME TO plain',
            'ALTER TABLE plain RENAME TO plain2')
        run(other, 'DROP TABLE t', 'DROP TABLE r')
        run(db, 'BEGIN', 'SAVEPOINT s')
        fails('ResourceNotFoundException', function, db, 't', 'x')
        fails('ResourceNotFoundException', function, db, 'r', 'x')
        run(db, 'ROLLBACK')


def check_renamed_twice(so, _):
    """The API goes by the newest object of a table that has a handler."""
    for renames in (('ALTER TABLE t RENAME TO u', 'ALTER TABLE u RENAME TO w'),
                    ('ALTER TABLE t RENAME TO w', 'DROP TABLE other')):
        db = connect(so)
        run(db, f'CREATE VIRTUAL TABLE t USING {TABLE}',
            f'CREATE VIRTUAL TABLE other USING {TABLE}',
            'CREATE TABLE seen(event)',
            "SELECT dynamo_on_change('t', 'h', 'INSERT INTO seen"
            " VALUES(:event)', 'sync = ''on''')", 'BEGIN',
            "INSERT INTO t VALUES('a', '1')",
            "INSERT INTO other VALUES('a', '1')", *renames)
        put(db, 'w', 'b', v='2')
        run(db, 'COMMIT')
        assert sorted(rows(db, "SELECT id FROM w('scan')")) == [('a',), ('b',)]
        assert rows(db, 'SELECT event FROM seen') == [('INSERT',)] * 2
        is_sound(db, 'w')


def check_dots(so, directory):
    """A name with dots is found by each spelling, also in a file that is
    attached, by a connection that has not opened it."""
    path = os.path.join(directory, 'dots.db')
    for schema in ('main', 'aux'):
        db = connect(so, path)
        run(db, f"ATTACH '{path}2' AS aux")
        run(db, f'CREATE VIRTUAL TABLE {schema}."a.b" USING {TABLE}',
            f"""INSERT INTO {schema}."a.b" VALUES('x', '1')""")
        db.close()
        db = connect(so, path)
        run(db, f"ATTACH '{path}2' AS aux")
        fails('ResourceNotFoundException', get, db, f'{schema}.A.b', 'x')
        assert get(db, f'{schema}.a.b', 'x') is not None, schema
        if schema == 'main':
            assert get(db, 'a.b', 'x') is not None
            run(db, 'DROP TABLE main."a.b"')


def check_attached(so, directory):
    """A writer waits for a database that was attached since."""
    paths = [os.path.join(directory, name) for name in ('main.db', 'aux.db')]
    for path, table in zip(paths, 'tu'):
        db = connect(so, path)
        run(db, 'PRAGMA journal_mode = WAL',
            f'CREATE VIRTUAL TABLE {table} USING {TABLE}')
        db.close()
    db, other = connect(so, paths[0]), connect(so, paths[1])

    def transact(table):
        put = {'Put': {'TableName': table, 'Item': {'id': {'S': 'a'}}}}
        return api(db, 'TransactWriteItems', TransactItems=[put])
    transact('t')
    db.execute('ATTACH ? AS aux', (paths[1],))
    for _ in range(2):
        run(other, 'BEGIN IMMEDIATE',
            "INSERT OR REPLACE INTO u VALUES('b', '1')")
        timer = threading.Timer(0.3, lambda: run(other, 'COMMIT'))
        timer.start()
        assert transact('aux.u') == {}
        timer.join()
    run(db, 'DETACH aux')
    assert transact('t') == {}


def check_interrupted(so, directory):
    """Wherever it is stopped, no transaction of its own stays open."""
    path = os.path.join(directory, 'interrupted.db')
    db, other = connect(so, path), connect(so, path)
    run(db, f'CREATE VIRTUAL TABLE t USING {TABLE}',
        "INSERT INTO t VALUES('a', '1')")
    item = {'TableName': 't', 'Item': {'id': {'S': 'a'}, 'v': {'S': '1'}}}
    operations = (
        lambda: api(db, 'TransactWriteItems', TransactItems=[{'Put': item}]),
        lambda: put(db, 't', 'a', v='1'),
        lambda: run(db, "SELECT dynamo_estimate('SELECT 1')"),
        lambda: db.execute("SELECT dynamo_estimate('PutItem', ?)",
                           (json.dumps(item),)).fetchall(),
    )
    for operation in operations:
        for within in (False, True):
            for step in range(1, 200):
                left = step

                def stop():
                    nonlocal left
                    left -= 1
                    return left <= 0
                if within:
                    run(db, 'BEGIN')
                db.set_progress_handler(stop, 1)
                try:
                    operation()
                except sqlite3.Error:
                    pass
                db.set_progress_handler(None, 1)
                if within and db.in_transaction:
                    run(db, 'ROLLBACK')
                assert not db.in_transaction, (operations.index(operation), within, step)
                assert rows(db, "SELECT id FROM t WHERE id = 'a'") == [
                    ('a',)], step
                if left > 0:
                    break
    run(other, "INSERT INTO t VALUES('b', '1')")
    is_sound(db)


def main():
    so = sys.argv[1]
    for check in (check_rolled_back_to, check_made_again, check_made_in_vain,
                  check_names):
        check(so)
        print(check.__name__, 'ok')
    for check in (check_others, check_renamed_twice, check_dots, check_attached,
                  check_interrupted):
        with tempfile.TemporaryDirectory() as directory:
            check(so, directory)
        print(check.__name__, 'ok')


main()
