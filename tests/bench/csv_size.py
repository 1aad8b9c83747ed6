"""Bytes of a file that has the rows of a CSV file: in an ordinary table, in a
dynamo table with the same columns, and in one that has them as attributes of
its items alone. Prints a markdown table. Three rows have a partition key.

usage: csv_size.py DYNAMO.SO FILE.csv [COPIES]
"""
import csv
import json
import os
import sqlite3
import sys
import tempfile


def number_or_text(text):
    try:
        return float(text)
    except ValueError:
        return text


def read(path, copies):
    with open(path, newline='') as file:
        names, *rows = csv.reader(file)
    numbered = [(f'{i // 3:07d}', i % 3, *map(number_or_text, row))
                for i, row in enumerate(rows * copies)]
    return names, numbered


def quoted(names):
    return ', '.join(f'"{name}"' for name in names)


def size(folder, so, declaration, insert, rows):
    path = os.path.join(folder, 'file.db')
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    db.execute(declaration)
    db.execute('BEGIN')
    db.executemany(insert, rows)
    db.execute('COMMIT')
    db.close()
    bytes_ = os.path.getsize(path)
    os.remove(path)
    return bytes_


def main():
    so = os.path.abspath(sys.argv[1])
    names, rows = read(sys.argv[2], int((sys.argv[3:] or ['10'])[0]))
    all_names = ['pk', 'sk', *names]
    items = [(json.dumps(dict(zip(all_names, row))),) for row in rows]
    values = ', '.join('?' * len(all_names))
    key = 'pk TEXT PARTITION KEY, sk NUMBER SORT KEY'
    kinds = [
        ('ordinary table, WITHOUT ROWID',
         f'CREATE TABLE t(pk TEXT, sk, {quoted(names)},'
         ' PRIMARY KEY(pk, sk)) WITHOUT ROWID',
         f'INSERT INTO t VALUES({values})', rows),
        ('ordinary table with a rowid',
         f'CREATE TABLE t(pk TEXT, sk, {quoted(names)}, PRIMARY KEY(pk, sk))',
         f'INSERT INTO t VALUES({values})', rows),
        ('dynamo, columns',
         f'CREATE VIRTUAL TABLE t USING dynamo({key}, {quoted(names)})',
         f'INSERT INTO t({quoted(all_names)}) VALUES({values})', rows),
        ('dynamo, attributes of items',
         f'CREATE VIRTUAL TABLE t USING dynamo({key})',
         'INSERT INTO t(item) VALUES(?)', items),
    ]
    print('| | bytes a row |\n|---|--:|')
    with tempfile.TemporaryDirectory() as folder:
        for name, declaration, insert, values in kinds:
            bytes_ = size(folder, so, declaration, insert, values)
            print(f'| {name} | {bytes_ / len(values):.0f} |')


if __name__ == '__main__':
    main()
