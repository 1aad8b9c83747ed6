"""What an operation is admitted with is what it is charged: over random
statements and requests, the balances of the table and of its index go down by
exactly what dynamo_cost() and dynamo_capacity say, and a refused one takes and
changes nothing.

usage: admission.py DYNAMO.SO [--count N] [--seed N]
"""
import argparse
import json
import random
import sqlite3

SIZES = (0, 10, 900, 1100, 4100, 9000)


def parse_gates(text):
    """The balances of both buckets, in thousandths of a unit."""
    numbers = [int(n) for n in text.split()]
    pending = numbers[8]
    return numbers[0], numbers[9 + 2 * pending]


class Side:
    """A table under a frozen clock, and what is known of its units."""

    def __init__(self, so, units):
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.enable_load_extension(True)
        self.db.load_extension(so)
        self.one("SELECT dynamo_clock('2026-01-01 00:00:00')")
        self.db.execute(
            "CREATE VIRTUAL TABLE foo USING dynamo(p TEXT PARTITION KEY, s NUMBER "
            "SORT KEY, a NUMBER, g TEXT, v TEXT, LOCAL INDEX by_a (a) PROJECT "
            "KEYS, GLOBAL INDEX by_g (g, a) PROJECT (s), billing = "
            f"'provisioned', read_units = {units}, write_units = {units})")
        self.db.execute("INSERT INTO foo VALUES('k0', 0, 1, 'g0', 'x')")

    def one(self, sql, *parameters):
        return self.db.execute(sql, parameters).fetchone()[0]

    def state(self):
        """Balances and sums of units, of the table and of the index."""
        self.one("SELECT dynamo_maintain()")
        # what was only read is stored with the next write
        self.db.execute("DELETE FROM foo WHERE p = 'nothing' AND s = 0")
        out = {}
        for index in ("", "by_g"):
            text = self.one(
                "SELECT gates FROM foo_partitions WHERE gates IS NOT NULL AND "
                "tree = coalesce((SELECT tree FROM foo_indexes WHERE "
                "declaration GLOB 'GLOBAL*' AND ?), 0)", index != "")
            used = self.db.execute(
                "SELECT coalesce(sum(read_units), 0), coalesce(sum(write_units), "
                "0) FROM dynamo_capacity('foo') WHERE index_name IS ?",
                (index or None,)).fetchone()
            out[index] = parse_gates(text), used
        return out

    def consumed(self):
        return self.db.execute(
            "SELECT index_name, minute, operation, read_units, write_units "
            "FROM dynamo_capacity('foo') WHERE read_units > 0 OR write_units > 0"
            ).fetchall()

    def cost(self):
        """What dynamo_cost() says, by who pays: local indexes are the table's."""
        out = {"": [0, 0], "by_g": [0, 0]}
        for line in json.loads(self.one("SELECT dynamo_cost()"))["tables"]:
            payer = "by_g" if line.get("index") == "by_g" else ""
            out[payer][0] += line["read_units"]
            out[payer][1] += line["write_units"]
        return out

    def rows(self):
        """What is stored, read beside the table: that costs nothing."""
        return self.db.execute("SELECT * FROM foo_leaves").fetchall()


def operations(rng):
    """A random statement, or a request of the API."""
    key = f"k{rng.randrange(6)}", rng.randrange(4)
    text = "x" * rng.choice(SIZES)
    a = rng.choice((None, 1, 2))
    g = rng.choice((None, "g0", "g1"))
    item = {"p": {"S": key[0]}, "s": {"N": str(key[1])}, "v": {"S": text}}
    both = {k: item[k] for k in ("p", "s")}
    other = {"p": {"S": key[0]}, "s": {"N": "9"}, "g": {"S": "g0"},
             "a": {"N": "1"}, "v": {"S": text}}

    def api(operation, **request):
        return "SELECT dynamo_api(?, ?)", (operation, json.dumps(request))

    return rng.choice((
        ("INSERT OR REPLACE INTO foo VALUES(?, ?, ?, ?, ?)", (*key, a, g, text)),
        ("INSERT INTO foo VALUES(?, ?, ?, ?, ?)", (*key, a, g, text)),
        ("UPDATE foo SET v = ?, a = ? WHERE p = ? AND s = ?", (text, a, *key)),
        ("UPDATE foo SET g = ?, condition = 'a = 1' WHERE p = ? AND s = ?",
         (g, *key)),
        ("DELETE FROM foo WHERE p = ? AND s = ?", key),
        ("DELETE FROM foo WHERE p = ? AND s > ?", key),
        ("SELECT * FROM foo WHERE p = ? AND s = ?", key),
        ("SELECT * FROM foo('strong') WHERE p = ?", key[:1]),
        ("SELECT v FROM foo('index by_a') WHERE p = ? AND a > 0", key[:1]),
        ("SELECT s FROM foo WHERE g = ?", ("g0",)),
        ("SELECT count(*) FROM foo('scan')", ()),
        ("SELECT count(v) FROM foo('scan segment 1 of 3')", ()),
        api("PutItem", TableName="foo", Item=item,
            ConditionExpression="attribute_not_exists(p)"),
        api("UpdateItem", TableName="foo", Key=both, UpdateExpression="SET a = :a",
            ExpressionAttributeValues={":a": {"N": "2"}}),
        api("GetItem", TableName="foo", Key=both, ConsistentRead=True),
        api("Query", TableName="foo", IndexName="by_g",
            KeyConditionExpression="g = :g",
            ExpressionAttributeValues={":g": {"S": "g1"}}),
        api("TransactWriteItems", TransactItems=[
            {"Put": {"TableName": "foo", "Item": other}},
            {"Delete": {"TableName": "foo", "Key": both}}]),
        api("BatchGetItem", RequestItems={"foo": {"Keys": [both]}}),
    ))


def run(side, operation):
    try:
        side.db.execute(*operation).fetchall()
    except sqlite3.Error as error:
        return str(error)
    return ""


def check_admitted(so, count, rng):
    side = Side(so, 40000)
    # the balance is full and far from its ends: 54 partitions, a second's worth
    idle = side.state()
    step = {k: [b - a for a, b in zip(idle[k][1], v[1])]
            for k, v in side.state().items()}
    for _ in range(count):
        before = side.state()
        operation = operations(rng)
        error = run(side, operation)
        assert "Throughput" not in error, error
        cost = side.cost()
        after = side.state()
        for who, (balances, used) in after.items():
            for i in (0, 1):
                # state() itself deletes nothing, which costs
                taken = before[who][0][i] - balances[i] - 1000 * step[who][i]
                more = used[i] - before[who][1][i] - step[who][i]
                assert taken == 1000 * cost[who][i] == 1000 * more, (
                    operation, who, i, taken, cost, more, error)
        assert side.one("SELECT dynamo_check('foo')") == "ok"


def check_refused(so, count, rng):
    side = Side(so, 1)
    side.one("SELECT dynamo_clock('+20 seconds')")
    refused = 0
    for _ in range(count):
        rows = side.rows()
        used = side.consumed()
        throttled = side.one(
            "SELECT coalesce(sum(throttled_reads + throttled_writes), 0) "
            "FROM dynamo_capacity('foo')")
        operation = operations(rng)
        if "ThroughputExceeded" not in run(side, operation):
            continue
        refused += 1
        # an UPDATE or DELETE has paid for finding what it may not write
        if operation[0].startswith(("INSERT", "SELECT dynamo_api('Put")):
            assert side.consumed() == used, operation
            assert side.one("SELECT sum(throttled_reads + throttled_writes) "
                            "FROM dynamo_capacity('foo')") > throttled, operation
        assert side.rows() == rows, operation
        if rng.random() < 0.1:
            side.one("SELECT dynamo_clock('+3 seconds')")
    assert refused > count / 4, refused
    side.one("SELECT dynamo_clock('+5 minutes')")
    assert side.one("SELECT dynamo_check('foo')") == "ok"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("so")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    for _ in range(0, options.count, 200):
        check_admitted(options.so, 200, rng)
    check_refused(options.so, options.count, rng)
    print(f"{options.count} operations, ok")


if __name__ == "__main__":
    main()
