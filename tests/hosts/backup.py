"""Backup, copy, repair: what docs/backup.md says, tried. Each claim is a
function. SHELL is another sqlite3, such as one that has .recover.

usage: backup.py DYNAMO.SO [SHELL]
"""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

ITEMS = 300
RECOVER_MISSING = 'sql error: SQL logic error'


def connect(so, path=':memory:'):
    db = sqlite3.connect(path, isolation_level=None)
    if so is not None:
        db.enable_load_extension(True)
        db.load_extension(so)
    db.execute('PRAGMA synchronous = off')
    return db


def contents(db):
    """What a copy must have, too."""
    assert db.execute("SELECT dynamo_check('orders')").fetchone() == ('ok',)
    return (sorted(db.execute("SELECT item FROM orders('scan')")),
            db.execute("SELECT name, state, entries FROM dynamo_indexes("
                       "'orders') ORDER BY 1").fetchall(),
            db.execute('SELECT * FROM plain ORDER BY a').fetchall())


class Shop:
    """A file with a dynamo table, altered since it was made, and another."""

    def __init__(self, so, shell, folder):
        self.so, self.shell, self.folder = so, shell, folder
        self.path = self.at('shop.db')
        db = connect(so, self.path)
        db.execute('BEGIN')
        db.execute('CREATE VIRTUAL TABLE orders USING dynamo(id TEXT PARTITION '
                   'KEY, n NUMBER SORT KEY, v TEXT, GLOBAL INDEX by_v (v))')
        db.executemany('INSERT INTO orders(id, n, v) VALUES(?, ?, ?)',
                       ((f'k{i % 40}', i, f"it's \0{i} é") for i in
                        range(ITEMS)))
        db.execute('INSERT INTO orders(item) VALUES(?)', (
            '{"id": "large", "n": 12345678901234567890123456789012345678, '
            '"set": {"SS": ["a", "b"]}, "text": "%s"}' % ('x' * 20000),))
        db.execute('CREATE TABLE plain(a)')
        db.execute("INSERT INTO plain VALUES(1), ('two')")
        db.execute('COMMIT')
        db.execute("SELECT dynamo_alter('orders', 'ADD GLOBAL INDEX later (n)')"
                   ).fetchall()
        db.execute("SELECT dynamo_alter('orders', 'deletion_protection = "
                   "''on''')").fetchall()
        self.contents = contents(db)
        db.close()

    def at(self, name):
        return os.path.join(self.folder, name)

    def run(self, path, *commands, text=None, extension=False, before=()):
        """The shell on a file: what it prints, and what it complains of."""
        loads = [f'.load {self.so}'] if extension else []
        options = [part for command in (*loads, *before)
                   for part in ('-cmd', command)]
        done = subprocess.run([self.shell, *options, path, *commands],
                              input=text, capture_output=True, text=True,
                              timeout=60)
        return done.stdout, done.stderr

    def check_copy(self, path):
        db = connect(self.so, path)
        assert contents(db) == self.contents
        db.execute("INSERT INTO orders(id, n) VALUES('new', 1)")
        assert db.execute("SELECT dynamo_check('orders')").fetchone() == (
            'ok',)
        db.close()


def fails(run, *words):
    try:
        run()
    except sqlite3.Error as error:
        assert all(word in str(error) for word in words), error
        return
    raise AssertionError('no error')


def check_the_shell_copies_files(shop):
    """VACUUM INTO and .backup need no extension, and may have it."""
    for extension in (False, True):
        for number, command in enumerate(("VACUUM INTO '%s'", '.backup %s')):
            copy = shop.at(f'copy-{number}-{extension}')
            shop.run(shop.path, command % copy, extension=extension)
            shop.check_copy(copy)


def check_python_copies_files(shop):
    for so in (None, shop.so):
        db = connect(so, shop.path)
        copy = sqlite3.connect(shop.at(f'backup-{so is None}'))
        db.backup(copy)
        copy.close()
        shop.check_copy(shop.at(f'backup-{so is None}'))
        whole = connect(shop.so)
        whole.deserialize(db.serialize())
        assert contents(whole) == shop.contents


def check_a_file_is_copied_with_its_wal(shop):
    path = shop.at('wal.db')
    shutil.copy(shop.path, path)
    db = connect(shop.so, path)
    db.execute('PRAGMA journal_mode = wal')
    db.execute('PRAGMA wal_autocheckpoint = 0')
    db.execute("INSERT INTO orders(id, n) VALUES('late', 1)")
    for name, files in (('both', ('', '-wal')), ('one', ('',))):
        for suffix in files:
            shutil.copy(path + suffix, shop.at(name) + suffix)
        copy = connect(shop.so, shop.at(name))
        found = copy.execute("SELECT count(*) FROM orders WHERE id = 'late'"
                             ).fetchone()[0]
        assert found == (name == 'both'), name
        assert copy.execute("SELECT dynamo_check('orders')").fetchone() == (
            'ok',)
    # a checkpoint makes the file whole
    db.execute('PRAGMA wal_checkpoint(truncate)')
    shutil.copy(path, shop.at('checkpointed'))
    assert contents(connect(shop.so, shop.at('checkpointed'))) == contents(db)


def check_a_dump_of_the_shell(shop):
    """It has the shadow tables, so it is the same with and without the
    extension, and so is what it makes."""
    dumps = [shop.run(shop.path, '.dump', extension=extension)[0]
             for extension in (False, True)]
    assert dumps[0] == dumps[1]
    for extension in (False, True):
        copy = shop.at(f'restored-{extension}')
        errors = shop.run(copy, text=dumps[0], extension=extension,
                          before=['.dbconfig defensive off'])[1]
        assert errors == '', errors
        shop.check_copy(copy)


def check_a_dump_of_the_shell_in_a_defensive_one(shop):
    """SQLite keeps its schema there, and says so; newer shells see that it is
    a dump."""
    dump = shop.run(shop.path, '.dump')[0]
    for extension in (False, True):
        copy = shop.at(f'defensive-{extension}')
        errors = shop.run(copy, text='.dbconfig defensive on\n' + dump,
                          extension=extension)[1]
        if errors == '':
            shop.check_copy(copy)
        else:
            assert 'may not be modified' in errors, errors


def dump(db):
    """SQL that makes the tables of main again, by CREATE VIRTUAL TABLE and
    INSERT. (This is the function of docs/backup.md.)"""
    names = [name for name, in db.execute(
        "SELECT table_name FROM dynamo_tables WHERE schema_name = 'main'")]
    ordinary = connect(SO)
    db.backup(ordinary)
    for name in names:
        quoted = '"' + name + '"'
        ordinary.execute("SELECT dynamo_alter(?, 'deletion_protection = NULL')",
                         (name,)).fetchall()
        ordinary.execute(f'DROP TABLE {quoted}')
        yield db.execute("SELECT dynamo_declaration(?)", (name,)
                         ).fetchone()[0] + ';'
        for item, in db.execute(f"SELECT quote(item) FROM {quoted}('scan')"):
            yield f'INSERT INTO {quoted}(item) VALUES({item});'
    yield from ordinary.iterdump()


def check_a_dump_of_statements(shop):
    """It needs the extension, and works in a defensive shell, too."""
    db = connect(shop.so, shop.path)
    text = '\n'.join(dump(db))
    copy = connect(shop.so)
    copy.executescript(text)
    assert contents(copy) == shop.contents
    errors = shop.run(shop.at('statements'), extension=True,
                      text='.dbconfig defensive on\n' + text)[1]
    assert errors == '', errors
    shop.check_copy(shop.at('statements'))


def check_iterdump_needs_that(shop):
    """It reads the table as it reads any, and that is a query without a
    key."""
    db = connect(shop.so, shop.path)
    fails(lambda: list(db.iterdump()), "FROM orders('scan')")
    db = connect(None, shop.path)
    fails(lambda: list(db.iterdump()), 'no such module: dynamo')


def check_clone_does_not_copy_the_table(shop):
    """It opens its copy without the extension; it says so, and goes on."""
    copy = shop.at('clone')
    errors = shop.run(shop.path, f'.clone {copy}', extension=True)[1]
    assert 'no such module: dynamo' in errors, errors
    db = connect(shop.so, copy)
    fails(lambda: db.execute("SELECT * FROM orders('scan')"), 'no such table')
    assert db.execute('SELECT * FROM plain').fetchall() == [(1,), ('two',)]


def check_recover(shop):
    """Where the shell has it."""
    for extension in (False, True):
        text, errors = shop.run(shop.path, '.recover', extension=extension)
        if RECOVER_MISSING in errors or 'unknown command' in errors:
            print('this shell has no .recover')
            return
        copy = shop.at(f'recovered-{extension}')
        errors = shop.run(copy, text=text,
                          before=['.dbconfig defensive off'])[1]
        assert errors == '', errors
        shop.check_copy(copy)


def check_backups_of_tables_are_in_the_file(shop):
    """They are ordinary tables: whatever copies those copies them. A defensive
    connection makes and restores them, too."""
    shop.run(shop.path, "SELECT dynamo_backup('orders', 'first')",
             extension=True, before=['.dbconfig defensive on'])
    dump_text = shop.run(shop.path, '.dump')[0]
    copies = shop.at('dumped'), shop.at('vacuumed')
    shop.run(copies[0], text=dump_text, before=['.dbconfig defensive off'])
    shop.run(shop.path, f"VACUUM INTO '{copies[1]}'")
    for copy in copies:
        db = connect(shop.so, copy)
        db.execute("DELETE FROM orders WHERE id = 'large'")
        db.execute("SELECT dynamo_alter('orders', 'deletion_protection = NULL')"
                   ).fetchall()
        db.execute('DROP TABLE orders')
        db.close()
        shop.run(copy, "SELECT dynamo_restore(arn, 'orders') FROM "
                 "dynamo_backups('orders')", extension=True,
                 before=['.dbconfig defensive on'])
        shop.check_copy(copy)


def check_damage_is_told_and_the_rest_read(shop):
    """One leaf is lost; the segments that do not need it have the others."""
    db = connect(shop.so, shop.path)
    rows = db.execute("SELECT count(*) FROM orders('scan')").fetchone()[0]
    db.execute('UPDATE orders_leaves SET data = zeroblob(4057) WHERE id = '
               "(SELECT leaf FROM orders_directory WHERE tree = 0 LIMIT 1)")
    db.close()
    db = connect(shop.so, shop.path)
    fails(lambda: db.execute("SELECT * FROM orders('scan')").fetchall(),
          'shadow tables are damaged')
    assert db.execute("SELECT dynamo_check('orders')").fetchone() != ('ok',)
    db.execute(db.execute("SELECT replace(dynamo_declaration('orders'), "
                          "'\"orders\"', 'rescued')").fetchone()[0])
    for segment in range(1000):
        try:
            db.execute("INSERT INTO rescued(item) SELECT item FROM orders WHERE"
                       f" mode = 'scan segment {segment} of 1000'")
        except sqlite3.Error as error:
            assert 'shadow tables are damaged' in str(error), error
    assert db.execute("SELECT dynamo_check('rescued')").fetchone() == ('ok',)
    rescued = db.execute("SELECT count(*) FROM rescued('scan')").fetchone()[0]
    assert rows / 2 < rescued < rows, (rescued, rows)


def check_rows_that_belong_nowhere_are_told(shop):
    db = connect(shop.so, shop.path)
    for damage, words in (
            ('INSERT INTO orders_large(data) VALUES(zeroblob(20))',
             '_large has '),
            ('INSERT INTO orders_directory SELECT 20, low, leaf '
             'FROM orders_directory LIMIT 1', '_directory has '),
            ('INSERT INTO orders_loads VALUES(1, 99, 1, 0, 0)',
             'partition number 99: it has loads and is not there'),
            ('UPDATE orders_partitions SET parent = 99, reason = 1 '
             'WHERE partition = 2',
             'partition number 2: there is no parent of that number'),
            ("INSERT INTO orders_meta VALUES('scaling read ', 'nonsense')",
             '"scaling" is missing or wrong in _meta')):
        db.execute('BEGIN')
        db.execute(damage)
        told = db.execute("SELECT dynamo_check('orders')").fetchone()[0]
        assert words in told, told
        db.execute('ROLLBACK')
    contents(db)


def check_a_damaged_index_is_made_anew(shop):
    db = connect(shop.so, shop.path)
    db.execute('DELETE FROM orders_directory WHERE tree <> 0')
    db.close()
    db = connect(shop.so, shop.path)
    assert db.execute("SELECT dynamo_check('orders')").fetchone() != ('ok',)
    for name in ('by_v', 'later'):
        db.execute("SELECT dynamo_alter('orders', ?)",
                   (f'REBUILD INDEX {name}',)).fetchall()
    db.close()
    shop.check_copy(shop.path)


def check_without_the_extension(shop):
    """Ordinary tables work, and the file is kept as it is."""
    db = connect(None, shop.path)
    for sql in ("SELECT * FROM orders", "INSERT INTO orders(id) VALUES('a')",
                'DROP TABLE orders'):
        fails(lambda: db.execute(sql), 'no such module: dynamo')
    assert db.execute('PRAGMA integrity_check').fetchone() == ('ok',)
    db.execute('INSERT INTO plain VALUES(3)')
    db.execute('CREATE INDEX plain_a ON plain(a)')
    db.execute('DELETE FROM plain WHERE a = 3')
    db.execute('ALTER TABLE plain RENAME TO other')
    db.execute('ALTER TABLE other RENAME TO plain')
    db.execute('VACUUM')
    db.close()
    shop.check_copy(shop.path)


def check_a_table_is_removed_without_the_extension(shop):
    db = connect(None, shop.path)
    db.execute('PRAGMA writable_schema = on')
    db.execute("DELETE FROM sqlite_schema WHERE name = 'orders'")
    db.close()
    db = connect(None, shop.path)
    for name, in db.execute("SELECT name FROM sqlite_schema WHERE name GLOB "
                            "'orders_*' AND type = 'table'").fetchall():
        db.execute(f'DROP TABLE "{name}"')
    assert db.execute('SELECT name FROM sqlite_schema').fetchall() == [
        ('plain',)]
    assert db.execute('PRAGMA integrity_check').fetchone() == ('ok',)


def main():
    global SO
    SO = os.path.abspath(sys.argv[1])
    shell = sys.argv[2] if len(sys.argv) > 2 else 'sqlite3'
    for name, check in list(globals().items()):
        if name.startswith('check_'):
            with tempfile.TemporaryDirectory() as folder:
                check(Shop(SO, shell, folder))
    print('ok')


if __name__ == '__main__':
    sys.exit(main())
