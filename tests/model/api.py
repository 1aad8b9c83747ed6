#!/usr/bin/env python3
"""Random requests to dynamo_api(), beside a dictionary.

usage: api.py PATH_TO_DYNAMO [--seed N] [--requests N]
              [--encoding UTF-8]

Puts, updates and deletes with conditions; gets; and queries and scans of a
table, a local and a global index, in pages of a random Limit, either way, with
ranges and filters. What comes back, and in which order, is computed here from
a plain dictionary; so are Count, ScannedCount, where LastEvaluatedKey is, and
the units of each page. Exits 1 at the first difference.
"""
import argparse
import json
import random
import sqlite3
import sys

# name: (partition key, sort key, projected attributes; None: all)
KEYS = {
    None: ("p", "s", None),
    "near": ("p", "n", {"p", "s", "n", "a"}),
    "far": ("g", "s", {"p", "s", "g", "n"}),
}
TYPES = {"p": "S", "s": "N", "n": "N", "g": "S", "a": "S"}


class Difference(Exception):
    pass


def typed(item):
    return {n: {TYPES[n]: str(v)} for n, v in item.items()}


def plain(item):
    return {n: int(v["N"]) if "N" in v else v["S"] for n, v in item.items()}


def value_size(value):
    """Of a text, or of a number of one or two digits."""
    if isinstance(value, str):
        return len(value)
    return 1 if value == 0 else 2


def size_of(item):
    return sum(len(n) + value_size(v) for n, v in item.items())


def read_halves(size, strong):
    return max(1, -(-size // 4096)) * (2 if strong else 1)


class Test:
    def __init__(self, path, seed, encoding):
        self.random = random.Random(seed)
        self.items = {}
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.enable_load_extension(True)
        self.db.load_extension(path)
        self.db.execute(f"PRAGMA encoding = '{encoding}'")
        self.db.execute(
            "CREATE VIRTUAL TABLE things USING dynamo(p TEXT PARTITION KEY, "
            "s NUMBER SORT KEY, LOCAL INDEX near (n NUMBER) PROJECT (a), "
            "GLOBAL INDEX far (g TEXT, s) PROJECT (n))")

    def call(self, operation, **request):
        request["TableName"] = "things"
        try:
            row = self.db.execute("SELECT dynamo_api(?, ?)",
                                  (operation, json.dumps(request))).fetchone()
            return json.loads(row[0])
        except sqlite3.Error as error:
            return str(error).split(":")[0]

    def expect(self, what, found, wanted):
        if found != wanted:
            raise Difference(f"{what}\nis     {found}\nnot    {wanted}")

    # -------------------------------------------------------------- writing

    def random_item(self):
        r = self.random
        item = {"p": r.choice("xyz"), "s": r.randrange(12)}
        if r.random() < 0.7:
            item["n"] = r.randrange(5)
        if r.random() < 0.7:
            item["g"] = r.choice("uvw")
        if r.random() < 0.7:
            item["a"] = r.choice("bcde") * r.choice((1, 3, 900))
        return item

    def write(self):
        item = self.random_item()
        key = (item["p"], item["s"])
        old = self.items.get(key)
        request = {"ReturnValues": "ALL_OLD"}
        fails = False
        if self.random.random() < 0.4:
            request["ConditionExpression"] = "n = :n OR attribute_not_exists(p)"
            n = self.random.randrange(5)
            request["ExpressionAttributeValues"] = {":n": {"N": str(n)}}
            fails = old is not None and old.get("n") != n
        if self.random.random() < 0.3:
            operation, new = "DeleteItem", None
            request["Key"] = typed({"p": item["p"], "s": item["s"]})
        else:
            operation, new = "PutItem", item
            request["Item"] = typed(item)
        wanted = "ConditionalCheckFailedException"
        if not fails:
            wanted = {} if old is None else {"Attributes": typed(old)}
            self.items[key] = new
            if new is None:
                del self.items[key]
        self.expect((operation, request), self.call(operation, **request),
                    wanted)

    def update(self):
        item = self.random_item()
        key = (item["p"], item["s"])
        new = dict(self.items.get(key, {"p": key[0], "s": key[1]}))
        request = {"Key": typed({"p": key[0], "s": key[1]}),
                   "ReturnValues": "ALL_NEW"}
        if self.random.random() < 0.5:
            new["n"] = new.get("n", 0) + 1
            new["n"] = min(new["n"], 99)
            if new["n"] == 99:
                return
            new.pop("a", None)
            request["UpdateExpression"] = "ADD n :one REMOVE a"
            request["ExpressionAttributeValues"] = {":one": {"N": "1"}}
        else:
            new["g"] = "t"
            new.pop("n", None)
            request["AttributeUpdates"] = {"g": {"Value": {"S": "t"}},
                                           "n": {"Action": "DELETE"}}
        self.items[key] = new
        self.expect(("UpdateItem", request), self.call("UpdateItem", **request),
                    {"Attributes": typed(new)})

    def get(self):
        item = self.random_item()
        key = (item["p"], item["s"])
        wanted = {}
        if key in self.items:
            wanted["Item"] = typed(self.items[key])
        self.expect(("GetItem", key),
                    self.call("GetItem", Key=typed({"p": key[0], "s": key[1]})),
                    wanted)

    # -------------------------------------------------------------- reading

    def entries(self, index):
        """What an index holds, by its key and then the table's."""
        partition, sort, projected = KEYS[index]
        out = []
        for item in self.items.values():
            if partition not in item or sort not in item:
                continue
            held = {n: v for n, v in item.items()
                    if projected is None or n in projected}
            out.append(((item[sort], item["p"], item["s"]), held))
        return [held for _, held in sorted(out, key=lambda e: e[0])]

    def pages(self, operation, request, limit):
        """All pages of a request."""
        start = {}
        while True:
            page = self.call(operation, **request, **start, **limit,
                             ReturnConsumedCapacity="TOTAL")
            if isinstance(page, str):
                raise Difference(f"{operation} {request}: {page}")
            yield page
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def check_pages(self, operation, request, limit, rows, matches, strong):
        """rows are what is evaluated, in order."""
        what = (operation, request, limit)
        at = 0
        for page in self.pages(operation, request, limit):
            step = min(limit.get("Limit", len(rows)), len(rows) - at)
            part = rows[at:at + step]
            at += step
            shown = [r for r in part if matches(r)]
            self.expect(what, [plain(i) for i in page["Items"]], shown)
            self.expect(what, (page["Count"], page["ScannedCount"]),
                        (len(shown), len(part)))
            self.expect(what, "LastEvaluatedKey" in page,
                        step > 0 and step == limit.get("Limit"))
            halves = read_halves(sum(map(size_of, part)), strong)
            self.expect(what, page["ConsumedCapacity"]["CapacityUnits"],
                        halves / 2)
        self.expect(what, at, len(rows))

    def random_filter(self, request, values):
        if self.random.random() < 0.6:
            return lambda item: True
        number = self.random.randrange(5)
        request["FilterExpression"] = "n > :filter"
        values[":filter"] = {"N": str(number)}
        return lambda item: "n" in item and item["n"] > number

    def random_limit(self):
        if self.random.random() < 0.3:
            return {}
        return {"Limit": self.random.randrange(1, 8)}

    def query(self):
        r = self.random
        index = r.choice(list(KEYS))
        partition, sort, _ = KEYS[index]
        value = r.choice("uvwt" if partition == "g" else "xyz")
        rows = [e for e in self.entries(index) if e[partition] == value]
        values = {":p": {"S": value}}
        condition = f"{partition} = :p"
        low, high = sorted((r.randrange(12), r.randrange(12)))
        ranges = {
            "": lambda v: True,
            " AND {} = :l": lambda v: v == low,
            " AND {} < :l": lambda v: v < low,
            " AND {} <= :l": lambda v: v <= low,
            " AND {} > :l": lambda v: v > low,
            " AND {} >= :l": lambda v: v >= low,
            " AND {} BETWEEN :l AND :h": lambda v: low <= v <= high,
        }
        text = r.choice(list(ranges))
        rows = [e for e in rows if ranges[text](e[sort])]
        if ":l" in text:
            values[":l"] = {"N": str(low)}
        if ":h" in text:
            values[":h"] = {"N": str(high)}
        strong = index != "far" and r.random() < 0.3
        request = {"KeyConditionExpression": condition + text.format(sort),
                   "ExpressionAttributeValues": values,
                   "ConsistentRead": strong}
        if index is not None:
            request["IndexName"] = index
        matches = lambda item: True
        if sort != "n":
            matches = self.random_filter(request, values)
        if r.random() < 0.5:
            request["ScanIndexForward"] = False
            rows.reverse()
        self.check_pages("Query", request, self.random_limit(), rows, matches,
                         strong)

    def scan(self):
        r = self.random
        index = r.choice(list(KEYS))
        values = {}
        request = {} if index is None else {"IndexName": index}
        matches = self.random_filter(request, values)
        if values:
            request["ExpressionAttributeValues"] = values
        segments = r.choice((1, 1, 3))
        found, scanned = [], 0
        for segment in range(segments):
            if segments > 1:
                request.update(Segment=segment, TotalSegments=segments)
            for page in self.pages("Scan", request, self.random_limit()):
                found += [plain(i) for i in page["Items"]]
                scanned += page["ScannedCount"]
        rows = self.entries(index)
        order = lambda item: (item["p"], item["s"])
        self.expect(("Scan", request), sorted(found, key=order),
                    sorted(filter(matches, rows), key=order))
        self.expect(("Scan", request), scanned, len(rows))

    def run(self, requests):
        steps = [self.write] * 5 + [self.update] * 2 + [self.get] + \
            [self.query] * 4 + [self.scan]
        for number in range(requests):
            self.random.choice(steps)()
            if number % 500 == 0:
                check = self.db.execute(
                    "SELECT dynamo_check('things')").fetchone()[0]
                self.expect("dynamo_check", check, "ok")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("extension")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--encoding", default="UTF-8")
    parser.add_argument("--requests", type=int, default=20000)
    arguments = parser.parse_args()
    try:
        Test(arguments.extension, arguments.seed,
             arguments.encoding).run(arguments.requests)
    except Difference as difference:
        print(f"seed {arguments.seed}: {difference}")
        sys.exit(1)
    print(f"api: {arguments.requests} requests agree")


if __name__ == "__main__":
    main()
