"""What SQLite refuses, as SQL and the API say it (docs/errors.md): files that
cannot be written, full and locked ones, damage, interrupts, authorizers. Each
claim is a function.

usage: errors.py DYNAMO.SO
"""
import json
import os
import shutil
import sqlite3
import sys
import tempfile

KEY = {'id': {'S': 'k1'}}
PUT = 'PutItem', {'TableName': 'orders', 'Item': KEY}
GET = 'GetItem', {'TableName': 'orders', 'Key': KEY}
CHANGED = {**KEY, 'n': {'N': '1'}}
WRITES = [
    PUT,
    ('UpdateItem', {'TableName': 'orders', 'Key': KEY}),
    ('DeleteItem', {'TableName': 'orders', 'Key': KEY}),
    ('BatchWriteItem', {'RequestItems': {
        'orders': [{'PutRequest': {'Item': KEY}}]}}),
    ('TransactWriteItems', {'TransactItems': [
        {'Put': {'TableName': 'orders', 'Item': KEY}}]}),
    ('BatchExecuteStatement', {'Statements': [
        {'Statement': "INSERT INTO orders VALUE {'id': 'new'}"}]}),
    ('UpdateTable', {'TableName': 'orders',
                     'DeletionProtectionEnabled': True}),
    ('DeleteTable', {'TableName': 'orders'}),
    ('CreateTable', {
        'TableName': 'more', 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': 'k', 'AttributeType': 'S'}],
        'KeySchema': [{'AttributeName': 'k', 'KeyType': 'HASH'}]}),
]
READS = [GET, ('Scan', {'TableName': 'orders'}), ('ListTables', {}),
         ('DescribeTable', {'TableName': 'orders'})]


class Hosts:
    """Connections to files of one table, each in a folder of its own."""

    def __init__(self, so, folder):
        self.so, self.folder, self.count = so, folder, 0

    def connect(self, path, **options):
        db = sqlite3.connect(path, isolation_level=None, timeout=0, **options)
        db.enable_load_extension(True)
        db.load_extension(self.so)
        return db

    def file(self, *statements):
        self.count += 1
        path = os.path.join(self.folder, str(self.count), 'shop.db')
        os.mkdir(os.path.dirname(path))
        db = self.connect(path)
        db.execute('BEGIN')
        db.execute('CREATE VIRTUAL TABLE orders USING dynamo(id TEXT PARTITION '
                   'KEY, v)')
        for i in range(30):
            db.execute('INSERT INTO orders(id, v) VALUES(?, ?)',
                       (f'k{i}', 'x' * 300))
        db.execute('COMMIT')
        for statement in statements:
            db.execute(statement)
        db.close()
        return path


def fails(run, code, *words):
    """The text of an error of SQLite's that has the code, and the words."""
    try:
        result = run()
    except sqlite3.Error as error:
        assert error.sqlite_errorname == code, (error.sqlite_errorname, error)
        for word in words:
            assert word in str(error), (word, str(error))
        return str(error)
    raise AssertionError(f'no {code}, but {result}')


def sql_fails(db, sql, code, *words):
    return fails(lambda: db.execute(sql).fetchall(), code, *words)


def api(db, operation, request):
    text, = db.execute('SELECT dynamo_api(?, ?)',
                       (operation, json.dumps(request))).fetchone()
    return json.loads(text)


def api_fails(db, request, code, exception, *words):
    text = fails(lambda: api(db, *request), code, *words)
    assert text.startswith(exception + ': '), (request, text)


def writes_fail(db, code, exception, *words):
    """All writes fail so, on both sides, and leave no transaction open."""
    sql_fails(db, "INSERT INTO orders(id) VALUES('new')", code, words[0])
    sql_fails(db, "SELECT dynamo_alter('orders', 'deletion_protection = "
              "''on''')", code, *words)
    for request in WRITES:
        api_fails(db, request, code, exception, *words)
        assert not db.in_transaction, request


def reads_work(db):
    assert db.execute("SELECT count(*) FROM orders('scan')").fetchone() == (30,)
    assert db.execute("SELECT dynamo_check('orders')").fetchone() == ('ok',)
    for request in READS:
        api(db, *request)


def check_files_and_connections_for_reading(hosts):
    refused = ('SQLITE_READONLY', 'AccessDeniedException',
               'attempt to write a readonly database', 'PRAGMA query_only')
    path = hosts.file()
    db = hosts.connect(f'file:{path}?mode=ro', uri=True)
    writes_fail(db, *refused)
    reads_work(db)
    db.close()
    db = hosts.connect(path)
    db.execute('PRAGMA query_only = on')
    writes_fail(db, *refused)
    reads_work(db)
    db.execute('PRAGMA query_only = off')
    api(db, *PUT)
    db.close()
    if os.getuid() == 0:
        return  # who may write any file
    os.chmod(path, 0o444)
    db = hosts.connect(path)
    writes_fail(db, *refused)
    reads_work(db)
    db.close()


def check_full_files(hosts):
    """A statement that finds no room changes nothing; and a client does not
    repeat it."""
    full = 'SQLITE_FULL', 'database or disk is full', 'PRAGMA max_page_count'
    path = hosts.file()
    db = hosts.connect(path)
    pages, = db.execute('PRAGMA page_count').fetchone()
    db.execute(f'PRAGMA max_page_count = {pages}')
    large = 'x' * 300_000
    sql_fails(db, f"INSERT INTO orders(id, v) VALUES('l', '{large}')", *full)
    api_fails(db, ('PutItem', {'TableName': 'orders', 'Item': {
        'id': {'S': 'l'}, 'v': {'S': large}}}), full[0],
        'ServiceQuotaExceededException', *full[1:])
    api_fails(db, WRITES[-1], full[0], 'ServiceQuotaExceededException',
              *full[1:])
    reads_work(db)
    # in a transaction that has written: it is rolled back, or goes on whole
    db.execute('BEGIN')
    api(db, *PUT)
    fails(lambda: api(db, 'PutItem', {'TableName': 'orders', 'Item': {
        'id': {'S': 'l'}, 'v': {'S': large}}}), 'SQLITE_FULL')
    if db.in_transaction:
        db.execute('COMMIT')
    reads_work(db)
    db.execute('PRAGMA max_page_count = 100000')
    api(db, *PUT)


def check_locks(hosts):
    busy = ('SQLITE_BUSY', 'ThrottlingException', 'database is locked',
            'PRAGMA busy_timeout')
    path = hosts.file()
    other = hosts.connect(path)
    db = hosts.connect(path)
    other.execute('BEGIN IMMEDIATE')
    writes_fail(db, *busy)
    reads_work(db)
    other.execute('ROLLBACK')
    api(db, *PUT)
    other.execute('BEGIN EXCLUSIVE')
    writes_fail(db, *busy)
    sql_fails(db, "SELECT * FROM orders('scan')", 'SQLITE_BUSY')
    for request in READS:
        api_fails(db, request, *busy)
    other.execute('ROLLBACK')
    reads_work(db)


def check_what_was_read_is_out_of_date(hosts):
    """Waiting does not help then, and the message says what does."""
    path = hosts.file('PRAGMA journal_mode = wal')
    other = hosts.connect(path)
    db = hosts.connect(path)
    db.execute('BEGIN')
    api(db, *GET)
    api(other, *PUT)
    api_fails(db, PUT, 'SQLITE_BUSY_SNAPSHOT', 'ThrottlingException',
              'BEGIN IMMEDIATE')
    db.execute('ROLLBACK')
    api(db, *PUT)


def check_tables_locked_in_a_shared_cache(hosts):
    uri = 'file:shared?mode=memory&cache=shared'
    other = hosts.connect(uri, uri=True)
    other.execute('CREATE VIRTUAL TABLE orders USING dynamo(id TEXT PARTITION '
                  'KEY)')
    db = hosts.connect(uri, uri=True)
    knows = hosts.connect(uri, uri=True)
    api(knows, *PUT)
    other.execute('BEGIN')
    api(other, 'PutItem', {'TableName': 'orders', 'Item': CHANGED})
    other.execute('SAVEPOINT s')  # writes what it has changed so far
    api_fails(db, GET, 'SQLITE_LOCKED', 'ThrottlingException',
              'is locked')
    assert api(knows, *GET) == {'Item': KEY}, 'what has not been committed was read'
    other.execute('COMMIT')
    for reader in (db, knows):
        assert api(reader, *GET) == {'Item': CHANGED}


def check_damage(hosts):
    """A damaged leaf, a damaged page, and a file that is none."""
    damaged = 'SQLITE_CORRUPT_VTAB', 'shadow tables are damaged'
    path = hosts.file('UPDATE orders_leaves SET data = zeroblob(4057)')
    db = hosts.connect(path)
    sql_fails(db, "SELECT * FROM orders WHERE id = 'k1'", *damaged)
    for request in WRITES[:6] + READS[:2]:
        api_fails(db, request, damaged[0], 'InternalServerError', damaged[1])
    db.close()
    db = hosts.connect(hosts.file())
    db.execute("SELECT * FROM orders WHERE id = 'k1'").fetchall()
    db.execute('DROP TABLE orders_log')
    for times in range(2):
        sql_fails(db, "SELECT dynamo_alter('orders', 'hot_keys = ''on''')",
                  damaged[0], 'no such table: main.orders_log')
    db.close()
    path = hosts.file()
    with open(path, 'r+b') as file:
        file.seek(4096)  # the schema is left
        file.write(b'\xff' * (os.path.getsize(path) - 4096))
    db = hosts.connect(path)
    api_fails(db, GET, damaged[0], 'InternalServerError',
              'database disk image is malformed')
    db.close()
    with open(path, 'r+b') as file:
        file.write(b'\xff' * 4096)
    db = hosts.connect(path)
    sql_fails(db, "SELECT * FROM orders('scan')", 'SQLITE_NOTADB')
    api_fails(db, GET, 'SQLITE_NOTADB', 'InternalServerError',
              'file is not a database')
    api_fails(db, PUT, 'SQLITE_NOTADB', 'InternalServerError')


def check_interrupts(hosts):
    """One that comes while dynamo_api() reads leaves."""
    path = hosts.file()
    for request in (GET, PUT, READS[1]):
        db = hosts.connect(path)

        def interrupt(action, table, *_):
            if table == 'orders_leaves':
                db.interrupt()
            return sqlite3.SQLITE_OK

        db.set_authorizer(interrupt)
        api_fails(db, request, 'SQLITE_INTERRUPT', 'InternalServerError',
                  'interrupted')
        db.set_authorizer(None)
        reads_work(db)
        db.close()


def run_interrupted(db, run, step):
    """Run it, interrupted at a step of SQLite's; whether it came so far."""
    steps = 0

    def count():
        nonlocal steps
        steps += 1
        if steps == step:
            db.interrupt()
        return 0

    db.set_progress_handler(count, 1)
    try:
        run()
    except sqlite3.OperationalError:
        pass
    db.set_progress_handler(None, 0)
    return steps >= step


def check_interrupts_at_any_step(hosts):
    """What is half written is rolled back, or can't be committed."""
    for run in (lambda db: db.execute("INSERT INTO orders(id, v) VALUES('new', "
                                      "1)"),
                lambda db: db.execute("UPDATE orders SET v = 2 WHERE id = 'a'"),
                lambda db: db.execute("UPDATE orders SET v = v + 2 WHERE id "
                                      "IN ('a', 'b')"),
                lambda db: api(db, *PUT)):
        step, goes_on = 0, True
        while goes_on:
            step += 1
            db = hosts.connect(':memory:')
            db.execute('CREATE VIRTUAL TABLE orders USING dynamo(id TEXT '
                       'PARTITION KEY, v NUMBER, GLOBAL INDEX by_v (v))')
            db.execute('BEGIN')
            db.execute("INSERT INTO orders(id, v) VALUES('a', 1), ('b', 2)")
            goes_on = run_interrupted(db, lambda: run(db), step)
            try:
                if db.in_transaction:
                    db.execute('COMMIT')
            except sqlite3.Error as error:
                assert 'must be rolled back' in str(error), error
                db.execute('ROLLBACK')
            db.execute("SELECT v FROM orders WHERE id = 'a'").fetchall()
            assert db.execute("SELECT dynamo_check('orders')").fetchone() == (
                'ok',), step
            db.close()


def deny(actions, prefix):
    """Refuse these actions on tables whose names begin so."""
    def authorize(action, table, *_):
        is_meant = action in actions and str(table).startswith(prefix)
        return sqlite3.SQLITE_DENY if is_meant else sqlite3.SQLITE_OK
    return authorize


def check_authorizers(hosts):
    refused = 'SQLITE_AUTH', 'AccessDeniedException'
    path = hosts.file()
    db = hosts.connect(path)
    db.set_authorizer(deny({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE,
                            sqlite3.SQLITE_DELETE}, 'orders'))
    sql_fails(db, "INSERT INTO orders(id) VALUES('new')", 'SQLITE_AUTH',
              'not authorized')
    for request in WRITES[:8]:
        api_fails(db, request, *refused, 'authorizer')
    reads_work(db)
    for prefix in ('orders', 'orders_'):  # the table, or what it stands on
        db = hosts.connect(path)
        db.set_authorizer(deny({sqlite3.SQLITE_READ}, prefix))
        sql_fails(db, "SELECT id FROM orders('scan')", 'SQLITE_AUTH',
                  'prohibited')
        for request in WRITES[:8] + READS[:2]:
            api_fails(db, request, *refused, 'authorizer')
        db.set_authorizer(None)
        reads_work(db)


def check_lengths(hosts):
    db = hosts.connect(hosts.file())
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 3000)
    sql_fails(db, "INSERT INTO orders(id) VALUES('new')", 'SQLITE_TOOBIG',
              'SQLITE_LIMIT_LENGTH')
    for request in WRITES[:6]:
        api_fails(db, request, 'SQLITE_TOOBIG', 'ValidationException',
                  'SQLITE_LIMIT_LENGTH')


def check_a_folder_that_may_not_be_written(hosts):
    """The file may be, but its journal cannot be made."""
    path = hosts.file()
    folder = os.path.dirname(path)
    if os.getuid() == 0:
        return
    os.chmod(folder, 0o555)
    db = hosts.connect(path)
    for request in WRITES:
        api_fails(db, request, 'SQLITE_READONLY_DIRECTORY',
                  'AccessDeniedException', 'folder')
    reads_work(db)
    os.chmod(folder, 0o755)


def main():
    so = os.path.abspath(sys.argv[1])
    folder = tempfile.mkdtemp()
    try:
        for name, check in list(globals().items()):
            if name.startswith('check_'):
                check(Hosts(so, folder))
                shutil.rmtree(folder)
                os.mkdir(folder)
    finally:
        shutil.rmtree(folder)
    print('ok')


if __name__ == '__main__':
    sys.exit(main())
