"""Databases in UTF-8 and UTF-16: whatever the encoding, tables are the same.

usage: encodings.py DYNAMO.SO
"""
import json
import os
import sqlite3
import sys
import tempfile

ENCODINGS = ('UTF-8', 'UTF-16le', 'UTF-16be')
# In the order of their UTF-8. That of UTF-16 is another: U+10000 and up are
# before U+E000; little-endian, U+0100 is before all of ASCII.
TEXTS = ['\0', '\0\0x', ' a', 'a', 'a\0', 'a\0b', 'aa', 'z', '\x7f', 'é', 'Ā',
         'ā ', '\u2028', '\ud7ff', '\ue000', '\ufeff', '\ufeffa', '\ufffd',
         '\U00010000', '😀', '😀a', '\U0010ffff']
# What SQLite makes U+FFFD of when it turns UTF-8 into UTF-16.
SPECIAL = ['\ufffe', '\ufffea', 'é\uffff', '\uffff', '😀\ufffe']


def connect(so, path=':memory:', encoding=None):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    if encoding is not None:
        db.execute(f"PRAGMA encoding = '{encoding}'")
        assert one(db, 'PRAGMA encoding') == encoding
    return db


def rows(db, sql, *parameters):
    return db.execute(sql, parameters).fetchall()


def one(db, sql, *parameters):
    (value,), = rows(db, sql, *parameters)
    return value


def fails(db, sql, word, *parameters):
    try:
        rows(db, sql, *parameters)
    except sqlite3.Error as error:
        assert word in str(error), error
        return
    raise AssertionError(f'{sql} does not fail')


def call(db, operation, **request):
    return json.loads(one(db, 'SELECT dynamo_api(?, ?)', operation,
                          json.dumps(request)))


def plan(db, sql):
    return ' '.join(row[3] for row in rows(db, 'EXPLAIN QUERY PLAN ' + sql))


def check_items(so, path, encoding):
    """Names and values of all characters, before and after a reopening."""
    db = connect(so, path, encoding)
    db.execute('CREATE VIRTUAL TABLE things USING dynamo("schlüssel" TEXT '
               'PARTITION KEY, "Ā" TEXT SORT KEY, "v😀" TEXT, LOCAL INDEX '
               'near ("v😀"), GLOBAL INDEX by_v ("v😀", "Ā"))')
    for text in TEXTS:
        db.execute('INSERT INTO things VALUES(?, ?, ?)', (text, text, text))
        db.execute('INSERT INTO things(item) VALUES(?)', (json.dumps(
            {'schlüssel': 'p', 'Ā': text, 'v😀': text, text + '!': [text, {text: 1}]}),))
    rows(db, "SELECT dynamo_alter('things', 'ADD GLOBAL INDEX late (\"Ā\")')")
    for _ in range(2):
        for text in TEXTS:
            for condition in ('"schlüssel" = ?1 AND "Ā" = ?1',
                              '"schlüssel" = ?1 AND "v😀" = ?1',
                              'mode = \'index by_v\' AND "v😀" = ?1 AND '
                              '"schlüssel" = ?1'):
                found = rows(db, f'SELECT * FROM things WHERE {condition}', text)
                assert found == [(text, text, text)], (text, condition, found)
            item = json.loads(one(db, 'SELECT item FROM things WHERE "Ā" = ? AND '
                                  "mode = 'index late' AND \"schlüssel\" = 'p'",
                                  text))
            assert item[text + '!'] == [text, {text: 1}], item
        assert one(db, "SELECT dynamo_check('things')") == 'ok'
        assert rows(db, "SELECT DISTINCT index_name FROM dynamo_capacity('things') "
                    'ORDER BY 1') != []
        fails(db, 'INSERT INTO things VALUES(?, ?, ?)', 'things: ', '😀', '😀', '')
        db.close()
        db = connect(so, path)
        assert one(db, 'PRAGMA encoding') == encoding
    db.execute('ALTER TABLE things RENAME TO renamed')
    db.execute('UPDATE renamed SET "v😀" = \'ω😀\' WHERE "schlüssel" = \'p\'')
    assert one(db, "SELECT count(*) FROM renamed('index by_v') WHERE \"v😀\" = "
               "'ω😀'") == len(TEXTS)
    db.execute('VACUUM')
    assert one(db, "SELECT dynamo_check('renamed')") == 'ok'
    db.execute('DROP TABLE renamed')
    assert rows(db, 'SELECT * FROM sqlite_schema') == []
    db.close()


def check_special(so, encoding):
    """U+FFFE and U+FFFF: JSON can bring them, and they come back."""
    db = connect(so, encoding=encoding)
    db.execute('CREATE VIRTUAL TABLE ttt USING dynamo(pk TEXT PARTITION KEY, '
               'sk TEXT SORT KEY)')
    for text in SPECIAL:
        item = {'pk': {'S': text}, 'sk': {'S': text}, text: {'S': text + '\0'}}
        key = {name: item[name] for name in ('pk', 'sk')}
        call(db, 'PutItem', TableName='ttt', Item=item)
        assert call(db, 'GetItem', TableName='ttt', Key=key) == {'Item': item}
        shown = {'pk': text, 'sk': text, text: text + '\0'}
        found = rows(db, "SELECT pk, sk, item FROM ttt('scan') WHERE "
                     'dynamo_matches(item, \'sk = :s\', NULL, ?)',
                     json.dumps({':s': text}))
        assert found == [(text, text, found[0][2])], found
        assert json.loads(found[0][2]) == shown, found
    create = json.dumps({
        'TableName': 'other', 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': '\uffff',
                                  'AttributeType': 'S'}],
        'KeySchema': [{'AttributeName': '\uffff', 'KeyType': 'HASH'}]})
    if encoding == 'UTF-8':
        rows(db, "SELECT dynamo_api('CreateTable', ?)", create)
        rows(db, 'SELECT dynamo_alter(?, ?)', 'ttt',
             'ADD GLOBAL INDEX late ("\uffff" TEXT)')
    else:  # the schema is SQLite's
        fails(db, "SELECT dynamo_api('CreateTable', ?)", 'U+FFFE and U+FFFF',
              create)
        assert rows(db, "SELECT 1 FROM sqlite_schema WHERE name LIKE 'other%'"
                    ) == []
    call(db, 'UpdateTable', TableName='ttt', AttributeDefinitions=[
        {'AttributeName': '\uffffx', 'AttributeType': 'S'}],
        GlobalSecondaryIndexUpdates=[{'Create': {
            'IndexName': 'specials', 'KeySchema': [
                {'AttributeName': '\uffffx', 'KeyType': 'HASH'}],
            'Projection': {'ProjectionType': 'ALL'}}}])
    call(db, 'PutItem', TableName='ttt', Item={
        'pk': {'S': 'a'}, 'sk': {'S': 'b'}, '\uffffx': {'S': 'c'}})
    rows(db, 'SELECT dynamo_maintain()')
    found = call(db, 'Query', TableName='ttt', IndexName='specials',
                 KeyConditionExpression='#x = :c',
                 ExpressionAttributeNames={'#x': '\uffffx'},
                 ExpressionAttributeValues={':c': {'S': 'c'}})
    assert found['Count'] == 1, found
    assert one(db, "SELECT dynamo_check('ttt')") == 'ok'
    db.close()


def check_order(so, encoding):
    """Texts are in the order of UTF-8 wherever SQLite sorts, compares and merges
    those of our tables."""
    db = connect(so, encoding=encoding)
    db.execute('CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, sk '
               'TEXT SORT KEY, v TEXT, GLOBAL INDEX by_v (v, sk))')
    for text in reversed(TEXTS):
        db.execute("INSERT INTO t VALUES('p', ?, ?)", (text, text))
        db.execute("INSERT INTO t VALUES('q', ?, ?)", (text + 'q', text))

    def texts(sql, *parameters):
        return [row[0] for row in rows(db, sql, *parameters)]
    every = sorted(TEXTS + [text + 'q' for text in TEXTS],
                   key=lambda text: text.encode())
    assert TEXTS == sorted(TEXTS, key=lambda text: text.encode())
    assert texts("SELECT sk FROM t WHERE pk = 'p' ORDER BY sk") == TEXTS
    assert texts("SELECT sk FROM t WHERE pk = 'p' ORDER BY sk DESC") == \
        TEXTS[::-1]
    assert texts("SELECT v FROM t WHERE pk = 'p' ORDER BY v") == TEXTS
    assert texts("SELECT sk FROM t('scan') ORDER BY sk") == every
    for both in ('UNION', 'UNION ALL'):
        assert texts(f"SELECT sk FROM t WHERE pk = 'p' {both} SELECT sk FROM t "
                     "WHERE pk = 'q' ORDER BY sk") == every
    assert texts("SELECT sk FROM t WHERE pk = 'p' EXCEPT SELECT sk FROM t WHERE "
                 "pk = 'p' AND sk >= 'é' ORDER BY 1") == TEXTS[:9]
    assert texts("SELECT sk FROM t WHERE pk = 'p' INTERSECT SELECT sk FROM t "
                 "WHERE pk = 'p' ORDER BY 1") == TEXTS
    assert rows(db, "SELECT min(sk), max(sk) FROM t WHERE pk = 'p'") == \
        [(TEXTS[0], TEXTS[-1])]
    for i, text in enumerate(TEXTS):
        for sort in ('sk', '+sk'):  # by a range, and by SQLite
            for operator, wanted in (('<', TEXTS[:i]), ('<=', TEXTS[:i + 1]),
                                     ('>', TEXTS[i + 1:]), ('>=', TEXTS[i:]),
                                     ('=', [text])):
                found = texts(f"SELECT sk FROM t WHERE pk = 'p' AND {sort} "
                              f'{operator} ? ORDER BY sk', text)
                assert found == wanted, (sort, operator, text, found)
        if text.isalpha():
            assert texts("SELECT sk FROM t WHERE pk = 'p' AND sk GLOB ? || '*' "
                         'ORDER BY sk', text) == \
                texts("SELECT sk FROM t WHERE pk = 'p' AND begins_with(sk, ?) "
                      'ORDER BY sk', text) == \
                [t for t in TEXTS if t.startswith(text)]
    # what is equal in one order is so in the other: either way is a lookup
    db.execute('CREATE TABLE plain(k TEXT PRIMARY KEY)')
    for text in TEXTS:
        db.execute('INSERT INTO plain VALUES(?)', (text,))
    for condition in ('t.sk = plain.k', 'plain.k = t.sk'):
        sql = ('SELECT plain.k FROM plain CROSS JOIN t ON t.pk = \'p\' AND '
               f'{condition}')
        assert sorted(texts(sql)) == sorted(TEXTS)
        assert 'get' in plan(db, sql).lower(), plan(db, sql)
    # another order that is asked for is SQLite's
    other = texts("SELECT sk FROM t WHERE pk = 'p' ORDER BY sk COLLATE BINARY")
    coding = encoding.replace('UTF-8', 'utf8').lower()
    assert other == sorted(TEXTS, key=lambda text: text.encode(coding))
    found = texts("SELECT sk FROM t WHERE pk = 'p' AND sk > 'é' COLLATE BINARY "
                  'ORDER BY sk')
    assert found == [text for text in TEXTS
                     if text.encode(coding) > 'é'.encode(coding)]
    db.close()


def check_api(so, encoding):
    """Tags, client tokens, and units by index."""
    db = connect(so, encoding=encoding)
    arn = call(db, 'CreateTable', TableName='orders', BillingMode='PAY_PER_REQUEST',
               AttributeDefinitions=[
                   {'AttributeName': 'é😀', 'AttributeType': 'S'},
                   {'AttributeName': 'n', 'AttributeType': 'N'}],
               KeySchema=[{'AttributeName': 'é😀', 'KeyType': 'HASH'}],
               GlobalSecondaryIndexes=[{
                   'IndexName': 'by_n', 'KeySchema': [
                       {'AttributeName': 'n', 'KeyType': 'HASH'}],
                   'Projection': {'ProjectionType': 'INCLUDE',
                                  'NonKeyAttributes': ['ω']}}],
               )['TableDescription']['TableArn']
    tags = [{'Key': text, 'Value': text * 2}
            for text in ('z', 'é', 'Ā', '\ue000', '😀')]
    call(db, 'TagResource', ResourceArn=arn, Tags=tags[::-1])
    assert call(db, 'ListTagsOfResource', ResourceArn=arn) == {'Tags': tags}
    call(db, 'UntagResource', ResourceArn=arn, TagKeys=['Ā', 'none'])
    assert call(db, 'ListTagsOfResource', ResourceArn=arn) == {
        'Tags': tags[:2] + tags[3:]}
    put = [{'Put': {'TableName': 'orders', 'Item': {
        'é😀': {'S': 'ключ'}, 'n': {'N': '1'}, 'ω': {'S': '😀'}}}}]
    for token in ('token', '😀' * 9, 'é\uffff'):
        for _ in range(2):
            call(db, 'TransactWriteItems', TransactItems=put,
                 ClientRequestToken=token)
        fails(db, 'SELECT dynamo_api(?, ?)', 'IdempotentParameterMismatch',
              'TransactWriteItems', json.dumps({
                  'TransactItems': put * 1 + [{'Delete': {
                      'TableName': 'orders', 'Key': {'é😀': {'S': 'x'}}}}],
                  'ClientRequestToken': token}))
    assert one(db, 'SELECT count(*) FROM orders_meta WHERE name LIKE '
               "'token %'") == 3
    call(db, 'ExecuteStatement', Statement='UPDATE orders SET "ω" = \'ж😀\' '
         'WHERE "é😀" = \'ключ\'')
    found = call(db, 'Query', TableName='orders', IndexName='by_n',
                 KeyConditionExpression='n = :n', FilterExpression='#o = :o',
                 ExpressionAttributeNames={'#o': 'ω'},
                 ExpressionAttributeValues={':n': {'N': '1'},
                                            ':o': {'S': 'ж😀'}})
    assert found['Items'] == [{'é😀': {'S': 'ключ'}, 'n': {'N': '1'},
                               'ω': {'S': 'ж😀'}}], found
    # a BLOB is UTF-8 in any encoding
    text = json.dumps({'TableName': 'orders', 'Key': {'é😀': {'S': 'ключ'}}},
                      ensure_ascii=False).encode()
    assert 'Item' in json.loads(one(db, 'SELECT dynamo_api(?, ?)', b'GetItem',
                                    text))
    assert one(db, "SELECT sum(write_units) FROM dynamo_capacity('orders') WHERE "
               "index_name = 'by_n'") > 0
    assert one(db, "SELECT dynamo_check('orders')") == 'ok'
    db.close()


def check_halves(so):
    """Half a surrogate pair: SQLite makes other characters of it, or hands over
    what is no UTF-8, which is refused."""
    db = connect(so, encoding='UTF-16le')
    db.execute('CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, v)')
    halves = ["x'00d8'", "x'6100 00d8'", "x'00dc'", "x'00d8 6100'",
              "x'00dc 00d8'", "x'6100 00d8 00d8 6200'", "x'00d8 00'", "x'00'"]
    for half in halves:
        text = f"CAST({half.replace(' ', '')} AS TEXT)"
        for sql in (f'INSERT OR REPLACE INTO t VALUES({text}, {text})',
                    f"INSERT OR REPLACE INTO t VALUES('a', {text})",
                    f"INSERT OR REPLACE INTO t(item) VALUES('{{\"pk\":\"a\","
                    f"\"' || {text} || '\":1}}')",
                    f"SELECT count(*) FROM t WHERE pk = {text}",
                    f"SELECT dynamo_api({text}, {text})",
                    f"SELECT dynamo_api('Query', '{{\"TableName\":\"' || {text} "
                    "|| '\"}')",
                    f'SELECT dynamo_check({text})', f'SELECT dynamo_clock({text})',
                    f"SELECT dynamo_alter('t', {text})",
                    f"SELECT * FROM t({text})",
                    f"SELECT begins_with({text}, 'a')",
                    f"SELECT dynamo_matches('{{}}', {text})",
                    f"SELECT dynamo_json({text})"):
            try:
                rows(db, sql)
            except sqlite3.Error:
                pass
        fails(db, "SELECT dynamo_json('{\"a\":\"' || CAST(x'6100' AS TEXT) || "
              "CAST(x'00d8' AS TEXT))", 'not valid UTF-8')
    for pk, item in rows(db, "SELECT pk, item FROM t('scan')"):  # are UTF-8
        assert json.loads(item)['pk'] == pk
    assert one(db, "SELECT dynamo_check('t')") == 'ok'
    db.close()


def check_attached(so, directory):
    """SQLite refuses a database in another encoding; tables of one encoding work
    together."""
    paths = {}
    for encoding in ENCODINGS:
        paths[encoding] = os.path.join(directory, 'attached-' + encoding)
        db = connect(so, paths[encoding], encoding)
        db.execute('CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY)')
        db.execute("INSERT INTO t VALUES('é😀')")
        db.close()
    for encoding in ENCODINGS:
        db = connect(so, paths[encoding])
        for other in ENCODINGS:
            if other != encoding:
                fails(db, f"ATTACH '{paths[other]}' AS other", 'encoding')
                assert rows(db, 'SELECT schema_name, items FROM dynamo_tables') \
                    == [('main', 1)]
                fails(db, "SELECT dynamo_check('other.t')", 'is no dynamo table')
        db.execute("ATTACH ':memory:' AS new")
        for schema in ('new', 'temp'):
            db.execute(f'CREATE VIRTUAL TABLE {schema}.t USING dynamo(pk TEXT '
                       'PARTITION KEY)')
            db.execute(f'INSERT INTO {schema}.t SELECT pk FROM main.t(\'scan\')')
            assert one(db, f"SELECT pk FROM {schema}.t WHERE pk = 'é😀'") == 'é😀'
            assert one(db, f"SELECT dynamo_check('{schema}.t')") == 'ok'
        db.close()
    # temp is in UTF-8 from its first table on, and the file is not
    path = os.path.join(directory, 'late')
    db = connect(so, path)
    db.execute('CREATE VIRTUAL TABLE temp.t USING dynamo(pk TEXT PARTITION KEY)')
    db.execute("INSERT INTO t VALUES('é')")
    other = connect(so, path, 'UTF-16be')
    other.execute('CREATE TABLE late(a)')
    for sql in ('SELECT * FROM late', "SELECT * FROM t('scan')",
                "SELECT dynamo_check('t')", 'SELECT dynamo_maintain()',
                "SELECT dynamo_api('ListTables', '{}')",
                'SELECT * FROM dynamo_tables', "INSERT INTO t VALUES('b')"):
        fails(db, sql, 'encoding')
    db.close()


def main():
    so = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as directory:
        for encoding in ENCODINGS:
            check_items(so, os.path.join(directory, encoding), encoding)
            check_special(so, encoding)
            check_order(so, encoding)
            check_api(so, encoding)
        check_halves(so)
        check_attached(so, directory)
    print('encodings: ok')


if __name__ == '__main__':
    main()
