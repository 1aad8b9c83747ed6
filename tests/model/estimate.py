"""dynamo_estimate() says what dynamo_cost() says when the statement or request
is then run, and changes nothing: a database in which everything is estimated
first goes the same way as one without, also in its balances, its hot keys and
its file.

usage: estimate.py DYNAMO.SO [--count N] [--seed N]
"""
import argparse
import json
import os
import random
import re
import sqlite3
import tempfile

SIZES = (0, 10, 900, 1100, 4100, 9000)
NAMES = ("foo", "bar")
OPTIONS = "billing = 'provisioned', read_units = {0}, write_units = {0}, hot_keys = 'on'"
# an error, a reason in a transaction, or what a batch leaves
THROTTLED = re.compile(r'Throughput|Unprocessed\w+":\{"')


class Side:
    """Two dynamo tables and one of SQLite's with a trigger, in a file."""

    def __init__(self, so, path, units):
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.enable_load_extension(True)
        self.db.load_extension(so)
        self.one("SELECT dynamo_clock('2026-01-01 00:00:00')")
        options = OPTIONS.format(units)
        self.db.executescript(f"""
            CREATE VIRTUAL TABLE foo USING dynamo(p TEXT PARTITION KEY,
              s NUMBER SORT KEY, a NUMBER, g TEXT, v TEXT, LOCAL INDEX by_a (a)
              PROJECT KEYS, GLOBAL INDEX by_g (g, a) PROJECT (s), {options});
            CREATE VIRTUAL TABLE bar USING dynamo(p TEXT PARTITION KEY, v TEXT,
              {options});
            CREATE TABLE notes(p TEXT, v TEXT);
            CREATE TRIGGER noted AFTER INSERT ON notes BEGIN
              INSERT OR REPLACE INTO bar VALUES(new.p, new.v);
              UPDATE foo SET a = 7 WHERE p = new.p; END;""")

    def one(self, sql, *parameters):
        return self.db.execute(sql, parameters).fetchone()[0]

    def run(self, sql):
        """The rows, and what it fails with."""
        try:
            return self.db.execute(sql).fetchall(), ""
        except sqlite3.Error as error:
            return [], str(error)

    def seen(self):
        """What the connection shows of what has been consumed."""
        return [self.db.execute(sql).fetchall() for sql in (
            "SELECT * FROM dynamo_capacity", "SELECT * FROM dynamo_hot_keys",
            "SELECT * FROM dynamo_partitions", "SELECT * FROM notes",
            "SELECT dynamo_cost(), last_insert_rowid()")]

    def file(self):
        with open(self.path, "rb") as file:
            return file.read()

    def stored(self):
        """All rows of all tables; the identity of a table is its own."""
        out = {}
        for name, in self.db.execute(
                "SELECT name FROM sqlite_schema WHERE rootpage > 0 AND type = "
                "'table'").fetchall():
            rows = self.db.execute(f'SELECT * FROM "{name}"').fetchall()
            out[name] = [row for row in rows if "id" not in row]
        return out


def quote(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def item_of(rng, key):
    """An item of foo, typed."""
    item = {"p": {"S": key[0]}, "s": {"N": str(key[1])},
            "v": {"S": "x" * rng.choice(SIZES)}}
    if rng.random() < 0.6:
        item["g"] = {"S": rng.choice(("g0", "g1"))}
        item["a"] = {"N": str(rng.randrange(3))}
    return item


def some_key(rng):
    return f"k{rng.randrange(5)}", rng.randrange(5)


def key_of(item):
    return {k: item[k] for k in ("p", "s")}


def statement(rng):
    p, s = some_key(rng)
    text = "x" * rng.choice(SIZES)
    a, g = rng.choice((None, 1, 2)), rng.choice((None, "g0", "g1"))
    row = ", ".join(map(quote, (p, s, a, g, text)))
    other = ", ".join(map(quote, (*some_key(rng), a, g, text[:50])))
    p, text, a, g = map(quote, (p, text, a, g))
    return rng.choice((
        f"INSERT OR REPLACE INTO foo VALUES({row}), ({other})",
        f"INSERT INTO foo VALUES({row})",
        f"INSERT OR REPLACE INTO foo SELECT p, s + 1, a, g, v FROM foo WHERE p = {p}",
        f"INSERT OR REPLACE INTO foo(item) SELECT item FROM foo WHERE p = {p}",
        f"UPDATE foo SET v = {text}, a = {a} WHERE p = {p} AND s = {s}",
        f"UPDATE foo SET g = {g}, condition = 'a = 1' WHERE p = {p} AND s = {s}",
        f"UPDATE foo SET g = {g}, v = v || 'more' WHERE p = {p}",
        f"UPDATE foo SET a = 3 WHERE g = 'g1'",
        f"DELETE FROM foo WHERE p = {p} AND s = {s}",
        f"DELETE FROM foo WHERE p = {p} AND s > {s}",
        f"REPLACE INTO bar VALUES({p}, {text})",
        f"INSERT INTO notes VALUES({p}, {text})",
        f"WITH n AS (VALUES({p})) INSERT INTO notes SELECT *, 'n' FROM n",
        f"DELETE FROM notes",
        f"SELECT * FROM foo WHERE p = {p} AND s = {s}",
        f"SELECT * FROM foo('strong') WHERE p = {p}",
        f"SELECT v FROM foo('index by_a') WHERE p = {p} AND a > 0",
        f"SELECT s FROM foo WHERE g = {g} AND a = 1",
        f"SELECT count(*), count(bar.v) FROM foo('scan') LEFT JOIN bar ON bar.p = foo.p",
        f"/* a comment */ SELECT v FROM foo('scan') WHERE p IN ({p}, 'k1') LIMIT 3;",
        f"SELECT p FROM foo WHERE p IN ({p}, 'k1') AND s = {s} -- the end",
    ))


def partiql(rng):
    p, s = some_key(rng)
    return rng.choice((
        f"SELECT * FROM foo WHERE p = '{p}'",
        f"INSERT INTO foo VALUE {{'p': '{p}', 's': {s}, 'g': 'g1', 'a': 1}}",
        f"UPDATE foo SET v = 'w' WHERE p = '{p}' AND s = {s}",
        f"DELETE FROM foo WHERE p = '{p}' AND s = {s}",
    ))


def batch(rng):
    items = {k: item_of(rng, k) for k in (some_key(rng) for _ in range(4))}
    return [{"PutRequest": {"Item": i}} if rng.random() < 0.7 else
            {"DeleteRequest": {"Key": key_of(i)}} for i in items.values()]


def actions(rng):
    items = {k: item_of(rng, k) for k in (some_key(rng) for _ in range(3))}
    for item in items.values():
        yield rng.choice((
            {"Put": {"TableName": "foo", "Item": item}},
            {"Delete": {"TableName": "foo", "Key": key_of(item)}},
            {"Update": {"TableName": "foo", "Key": key_of(item),
                        "UpdateExpression": "SET a = :a REMOVE g",
                        "ExpressionAttributeValues": {":a": {"N": "2"}}}},
            {"ConditionCheck": {"TableName": "foo", "Key": key_of(item),
                                "ConditionExpression": "attribute_exists(p)"}}))


def writing(rng, number):
    item = item_of(rng, some_key(rng))
    foo = {"TableName": "foo"}
    token = {"ClientRequestToken": f"t{rng.randrange(number + 1)}"}
    return rng.choice((
        ("PutItem", {**foo, "Item": item}),
        ("PutItem", {**foo, "Item": item, "ConditionExpression":
                     "attribute_not_exists(p)"}),
        ("UpdateItem", {**foo, "Key": key_of(item), "UpdateExpression":
                        "SET a = :a, v = :v", "ExpressionAttributeValues":
                        {":a": {"N": "2"}, ":v": item["v"]}}),
        ("DeleteItem", {**foo, "Key": key_of(item)}),
        ("BatchWriteItem", {"RequestItems": {"foo": batch(rng), "bar": [
            {"PutRequest": {"Item": {k: item[k] for k in ("p", "v")}}}]}}),
        ("TransactWriteItems", {"TransactItems": list(actions(rng))}),
        ("TransactWriteItems", {"TransactItems": list(actions(rng)), **token}),
        ("ExecuteStatement", {"Statement": partiql(rng)}),
        ("ExecuteTransaction", {"TransactStatements": [
            {"Statement": partiql(rng)} for _ in range(2)]}),
        ("BatchExecuteStatement", {"Statements": [
            {"Statement": partiql(rng)} for _ in range(3)]}),
    ))


def reading(rng):
    key = key_of(item_of(rng, some_key(rng)))
    return rng.choice((
        ("GetItem", {"TableName": "foo", "Key": key, "ConsistentRead": True}),
        ("Query", {"TableName": "foo", "IndexName": "by_g",
                   "KeyConditionExpression": "g = :g",
                   "ExpressionAttributeValues": {":g": {"S": "g1"}}}),
        ("Scan", {"TableName": "foo", "Limit": 4}),
        ("BatchGetItem", {"RequestItems": {"foo": {"Keys": [key]}}}),
        ("TransactGetItems", {"TransactItems": [
            {"Get": {"TableName": "foo", "Key": key}}]}),
        ("ListTables", {}),
    ))


def operations(rng, number):
    """A statement, and what estimates it."""
    if rng.random() < 0.5:
        sql = statement(rng)
        return sql, f"SELECT dynamo_estimate({quote(sql)})"
    name, request = writing(rng, number) if rng.random() < 0.7 else reading(rng)
    arguments = f"{quote(name)}, {quote(json.dumps(request))}"
    sql = f"SELECT dynamo_api({arguments})"
    if rng.random() < 0.1: # the same from within a statement
        return sql, f"SELECT dynamo_estimate({quote(sql)})"
    return sql, f"SELECT dynamo_estimate({arguments})"


class Pair:
    def __init__(self, so, folder, units):
        self.estimating = Side(so, os.path.join(folder, f"a{units}.db"), units)
        self.plain = Side(so, os.path.join(folder, f"b{units}.db"), units)
        self.sides = self.estimating, self.plain
        self.compared = self.throttled = self.failed = 0

    def estimate(self, sql):
        """The text of an estimate; None, and why, when it fails."""
        side = self.estimating
        before = side.seen(), side.file()
        rows, error = side.run(sql)
        assert (side.seen(), side.file()) == before, sql
        assert "Throughput" not in error, (sql, error)
        return (rows[0][0] if rows else None), error

    def step(self, rng, number):
        sql, estimating = operations(rng, number)
        estimate, why = self.estimate(estimating)
        answers = [side.run(sql) for side in self.sides]
        costs = [side.one("SELECT dynamo_cost()") for side in self.sides]
        assert answers[0] == answers[1], (sql, answers)
        rows, error = answers[0]
        if THROTTLED.search(error + str(rows)):
            self.throttled += 1
        elif error:
            self.failed += 1
            assert why == error, (sql, why, error)
        elif "dynamo_api" in sql or " foo" in sql or " bar" in sql:
            self.compared += 1
            assert json.loads(estimate) == json.loads(costs[0]), (
                sql, estimate, costs)
        self.compare()

    def compare(self):
        a, b = (side.seen() for side in self.sides)
        assert a[:4] == b[:4], (a, b)

    def both(self, sql):
        for side in self.sides:
            side.db.execute(sql)

    def finish(self):
        a, b = (side.stored() for side in self.sides)
        assert a == b, [(name, set(a[name]) ^ set(b[name])) for name in a]
        for side in self.sides:
            for name in NAMES:
                assert side.one("SELECT dynamo_check(?)", name) == "ok"


def check(so, folder, units, count, rng):
    pair = Pair(so, folder, units)
    for number in range(count):
        if rng.random() < 0.1:
            is_open = pair.plain.db.in_transaction
            pair.both(rng.choice(("COMMIT", "ROLLBACK")) if is_open else "BEGIN")
        if rng.random() < 0.05:
            pair.estimating.one("SELECT dynamo_clock('+20 seconds')")
        pair.step(rng, number)
    if pair.plain.db.in_transaction:
        pair.both("COMMIT")
    pair.finish()
    assert pair.compared > count / 4 and pair.failed > 0
    assert (pair.throttled > 0) == (units < 1000)
    return pair


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("so")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        for units in (40000, 2):
            pair = check(options.so, folder, units, options.count, rng)
            print(f"{pair.compared} compared, {pair.failed} failed, "
                  f"{pair.throttled} throttled")
    print("ok")


if __name__ == "__main__":
    main()
