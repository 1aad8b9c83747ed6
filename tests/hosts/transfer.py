"""dynamo_export() and dynamo_import() beside Python's own gzip, csv, hashlib and
json: exports as AWS lays them out, files that are damaged, imports that are
killed or interrupted.

usage: transfer.py DYNAMO.SO

The films of ../shared/data (or the environment's DYNAMO_TEST_DATA) go there and
back, if they are there.
"""
import base64
import csv
import gzip
import hashlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

SO = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = os.environ.get('DYNAMO_TEST_DATA', ROOT.parent / 'shared' / 'data')
COUNT = 20000
DECLARATION = 'dynamo(id TEXT PARTITION KEY, n NUMBER SORT KEY)'


def connect(path=':memory:', **options):
    db = sqlite3.connect(path, isolation_level=None, timeout=0, **options)
    db.enable_load_extension(True)
    db.load_extension(SO)
    db.execute('PRAGMA synchronous = off')
    return db


def table(db, name='t', declaration=DECLARATION):
    db.execute(f'CREATE VIRTUAL TABLE {name} USING {declaration}')


def value(db, sql, *arguments):
    return db.execute(sql, arguments).fetchone()[0]


def transfer(db, function, *arguments):
    return json.loads(value(
        db, f"SELECT {function}({', '.join('?' * len(arguments))})",
        *map(str, arguments)))


def fails(db, text, function, *arguments):
    try:
        transfer(db, function, *arguments)
    except sqlite3.Error as error:
        assert text in str(error), error
        return
    raise AssertionError(f'{function}{arguments} does not fail: {text}')


def rows(db, name='t'):
    """All items, typed, by their key."""
    return sorted(value for value, in db.execute(
        f"SELECT dynamo_json(item) FROM {name}('scan')"))


def is_sound(db, name='t'):
    return value(db, 'SELECT dynamo_check(?)', name) == 'ok'


def typed(i):
    return {'id': {'S': f'k{i}'}, 'n': {'N': str(i)}, 'v': {'S': 'é"\n\0' * 3}}


def md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


class Export:
    """A folder as AWS's exports are, made by hand."""

    def __init__(self, folder, parts, kind='FULL_EXPORT', data=None):
        self.folder = folder / 'AWSDynamoDB' / '01693685827463-2d8752fd'
        self.data = folder / 'AWSDynamoDB' / 'data' if data else (
            self.folder / 'data')
        self.folder.mkdir(parents=True)
        self.data.mkdir()
        self.lines = []
        for number, lines in enumerate(parts):
            text = ''.join(json.dumps(line) + '\n' for line in lines).encode()
            half = len(text) // 2
            # two members of gzip, as a file that was written in parts has
            packed = gzip.compress(text[:half]) + gzip.compress(text[half:])
            name = f'asdl123dasas{number}.json.gz'
            (self.data / name).write_bytes(packed)
            self.lines.append({
                'itemCount': len(lines), 'md5Checksum': md5(packed),
                'etag': hashlib.md5(hashlib.md5(packed).digest()).hexdigest()
                + '-1',
                'dataFileS3Key': f'{folder.name}/AWSDynamoDB/x/data/{name}'})
        self.write(outputFormat='DYNAMODB_JSON', exportType=kind)

    def write(self, **members):
        files = ''.join(json.dumps(line) + '\n' for line in self.lines)
        summary = json.dumps({
            'version': '2020-06-30', 'exportArn': 'arn:aws:dynamodb:…',
            's3Bucket': 'ddb-export', 's3SseKmsKeyId': None,
            'manifestFilesS3Key': 'AWSDynamoDB/x/manifest-files.json',
            'itemCount': sum(line['itemCount'] for line in self.lines),
            **members}, indent=3)
        for name, text in (('manifest-files', files),
                           ('manifest-summary', summary)):
            (self.folder / f'{name}.json').write_text(text)
            (self.folder / f'{name}.md5').write_text(md5(text.encode()))


def check_aws(folder):
    """An export of AWS is read as it is, from wherever it lies now."""
    export = Export(folder, [[{'Item': typed(i)} for i in range(part, 700, 3)]
                             for part in range(3)])
    summary = export.folder / 'manifest-summary.json'
    for path in (export.folder, summary, folder, folder / 'AWSDynamoDB',
                 export.data, f'{export.folder}/'):
        db = connect()
        table(db)
        assert transfer(db, 'dynamo_import', 't', path)['items'] == 700, path
        assert rows(db) == sorted(value(db, 'SELECT dynamo_json(?)',
                                        json.dumps(typed(i)))
                                  for i in range(700))
    check_damage(db, export)


def check_damage(db, export):
    first = export.data / 'asdl123dasas0.json.gz'
    kept = first.read_bytes()
    line = dict(export.lines[0])
    first.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    fails(db, 'its MD5 sum is', 'dynamo_import', 't', export.folder)
    fails(db, 'is damaged', 'dynamo_import', 't', export.folder,
          '{"verify": false}')
    fails(db, 'is damaged', 'dynamo_import', 't', first)
    first.write_bytes(kept[:len(kept) // 3])
    fails(db, 'it ends amid', 'dynamo_import', 't', first)
    first.write_bytes(b'\x28\xb5\x2f\xfd' + kept)
    fails(db, 'zstd -d', 'dynamo_import', 't', first)
    first.unlink()
    fails(db, 'which is missing', 'dynamo_import', 't', export.folder)
    first.write_bytes(kept)
    export.lines[0]['itemCount'] += 1
    export.write()
    fails(db, 'items, and not', 'dynamo_import', 't', export.folder)
    export.lines[0] = line
    export.write(outputFormat='ION')
    fails(db, 'Amazon Ion', 'dynamo_import', 't', export.folder)
    export.write()
    (export.folder / 'manifest-files.md5').write_text(md5(b'other'))
    fails(db, 'its MD5 sum is', 'dynamo_import', 't', export.folder)
    assert transfer(db, 'dynamo_import', 't', export.folder,
                    '{"verify": false}')['items'] == 700
    (export.folder / 'manifest-summary.json').unlink()
    fails(db, 'is not whole', 'dynamo_import', 't', export.folder)
    fails(db, 'has 0 exports', 'dynamo_import', 't', export.folder.parent)
    first.write_bytes(b'\xe0\x01\x00\xea binary Ion')
    fails(db, 'Amazon Ion', 'dynamo_import', 't', first)
    assert is_sound(db)


def check_refused(folder):
    """An item that no table may have is passed over like others."""
    path = folder / 'large.json'
    path.write_text('{"id": "large", "n": 1, "v": "%s"}\n'
                    '{"id": "small", "n": 1}\n' % ('v' * 500000))
    db = connect()
    table(db)
    told = transfer(db, 'dynamo_import', 't', path, '{"errors_max": 1}')
    assert (told['items'], told['errors']) == (1, 1), told


def check_changes(folder):
    """Data files of incremental exports lie beside the folder of the export."""
    def line(i, **images):
        return {'Metadata': {'WriteTimestampMicros': {'N': '168010976'}},
                'Keys': {name: typed(i)[name] for name in ('id', 'n')},
                **images}
    export = Export(folder, [
        [line(1, OldImage=typed(1)), line(2, NewImage={**typed(2), 'x': {
            'BOOL': True}}), line(900, NewImage=typed(900))]],
        'INCREMENTAL_EXPORT', data='beside')
    db = connect()
    table(db)
    db.executemany('INSERT INTO t(item) VALUES(?)',
                   [(json.dumps(typed(i)),) for i in range(4)])
    told = transfer(db, 'dynamo_import', 't', export.folder)
    assert (told['items'], told['deletes']) == (2, 1), told
    assert db.execute("SELECT id FROM t('scan') ORDER BY n").fetchall() == [
        ('k0',), ('k2',), ('k3',), ('k900',)]
    assert value(db, "SELECT x FROM (SELECT json_extract(item, '$.x') AS x "
                 "FROM t WHERE id = 'k2')") == 1


def read_lines(folder):
    """All lines of the data of an export."""
    for path in folder.rglob('*.gz'):
        with gzip.open(path, 'rt', encoding='utf-8') as file:
            yield from map(json.loads, file)


def check_period(folder):
    """What has changed, put into a copy of then, makes it what is now."""
    source = random.Random(11)
    db = connect()
    db.execute("SELECT dynamo_clock('2026-01-01 00:00:00')")
    table(db, 't', DECLARATION[:-1] + ", stream = 'NEW_AND_OLD_IMAGES', "
          "partition_bytes = 20000)")
    table(db, 'copy')

    def change(count):
        for _ in range(count):
            key = source.randrange(300)
            if source.random() < 0.3:
                db.execute('DELETE FROM t WHERE id = ? AND n = ?',
                           (f'k{key}', key))
            else:
                db.execute('INSERT OR REPLACE INTO t(item) VALUES(?)', (
                    json.dumps({**typed(key), 'x': {
                        'N': str(source.random())}}),))

    change(500)
    db.execute("SELECT dynamo_clock('+1 hour')").fetchall()
    transfer(db, 'dynamo_export', 't', folder / 'then.json')
    transfer(db, 'dynamo_import', 'copy', folder / 'then.json')
    then = {value['id']['S']: value for value in map(json.loads, rows(db))}
    change(400)
    db.execute("SELECT dynamo_clock('+30 minutes')").fetchall()
    for key in range(10):
        db.execute("INSERT OR REPLACE INTO t(id, n) VALUES(?, ?)",
                   (f'k{key}', key))
    db.execute("SELECT dynamo_clock('+30 minutes')").fetchall()
    for view in ('NEW_IMAGE', 'NEW_AND_OLD_IMAGES'):
        own = folder / view / 'some'
        own.mkdir(parents=True)
        told = json.loads(value(
            db, "SELECT dynamo_api('ExportTableToPointInTime', ?)", json.dumps({
                'TableArn': 't', 'S3Bucket': str(folder / view),
                'S3Prefix': 'some',
                'ExportType': 'INCREMENTAL_EXPORT',
                'IncrementalExportSpecification': {
                    'ExportFromTime': 1767225600 + 3600,
                    'ExportViewType': view}})))['ExportDescription']
        lines = list(read_lines(own))
        assert len(lines) == told['ItemCount'] > 100
        summary, = own.rglob('manifest-summary.json')
        manifest = json.loads(summary.read_text())
        assert manifest['version'] == '2023-08-01'
        assert manifest['outputView'] == view
        assert manifest['s3Bucket'] == str(folder / view)
        times = {line['Keys']['id']['S']: int(line['Metadata'][
            'WriteTimestampMicros']['N']) // 10**6 for line in lines}
        assert set(times.values()) == {1767229200, 1767231000}
        assert {times[f'k{key}'] for key in range(10)} == {1767231000}
        ids = {line['Keys']['id']['S'] for line in lines}
        assert len(ids) == len(lines)
        for line in lines:
            old = then.get(line['Keys']['id']['S'])
            assert line.get('OldImage') == (
                old if view == 'NEW_AND_OLD_IMAGES' else None)
        transfer(db, 'dynamo_import', 'copy', own)
        assert rows(db) == rows(db, 'copy')
    db.execute('SELECT dynamo_clock(NULL)').fetchall()


def check_layout(folder):
    """What dynamo exports is what AWS does, with sums that are right."""
    db = connect()
    table(db)
    db.executemany('INSERT INTO t(item) VALUES(?)',
                   [(json.dumps(typed(i)),) for i in range(300)])
    told = transfer(db, 'dynamo_export', 't', f'{folder}/new/',
                    '{"file_bytes": 4096}')
    summary = folder / 'new' / told['manifest']
    manifest = json.loads(summary.read_text())
    assert manifest['itemCount'] == told['items'] == 300
    assert manifest['exportArn'].endswith(summary.parent.name)
    assert manifest['version'] == '2020-06-30'
    assert manifest['exportTime'] == manifest['startTime']
    assert manifest['s3Bucket'] == f'{folder}/new/'
    for name in ('manifest-summary', 'manifest-files'):
        assert (summary.parent / f'{name}.md5').read_text() == md5(
            (summary.parent / f'{name}.json').read_bytes())
    files = folder / 'new' / manifest['manifestFilesS3Key']
    found = []
    lines = files.read_text().splitlines()
    for line in map(json.loads, lines):
        packed = (folder / 'new' / line['dataFileS3Key']).read_bytes()
        assert md5(packed) == line['md5Checksum']
        text = gzip.decompress(packed).decode()
        items = [json.loads(each)['Item'] for each in text.splitlines()]
        assert len(items) == line['itemCount']
        assert len(text) < 4096 + 200
        is_last = line == json.loads(lines[-1])
        assert is_last or len(text.encode()) >= 4096
        found += items
    assert len(lines) > 5
    by_number = sorted(found, key=lambda item: int(item['n']['N']))
    assert by_number == [typed(i) for i in range(300)]
    assert not list(folder.rglob('*.tmp'))
    for name, is_packed in (('one.json', False), ('one.json.gz', True)):
        transfer(db, 'dynamo_export', 't', folder / name)
        assert ((folder / name).read_bytes()[:2] == b'\x1f\x8b') == is_packed
    # a second one lies beside it, and is told apart
    transfer(db, 'dynamo_export', 't', folder / 'new')
    fails(db, 'has 2 exports', 'dynamo_import', 't', folder / 'new')


def check_films(folder):
    """All that a table has comes back, in another database."""
    path = pathlib.Path(DATA) / 'moviedata.json'
    if not path.exists():
        return
    declaration = ("dynamo(year NUMBER PARTITION KEY, title TEXT SORT KEY, "
                   "GLOBAL INDEX by_title (title), stream = 'NEW_IMAGE', "
                   "partition_bytes = 200000)")
    films = json.loads(path.read_text())
    db, other = connect(), connect()
    table(db, 't', declaration)
    table(other, 't', declaration)
    with open(folder / 'plain.json', 'w') as file:
        file.writelines(json.dumps(film) + '\n' for film in films)
    told = transfer(db, 'dynamo_import', 't', folder / 'plain.json')
    assert told['items'] == len(films)
    transfer(db, 'dynamo_export', 't', folder / 'films.json.gz')
    transfer(other, 'dynamo_import', 't', folder / 'films.json.gz')
    assert rows(db) == rows(other)
    assert is_sound(db) and is_sound(other)
    for one in (db, other):
        assert value(one, "SELECT count(*) FROM t WHERE title = 'Rush'") == 1
        assert value(one, "SELECT count(*) FROM dynamo_stream('t')"
                     ) == len(films)
        assert value(one, "SELECT count(*) FROM dynamo_partitions('t')") > 3


def random_field(random_source):
    return ''.join(random_source.choice('ab ,;|\t"\n\r:é')
                   for _ in range(random_source.randrange(9)))


def check_csv(folder):
    """What Python writes is read as Python reads it."""
    source = random.Random(7)
    for delimiter in ',;:|\t ':
        names = ['id', 'n', 'a b', 'c,"d"']
        records = [[f'k{i}', str(i), random_field(source),
                    random_field(source)] for i in range(400)]
        path = folder / 'random.csv'
        with open(path, 'w', newline='', encoding='utf-8') as file:
            # with other ends of lines, Python leaves a CR without quotes
            end, quoting = source.choice([('\n', csv.QUOTE_ALL),
                                          ('\r\n', csv.QUOTE_ALL),
                                          ('\r\n', csv.QUOTE_MINIMAL)])
            writer = csv.writer(file, delimiter=delimiter, lineterminator=end,
                                quoting=quoting)
            writer.writerows([names, *records])
        db = connect()
        table(db)
        transfer(db, 'dynamo_import', 't', path,
                 json.dumps({'delimiter': delimiter}))
        with open(path, newline='', encoding='utf-8') as file:
            read = list(csv.reader(file, delimiter=delimiter))[1:]
        wanted = [json.dumps({
            'a b': {'S': record[2]}, 'c,"d"': {'S': record[3]},
            'id': {'S': record[0]}, 'n': {'N': record[1]}}) for record in read]
        assert rows(db) == sorted(value(db, 'SELECT dynamo_json(?)', line)
                                  for line in wanted)
    check_csv_errors(db, folder)


def check_csv_errors(db, folder):
    path = folder / 'wrong.csv'
    for text, message in (
            ('id,n\na,1\nb,"2"x\n', 'line 3: there is more behind the quotes'),
            ('id,n\n"a\n\n",1\nb,x"2\n', 'line 5: a field with a quote'),
            ('id,n\na,1\nb,2,3\n', 'line 3: there are 3 fields, and the header '
             'has 2'),
            ('id,n\na,1\n\n\nb\n', 'line 5: there are 1 fields'),
            ('id,n\na,"1', 'line 2: the quotes of a field are not closed'),
            ('id,\n', 'field 2 of the header has no name'),
            ('id,n\n\xff,1\n', 'line 2: field id: the text is not UTF-8')):
        path.write_bytes(text.encode('latin-1'))
        fails(db, message, 'dynamo_import', 't', path)
    # after an error, the next record is read
    path.write_text('id,n\na,"1"x\n"m\n",2\nb,3\n')
    told = transfer(db, 'dynamo_import', 't', path, '{"errors_max": 9}')
    assert (told['items'], told['errors']) == (2, 1), told
    # Excel's mark at the begin of a file, and gzip, are told by the content
    path.write_bytes(gzip.compress('\ufeffid,n\nexcel,1\n'.encode()))
    assert transfer(db, 'dynamo_import', 't', path)['items'] == 1
    assert value(db, "SELECT count(*) FROM t WHERE id = 'excel'") == 1


def write_large(folder):
    path = folder / 'large.json'
    with open(path, 'w') as file:
        file.writelines(json.dumps({'Item': typed(i)}) + '\n'
                        for i in range(COUNT))
    return path


def counts(db):
    """What is there, and what the last job says."""
    return (value(db, "SELECT count(*) FROM t('scan')"),
            *db.execute('SELECT items, state FROM dynamo_jobs').fetchall()[-1])


def check_kill(folder, large):
    """Another connection sees an import go on. What is committed stays, and the
    job has its count."""
    path = folder / 'kill.db'
    db = connect(path)
    db.execute('PRAGMA journal_mode = wal')
    table(db)
    for least in (1, 3000, 6000):
        child = subprocess.Popen(
            [sys.executable, __file__, SO, '--import', path, large])
        seen = 0
        limit = time.monotonic() + 30
        while seen < least and time.monotonic() < limit:
            jobs = db.execute('SELECT items, state FROM dynamo_jobs').fetchall()
            if jobs and jobs[-1][1] == 'IN_PROGRESS':
                seen = jobs[-1][0]
            time.sleep(0.001)
        child.send_signal(signal.SIGKILL)
        child.wait()
        there, items, state = counts(db)
        assert items >= least and (there == items or least > 1), (there, items)
        assert state in ('IN_PROGRESS', 'COMPLETED'), state
        assert is_sound(db)
    assert transfer(db, 'dynamo_import', 't', large)['items'] == COUNT
    assert counts(db) == (COUNT, COUNT, 'COMPLETED')


def check_interrupt(large):
    for is_within in (False, True):
        db = connect()
        table(db)
        if is_within:
            db.execute('BEGIN')
        calls = iter(range(100))
        db.set_progress_handler(lambda: next(calls, None) is None, 100)
        fails(db, 'interrupted', 'dynamo_import', 't', large)
        db.set_progress_handler(None, 0)
        if db.in_transaction:
            db.execute('ROLLBACK')
        there = value(db, "SELECT count(*) FROM t('scan')")
        if is_within:
            assert there == 0
        else:
            assert 0 < there < COUNT
            assert counts(db) == (there, there, 'IN_PROGRESS')
        assert is_sound(db)
        assert transfer(db, 'dynamo_import', 't', large)['items'] == COUNT
        assert is_sound(db)


def check_one_state(folder):
    """What others commit while an export goes on is not in it."""
    path = folder / 'state.db'
    db, other = connect(path), connect(path)
    db.execute('PRAGMA journal_mode = wal')
    table(db)
    db.execute('BEGIN')
    db.executemany('INSERT INTO t(item) VALUES(?)',
                   [(json.dumps(typed(i)),) for i in range(2000)])
    db.execute('COMMIT')
    written = []

    def write():
        try:
            other.execute('INSERT INTO t(id, n) VALUES(?, 1)',
                          (f'new{len(written)}',))
            written.append(None)
        except sqlite3.OperationalError:
            pass  # the export writes its job
        return 0

    db.set_progress_handler(write, 50)
    told = transfer(db, 'dynamo_export', 't', folder / 'state.json')
    db.set_progress_handler(None, 0)
    text = (folder / 'state.json').read_text()
    before = text.count('"new')
    assert told['items'] == 2000 + before and before < len(written)
    assert all(f'"new{i}"' in text for i in range(before))


def check_full(folder, large):
    """A file that cannot be written leaves nothing."""
    db = connect()
    table(db)
    transfer(db, 'dynamo_import', 't', large)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, limits[1]))
    for name in ('full.json', 'full.json.gz'):
        fails(db, 'File too large', 'dynamo_export', 't', folder / name)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(folder.glob('full*'))
    fails(db, 'is no file', 'dynamo_export', 't', '/dev/full')
    fails(db, 'is no file', 'dynamo_export', 't', '/dev/full',
          '{"overwrite": true}')
    (folder / 'there').write_text('precious')
    fails(db, 'is there already', 'dynamo_export', 't', folder / 'there')
    assert (folder / 'there').read_text() == 'precious'
    transfer(db, 'dynamo_export', 't', folder / 'there', '{"overwrite": true}')
    assert len((folder / 'there').read_text().splitlines()) == COUNT


def check_locks(folder):
    path = folder / 'locks.db'
    db, other = connect(path), connect(path)
    table(db)
    (folder / 'one.json').write_text(json.dumps({'Item': typed(1)}))
    other.execute('BEGIN IMMEDIATE')
    fails(db, 'locked', 'dynamo_import', 't', folder / 'one.json')
    other.execute('ROLLBACK')
    assert not db.in_transaction
    assert transfer(db, 'dynamo_import', 't', folder / 'one.json')['items'] == 1
    db.close()
    # a database that may not be written is exported, without a job
    db = connect(f'file:{path}?mode=ro', uri=True)
    assert transfer(db, 'dynamo_export', 't', folder / 'ro.json')['items'] == 1
    fails(db, 'readonly', 'dynamo_import', 't', folder / 'one.json')
    assert value(db, 'SELECT count(*) FROM dynamo_jobs') == 1


def check_attached(folder):
    db = connect()
    db.execute('ATTACH ? AS aux', (str(folder / 'aux.db'),))
    table(db, 'aux.t')
    (folder / 'aux.json').write_text(json.dumps({'Item': typed(1)}))
    transfer(db, 'dynamo_import', 'aux.t', folder / 'aux.json')
    assert value(db, 'SELECT count(*) FROM aux._dynamo_jobs') == 1
    assert db.execute('SELECT table_name FROM dynamo_jobs').fetchall() == [
        ('aux.t',)]
    # jobs stay when the table is gone
    db.execute('DROP TABLE aux.t')
    assert value(db, 'SELECT count(*) FROM dynamo_jobs') == 1


def main():
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        large = write_large(folder)
        checks = (check_aws, check_refused, check_changes, check_period,
                  check_layout, check_films, check_csv, check_one_state,
                  check_locks, check_attached)
        for number, check in enumerate(checks):
            own = folder / str(number)
            own.mkdir()
            check(own)
        check_kill(folder, large)
        check_interrupt(large)
        check_full(folder, large)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print('transfer: ok')


if sys.argv[2:3] == ['--import']:
    connect(sys.argv[3]).execute("SELECT dynamo_import('t', ?)",
                                 (sys.argv[4],)).fetchall()
else:
    main()
