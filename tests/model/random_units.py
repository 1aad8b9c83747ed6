#!/usr/bin/env python3
"""What every operation consumes of tables with seven indexes, by the rules alone.

usage: random_units.py DYNAMO.SO [--count N] [--seed N]

Random requests of the API, statements of PartiQL and of SQL, many of them within
savepoints that may be rolled back. What each one consumes of a table and of each
index is computed here from docs/semantics.md 1 to 4, and has to be what
dynamo_cost(), the ConsumedCapacity of the response and dynamo_capacity say. Exits
1 at the first difference.
"""
import collections
import json
import sqlite3
import sys

from changes import (Change, Changes, batch, batch_of_reads, keep, key_item, key_of,
                     random_value, selection, transaction, transaction_of_reads)
from rounds import choose_step, connect, expect, run
from rules import (EVENTUAL, KB, STRONG, TRANSACTIONAL, Charge, Index,
                   canonical, consumed_capacity, grouped, item_bytes, read_units,
                   sum_of, write_units)
from units import PAGE_BYTES

TABLES = ("tab", "tob")
INDEXES = {
    "near_keys": Index(True, ("pk",), ("lt",), ()),
    "near_list": Index(True, ("pk",), ("ln",), ("x", "m")),
    "near_all": Index(True, ("pk",), ("lt",), None),
    "far_all": Index(False, ("g",), (), None),
    "far_keys": Index(False, ("g",), ("gt",), ()),
    "far_list": Index(False, ("gn",), (), ("x", "m")),
    "far_pair": Index(False, ("g", "gt"), ("gn",), ("x",)),
}
THE_TABLE = Index(True, ("pk",), ("sk",), None)
ATTRIBUTES = ("pk", "sk", "lt", "ln", "g", "gt", "gn", "x", "m", "y", "z")
DECLARATION = """CREATE VIRTUAL TABLE {} USING dynamo(
    pk TEXT PARTITION KEY, sk NUMBER SORT KEY, lt TEXT, ln NUMBER, g TEXT, gt TEXT,
    gn NUMBER, x TEXT, y TEXT,
    LOCAL INDEX near_keys (lt) PROJECT KEYS, LOCAL INDEX near_list (ln) PROJECT (x, m),
    LOCAL INDEX near_all (lt) PROJECT ALL, GLOBAL INDEX far_all (g) PROJECT ALL,
    GLOBAL INDEX far_keys (g, gt) PROJECT KEYS, GLOBAL INDEX far_list (gn) PROJECT (x, m),
    GLOBAL INDEX far_pair PARTITION KEY (g, gt) SORT KEY (gn) PROJECT (x))"""


def write_charges(change, factor=1):
    """The indexes are charged once, also in a transaction; and not when the
    condition of the change fails."""
    charges = [Charge(change.table, None, change.operation, "write",
                      factor * write_units(change.old, change.new))]
    if not change.is_failing:
        charges += [Charge(change.table, name, change.operation, "write", units)
                    for name, index in INDEXES.items()
                    for _, units in index.charges(change.old, change.new)]
    return charges


class Bench:
    """Two tables, and what they should hold and have consumed."""

    def __init__(self, so, rng):
        self.rng = rng
        self.db = connect(so)
        self.db.execute("SELECT dynamo_clock('2026-01-01 00:00:00')").fetchall()
        self.items = {table: {} for table in TABLES}
        self.consumed = collections.Counter()
        self.counts = collections.Counter()
        self.changes = Changes(rng, self.attributes, self.new_item)
        self.large_share = rng.choice((0, 0.05, 0.5))
        self.depth = self.tokens = 0
        for table in TABLES:
            self.db.execute(DECLARATION.format(table))

    @staticmethod
    def tables_text():
        return "\n".join(map(DECLARATION.format, TABLES))

    def execute(self, sql, parameters, charges, error=None):
        """It consumes this, and fails with such an error or not at all."""
        what = f"{sql} {str(parameters)[:3000]}"
        rows, text = None, None
        try:
            rows = self.db.execute(sql, parameters).fetchall()
        except sqlite3.Error as failure:
            text = str(failure)
        if error is None or text is None or error not in text:
            expect(what, text, error)
        cost = json.loads(self.db.execute("SELECT dynamo_cost()").fetchone()[0])
        expect(
            f"dynamo_cost() of {what}",
            {(line["table"], line.get("index")):
             {"read": line["read_units"], "write": line["write_units"]}
             for line in cost["tables"]},
            {key: sum_of(some) for key, some in
             grouped(charges, lambda c: (c.table, c.index)).items()})
        self.count(charges)
        return rows

    def count(self, charges):
        """In dynamo_capacity, a local index belongs to its table."""
        for charge in charges:
            is_local = charge.index and INDEXES[charge.index].is_local
            self.consumed[charge.table, None if is_local else charge.index,
                          charge.operation, charge.direction] += charge.units

    def check_capacity(self):
        found = collections.Counter()
        for table in TABLES:
            for index, operation, reads, writes in self.db.execute(
                    "SELECT index_name, operation, read_units, write_units "
                    "FROM dynamo_capacity(?)", [table]):
                found[table, index, operation, "read"] += reads
                found[table, index, operation, "write"] += writes
        for key in {*found, *self.consumed}:
            expect(f"dynamo_capacity: {key}", found[key], self.consumed[key])

    def call(self, operation, request, charges, error=None):
        """A request of the API, and the ConsumedCapacity of its response."""
        self.counts[operation] += 1
        level = self.rng.choice(("TOTAL", "INDEXES", "NONE", None))
        if level:
            request = {**request, "ReturnConsumedCapacity": level}
        rows = self.execute("SELECT dynamo_api(?, ?)",
                            [operation, json.dumps(request)], charges, error)
        if rows is None:
            return None
        response = json.loads(rows[0][0])
        found = response.get("ConsumedCapacity", [])
        wanted = []
        if level in ("TOTAL", "INDEXES"):
            wanted = consumed_capacity(INDEXES, charges, level, "Transact" in operation
                                       or operation == "ExecuteTransaction")
        expect(f"ConsumedCapacity of {operation} {str(request)[:3000]}",
               sorted([found] if isinstance(found, dict) else found,
                      key=lambda line: line["TableName"]), wanted)
        return response

    # --- random keys and items

    def some_key(self):
        table = self.rng.choice(("tab", "tab", "tab", "tob"))
        if self.items[table] and self.rng.random() < 0.5:
            return table, self.rng.choice(sorted(self.items[table]))
        return table, (self.rng.choice(("a", "bb", "ccc", "é")),
                       self.rng.randrange(-3, 12))

    def some_keys(self):
        """Some keys, each of them once."""
        return list(dict.fromkeys(self.some_key()
                                  for _ in range(self.rng.randrange(1, 7))))

    def attributes(self, share):
        rng = self.rng
        sizes = (0, 3, 500, 980, 1000, 1024, 3000, 4000)
        every = {"lt": {"S": rng.choice(("a", "b", "c" * 900))},
                 "ln": {"N": str(rng.randrange(4))},
                 "g": {"S": rng.choice(("g1", "g2", "g" * 1100))},
                 "gt": {"S": rng.choice("uv")},
                 "gn": {"N": rng.choice(("1", "2", "1.0"))},
                 "x": {"S": "x" * rng.choice(sizes)},
                 "m": random_value(rng), "z": random_value(rng)}
        return {n: v for n, v in every.items() if rng.random() < share}

    def new_item(self, key):
        """Many are within a byte of a step of units. Some are so large that a page of
        a read has only a few."""
        rng = self.rng
        item = {**key_item(key), **self.attributes(0.6)}
        step = rng.choice((0, 0, 0, 0, 1, 2, 4, 8))
        if rng.random() < self.large_share:
            step = rng.choice((100, 190))
        room = step * KB + rng.choice((-1, 0, 1)) - item_bytes(item) - len("y")
        if room >= 0:
            item["y"] = {"S": "y" * room}
        return item

    # --- writes

    def make(self, how, *keys):
        """A random change of each of these items."""
        return [how(table, key, self.items[table].get(key)) for table, key in keys]

    def write_item(self):
        change, = self.make(self.changes.by_request, self.some_key())
        request = {"ReturnValues": "ALL_OLD", **change.request}
        self.call(change.operation, request, write_charges(change),
                  "ConditionalCheckFailed" if change.is_failing else None)
        keep(self.items, [change])

    def write_statement(self):
        change, = self.make(self.changes.by_statement, self.some_key())
        error = "DuplicateItem" if change.operation == "PutItem" else "ConditionalCheck"
        self.call("ExecuteStatement", change.request, write_charges(change),
                  error if change.is_failing else None)
        keep(self.items, [change])

    def batch_write(self):
        changes = self.make(self.changes.of_batch, *self.some_keys())
        self.call("BatchWriteItem", batch(changes),
                  [c for change in changes for c in write_charges(change)])
        keep(self.items, changes)

    def batch_statements(self):
        """Statements that fail are paid like the others."""
        changes = self.make(self.changes.by_statement, *self.some_keys())
        response = self.call("BatchExecuteStatement",
                             {"Statements": [c.request for c in changes]},
                             [c for change in changes for c in write_charges(change)])
        expect("statements that fail",
               ["Error" in answer for answer in response["Responses"]],
               [change.is_failing for change in changes])
        keep(self.items, changes)

    def transact_write(self):
        """All of it or nothing, and paid in any case. The same again, by its token,
        is charged as reads."""
        how = self.rng.choice((self.changes.by_action, self.changes.by_statement))
        changes = self.make(how, *self.some_keys())
        operation, request = transaction(changes)
        self.tokens += 1
        request["ClientRequestToken"] = f"token {self.tokens}"
        is_canceled = any(change.is_failing for change in changes)
        self.call(operation, request,
                  [c for change in changes for c in write_charges(change, 2)],
                  "TransactionCanceled" if is_canceled else None)
        if is_canceled:
            return
        keep(self.items, changes)
        if self.rng.random() < 0.5:
            self.write_item()
            self.call(operation, request, [
                self.get_charge(c.table, c.key, TRANSACTIONAL) for c in changes])

    # --- reads of whole keys

    def get_charge(self, table, key, factor):
        size = item_bytes(self.items[table].get(key))
        return Charge(table, None, "GetItem", "read", read_units(size, factor))

    def get(self):
        table, key = self.some_key()
        factor = self.rng.choice((STRONG, EVENTUAL))
        operation, request = self.rng.choice((
            ("GetItem", {"TableName": table, "Key": key_item(key)}),
            ("ExecuteStatement", selection(table, key))))
        self.call(operation, {**request, "ConsistentRead": factor == STRONG},
                  [self.get_charge(table, key, factor)])

    def get_many(self):
        keys = self.some_keys()
        charges = [self.get_charge(*key, EVENTUAL) for key in keys]
        self.call("BatchExecuteStatement",
                  {"Statements": [selection(*key) for key in keys]}, charges)

    def transact_get(self):
        keys = self.some_keys()
        self.call(*transaction_of_reads(self.rng, keys),
                  [self.get_charge(*key, TRANSACTIONAL) for key in keys])

    def batch_get(self):
        keys = self.some_keys()
        strong = [table for table in TABLES if self.rng.random() < 0.5]
        self.call("BatchGetItem", {"RequestItems": batch_of_reads(keys, strong)},
                  [self.get_charge(table, key, STRONG if table in strong else EVENTUAL)
                   for table, key in keys])

    # --- queries and scans, page by page

    def some_access(self):
        """A table, the name of an index or None, and the factor of a read."""
        name = self.rng.choice((None, None, *INDEXES))
        is_far = name and not INDEXES[name].is_local
        return (self.rng.choice(TABLES), name,
                EVENTUAL if is_far else self.rng.choice((STRONG, EVENTUAL)))

    def partition(self, table, name):
        """A random partition key of an index, and the keys of the items there."""
        index = INDEXES.get(name, THE_TABLE)
        values = {"pk": {"S": self.rng.choice(("a", "bb", "ccc", "é", "none"))},
                  "g": {"S": self.rng.choice(("g1", "g2", "g" * 1100, "none"))},
                  "gt": {"S": self.rng.choice("uvw")},
                  "gn": {"N": self.rng.choice("123")}}
        wanted = {attribute: values[attribute] for attribute in index.partition}
        keys = [key for key, item in self.items[table].items() if index.entry(item)
                and all(canonical(item[n]) == canonical(v) for n, v in wanted.items())]
        return wanted, sorted(keys)

    def query(self):
        table, name, factor = self.some_access()
        wanted, keys = self.partition(table, name)
        request = {
            "TableName": table,
            "KeyConditionExpression": " AND ".join(f"{n} = :{n}" for n in wanted),
            "ExpressionAttributeValues": {f":{n}": v for n, v in wanted.items()},
            "ScanIndexForward": self.rng.random() < 0.7}
        self.pages("Query", request, table, name, factor, keys)

    def scan(self):
        table, name, factor = self.some_access()
        request = {"TableName": table}
        keys = sorted(key for key, item in self.items[table].items()
                      if INDEXES.get(name, THE_TABLE).entry(item))
        if self.rng.random() < 0.3:
            request["TotalSegments"] = self.rng.randrange(1, 5)
            request["Segment"] = self.rng.randrange(request["TotalSegments"])
            keys = None
        self.pages("Scan", request, table, name, factor, keys)

    def listing(self, operation, request, table, name):
        """The keys of a read, in its order; charged as it says, for that is what we
        are about to check."""
        request = {**request, "ProjectionExpression": "pk, sk",
                   "ReturnConsumedCapacity": "TOTAL"}
        keys = []
        while True:
            response = json.loads(self.db.execute(
                "SELECT dynamo_api(?, ?)",
                [operation, json.dumps(request)]).fetchone()[0])
            units = response["ConsumedCapacity"]["CapacityUnits"]
            self.count([Charge(table, name, operation, "read", units)])
            keys += map(key_of, response["Items"])
            if "LastEvaluatedKey" not in response:
                return keys
            request["ExclusiveStartKey"] = response["LastEvaluatedKey"]

    def choose(self, request, operation, name):
        """What is asked of the items. Whether a local index has to fetch them."""
        rng = self.rng
        index = INDEXES.get(name, THE_TABLE)
        projected = index.attributes()
        readable = [n for n in ATTRIBUTES
                    if index.is_local or projected is None or n in projected]
        asked = set()
        what = rng.choice(("all", "COUNT", "projection", "projection", "nothing"))
        if what == "COUNT":
            request["Select"] = "COUNT"
        elif what == "all" and len(readable) == len(ATTRIBUTES):
            request["Select"] = "ALL_ATTRIBUTES"
            asked |= set(ATTRIBUTES)
        elif what == "projection":
            asked |= set(rng.sample(readable, rng.randrange(1, 4)))
            request["ProjectionExpression"] = ", ".join(sorted(asked))
        keys = index.partition + index.sort if operation == "Query" else ()
        filtered = rng.choice([n for n in readable if n not in keys])
        if rng.random() < 0.4:
            request["FilterExpression"] = f"attribute_exists({filtered})"
            asked.add(filtered)
        return projected is not None and not asked <= projected

    def pages(self, operation, request, table, name, factor, keys):
        """A page ends with the item that reaches its Limit or 1 MB."""
        index = INDEXES.get(name, THE_TABLE)
        request = {**request, "ConsistentRead": factor == STRONG,
                   **({"IndexName": name} if name else {})}
        order = self.listing(operation, request, table, name)
        if keys is not None:
            expect(f"keys of {request}", sorted(order), keys)
        is_fetching = self.choose(request, operation, name)
        limit = self.rng.choice((None, None, 1, 2, 5, 100))
        if limit:
            request["Limit"] = limit
        while True:
            size, count, fetched, is_cut = 0, 0, 0, False
            while order and not is_cut:
                item = self.items[table][order.pop(0)]
                size += item_bytes(index.entry(item))
                fetched += read_units(item_bytes(item), factor)
                count += 1
                is_cut = count == limit or size >= PAGE_BYTES
            charges = [Charge(table, name, operation, "read",
                              read_units(size, factor))]
            if is_fetching and count > 0:
                charges.append(Charge(table, None, operation, "read", fetched))
            response = self.call(operation, request, charges)
            expect(f"the page of {operation} {str(request)[:3000]}",
                   (response["ScannedCount"], "LastEvaluatedKey" in response),
                   (count, is_cut))
            if not is_cut:
                return
            request = {**request, "ExclusiveStartKey": response["LastEvaluatedKey"]}

    # --- SQL

    def sql_by_index(self):
        """A SELECT or an UPDATE through an index: a query, and the writes."""
        table, name, factor = self.some_access()
        index = INDEXES.get(name, THE_TABLE)
        wanted, keys = self.partition(table, name)
        items = [self.items[table][key] for key in keys]
        size = sum(item_bytes(index.entry(item)) for item in items)
        if size >= PAGE_BYTES:
            return
        where = " AND ".join(f"{n} = ?" for n in wanted)
        values = [v["S"] if "S" in v else int(v["N"]) for v in wanted.values()]
        if self.rng.random() < 0.5:
            self.sql_select(table, name, where, values, items, factor)
        else:
            self.sql_update(table, name, where, values, keys)

    def sql_charge(self, table, name, items, factor):
        index = INDEXES.get(name, THE_TABLE)
        return Charge(table, name, "Query", "read", read_units(
            sum(item_bytes(index.entry(item)) for item in items), factor))

    def sql_select(self, table, name, where, values, items, factor):
        """A local index fetches the items for a column that it does not have."""
        column = self.rng.choice(("pk", "sk", "x", "y", "count(*)", "item"))
        index = INDEXES.get(name, THE_TABLE)
        projected = index.attributes()
        is_lacking = projected is not None and (
            column == "item" or column in {"x", "y"} - projected)
        if is_lacking and not index.is_local:
            return  # an error
        charges = [self.sql_charge(table, name, items, factor)]
        if is_lacking and items:
            charges.append(Charge(table, None, "Query", "read", sum(
                read_units(item_bytes(item), factor) for item in items)))
        mode = ("strong " if factor == STRONG else "") + (
            f"index {name}" if name else "")
        self.execute(f"SELECT {column} FROM {table}('{mode}') WHERE {where}", values,
                     charges)

    def sql_update(self, table, name, where, values, keys):
        changes = []
        for key in keys:
            old = self.items[table][key]
            changes.append(Change(table, key, "UpdateItem", old,
                                  {**old, "y": {"S": "new"}}, False, {}))
        mode = f"mode = 'index {name}' AND " if name else ""
        self.execute(f"UPDATE {table} SET y = 'new' WHERE {mode}{where}", values,
                     [self.sql_charge(table, name, [c.old for c in changes], EVENTUAL),
                      *[c for change in changes for c in write_charges(change)]])
        keep(self.items, changes)

    # --- all of it

    def savepoint(self):
        """What is rolled back was consumed all the same."""
        before = {table: dict(items) for table, items in self.items.items()}
        self.depth += 1
        name = f"savepoint_{self.depth}"
        self.db.execute(f"SAVEPOINT {name}")
        for _ in range(self.rng.randrange(1, 5)):
            self.step()
        if self.rng.random() < 0.6:
            self.db.execute(f"ROLLBACK TO {name}")
            self.items = before
            self.counts["rollbacks"] += 1
        self.db.execute(f"RELEASE {name}")
        self.depth -= 1

    def step(self):
        steps = ((self.write_item, 18), (self.write_statement, 5), (self.batch_write, 5),
                 (self.batch_statements, 3), (self.transact_write, 8), (self.get, 5),
                 (self.get_many, 2), (self.transact_get, 4), (self.batch_get, 3),
                 (self.query, 10), (self.scan, 4), (self.sql_by_index, 8),
                 (self.savepoint, 4 if self.depth < 3 else 0), (self.check_capacity, 2))
        choose_step(self.rng, steps)

    def check_end(self):
        self.check_capacity()
        for table in TABLES:
            found, = self.db.execute("SELECT dynamo_check(?)", [table]).fetchone()
            expect(f"dynamo_check('{table}')", found, "ok")


if __name__ == "__main__":
    sys.exit(run(__file__, Bench, 8000))
