#!/usr/bin/env python3
"""The same random writes to a remote table and to one of a file: they have to
succeed or fail alike, with the same code and message, and to leave the same
items.

usage: random_writes.py DYNAMO.SO DYNAMO_REMOTE.SO [--count=1500] [--seed=1]
                        [--endpoint=URL]

Without an endpoint, the server is one of our own on dynamo_api().
"""
import argparse
import json
import random
import sqlite3
import sys
import uuid

import served

ITEMS = ['{"Tags": {"SS": ["b", "a"]}, "Amount": 12345678901234567890123456789}',
         '{"Deep": {"a": [1, {"b": null}], "c d": true}}', '{"Amount": 4}',
         '{"Note": "x", "Raw": {"B": "AAE="}}', '{"Customer": "b", "Amount": 1}',
         '{"Day": 3}', '{"Amount": "text"}', 'no json', '{"Tags": {"SS": []}}']
CONDITIONS = ["Amount = 4", "attribute_not_exists(Customer)", "Amount > 3 AND "
              "NOT (Note = 'x' OR size(Note) > 2)", "Amount IN (1, 2, 4)",
              "contains(Tags, 'a')", "Deep.a[1].\"b\" = 1",
              "attribute_type(Amount, 'N') AND Amount BETWEEN 0 AND 9",
              "begins_with(Note, 'y') OR Day < 3", "Amount =", "size = 1",
              "attribute_exists(Deep.\"c d\")"]


def value(rng, choices):
    return rng.choice(choices)


def statement(rng):
    """A statement over {t}, and its parameters."""
    customer = value(rng, ["a", "a", "b", "ä", "", 7, None, b"x"])
    day = value(rng, [1, 2, 3, 2.5, -1, "2", "x", None])
    amount = value(rng, [None, 0, 4, 1.5, "4", "text", b"\0", "9" * 39])
    note = value(rng, [None, "x", "y", "", "long " * 10])
    condition = value(rng, CONDITIONS) if rng.random() < 0.4 else None
    way = rng.randrange(8)
    if way < 3:
        verb = value(rng, ["INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE"])
        return (f"{verb} INTO {{t}}(Customer, Day, Amount, Note, condition) "
                "VALUES(?, ?, ?, ?, ?)", (customer, day, amount, note, condition))
    if way == 3:
        verb = value(rng, ["INSERT", "INSERT OR REPLACE"])
        return (f"{verb} INTO {{t}}(item, Customer, Day) VALUES(?, ?, ?)",
                (value(rng, ITEMS), customer, day))
    where = " WHERE Customer = ? AND Day = ?" if rng.random() < 0.7 else \
        " WHERE Customer = ? AND Day > ?"
    if way == 4:
        return "DELETE FROM {t}" + where, (customer, day)
    if way == 5:
        return ("UPDATE {t} SET item = ?" + where,
                (value(rng, ITEMS), customer, day))
    if way == 6:
        return ("UPDATE {t} SET Amount = ?, Customer = ?" + where,
                (amount, customer if rng.random() < 0.8 else "z", customer, day))
    return ("UPDATE {t} SET Amount = coalesce(Amount, 0) + 1, Note = ?, condition = ?"
            + where, (note, condition, customer, day))


def run(db, table, text, parameters):
    """Its error, without the name of the table, or None."""
    try:
        db.execute(text.format(t=table), parameters).fetchall()
    except sqlite3.Error as error:
        return (str(error).replace(table, "t"), error.sqlite_errorcode & 0xff)
    return None


def is_alike(text, parameters, wanted, got):
    """An INSERT with a condition asks for both at once, so the server does not
    tell which of them was not met."""
    if got == wanted:
        return True
    return (text.startswith("INSERT INTO") and parameters[-1] in CONDITIONS
            and wanted is not None and got is not None
            and wanted[0].startswith("t: an item with this key is there already")
            and got[0].startswith("t: ConditionalCheckFailedException"))


def items(db, table):
    return sorted(text for text, in db.execute(
        f"SELECT dynamo_json(item) FROM {table}('scan')"))


def compare(db, options):
    rng = random.Random(options.seed)
    failed = 0
    for number in range(options.count):
        text, parameters = statement(rng)
        wanted = run(db, "kept", text, parameters)
        got = run(db, "away", text, parameters)
        failed += wanted is not None
        if not is_alike(text, parameters, wanted, got) or \
                number % 100 == 0 and \
                items(db, "kept") != items(db, "away"):
            print(f"FAIL: statement {number} of seed {options.seed}: {text} "
                  f"{parameters}\n  a file: {wanted}\n  remote: {got}")
            return 1
    if items(db, "kept") != items(db, "away"):
        print("FAIL: other items in the end")
        return 1
    print(f"random_writes: {options.count} statements, {failed} failed alike, "
          f"seed {options.seed}")
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dynamo")
    parser.add_argument("remote")
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--endpoint")
    options = parser.parse_args()
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(options.dynamo)
    db.load_extension(options.remote)
    db.execute("CREATE VIRTUAL TABLE kept USING dynamo(Customer TEXT PARTITION KEY,"
               " Day NUMBER SORT KEY, Amount NUMBER, Note TEXT)")
    name = f"away-{uuid.uuid4().hex[:8]}"
    with served.endpoint(options.dynamo, options.endpoint) as endpoint:
        db.execute("SELECT dynamo_remote_api(?, 'CreateTable', ?)", (
            endpoint, json.dumps({
                "TableName": name, "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    {"AttributeName": "Customer", "AttributeType": "S"},
                    {"AttributeName": "Day", "AttributeType": "N"}],
                "KeySchema": [{"AttributeName": "Customer", "KeyType": "HASH"},
                              {"AttributeName": "Day", "KeyType": "RANGE"}]})))
        db.execute("CREATE VIRTUAL TABLE temp.away USING dynamo_remote(table = "
                   f"'{name}', endpoint = '{endpoint}', Amount NUMBER, Note TEXT)")
        return compare(db, options)


if __name__ == "__main__":
    sys.exit(main())
