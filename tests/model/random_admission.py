#!/usr/bin/env python3
"""What is admitted, of requests that have several parts, is what the rules admit.

usage: random_admission.py DYNAMO.SO [--count N] [--seed N]

Random batches, transactions, statements of PartiQL and statements of SQL that
write several items, on two tables with indexes, provisioned or on demand with a
maximum; within transactions and savepoints that may be rolled back, through two
connections, while the clock moves, throughput is raised and lowered and the file
is reopened. For each part the balances of docs/semantics.md 6 and 7, kept here,
say whether it is admitted; so they say which parts are throttled and why, and
what dynamo_cost() and dynamo_capacity count. throttling.py does that for
statements of one item. Exits 1 at the first difference.
"""
import collections
import copy
import json
import os
import sqlite3
import sys
import tempfile

from balances import (DAY_MS, HOUR_MS, MILLI, MINUTE_MS, PARTITION_UNITS, THROTTLED,
                      Book, Charge, Part, Table)
from changes import (Change, Changes, batch, batch_of_reads, keep, key_item,
                     transaction, transaction_of_reads)
from rounds import choose_step, connect, expect, run
from rules import (EVENTUAL, STRONG, TRANSACTIONAL, item_bytes,
                   read_units)
from throttling import hash_of
from units import PAGE_BYTES

BEGIN_MS = 1767225600000  # 2026-01-01
PACES_MS = ((0, 1, 7, 40, 300, 1000, 1000, 4000, 20000, 61000, 400000),
            (0, 1, 7, 40, 300, 1000, 1000, 4000),
            (100, 300, 700, 1500),
            (0, 300, 1000, 61000, HOUR_MS - 1, HOUR_MS - 1, HOUR_MS, DAY_MS // 3))


class Bench:
    def __init__(self, so, rng):
        self.so, self.rng = so, rng
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "model.db")
        self.counts = collections.Counter()
        self.pace = rng.choice(PACES_MS)
        self.large_share = rng.choice((0, 0.05, 0.3))
        self.changes = Changes(rng, self.attributes, self.new_item)
        self.book = Book(BEGIN_MS)
        self.tokens = 0
        self.keeper = connect(so)  # the clock goes with the last
        self.keeper.execute("SELECT dynamo_clock('2026-01-01 00:00:00')").fetchall()
        self.open()
        self.tables = {name: Table(name, rng) for name in ("tab", "tob")}
        self.items = {name: {} for name in self.tables}
        for table in self.tables.values():
            self.db.execute(table.declaration())
            table.begin(self.db, self.book.now_ms)

    def open(self):
        self.connections = [connect(self.so, self.path) for _ in range(2)]
        for db in self.connections:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = OFF")
        self.db = self.connections[0]

    def close(self):
        for db in self.connections:
            db.close()

    def tables_text(self):
        """The declarations, with the units that they have now."""
        return "\n".join(table.declaration() for table in self.tables.values())

    def one(self, sql, *parameters):
        return self.db.execute(sql, parameters).fetchone()[0]

    # --- running

    def run(self, sql, parameters, paid):
        """The response or the rows, or the text of the error. All that was paid is
        in dynamo_cost(), and nothing else."""
        self.last = f"{sql} {str(parameters)[:3000]}"
        try:
            out = self.db.execute(sql, parameters).fetchall(), None
        except sqlite3.Error as error:
            out = None, str(error)
        wanted, found = collections.Counter(), collections.Counter()
        for part in paid:
            for charge in part.charges:
                wanted[part.table.name, charge.index, part.direction] += charge.milli
        for line in json.loads(self.one("SELECT dynamo_cost()"))["tables"]:
            index = None if line.get("index") == "near" else line.get("index")
            for direction in PARTITION_UNITS:
                found[line["table"], index, direction] += int(
                    MILLI * line[direction + "_units"])
        expect(f"dynamo_cost() of {self.last}\n{out[1]}", +found, +wanted)
        return out

    def call(self, operation, request, paid):
        rows, error = self.run("SELECT dynamo_api(?, ?)",
                               [operation, json.dumps(request)], paid)
        return rows and json.loads(rows[0][0]), error

    def check_error(self, error, reasons, other=None):
        """It is refused for these reasons, or fails with another error, or not."""
        if not reasons:
            if error is None or other is None or other not in error:
                expect(self.last, error, other)
            return
        expect(self.last, self.reasons_of(error), reasons)
        text = ("for the table was" if any(index is None for index, _ in reasons)
                else "for one or more global secondary indexes of the table was")
        expect(f"the text of {error}", text in error, True)

    @staticmethod
    def reasons_of(error):
        if error is None or THROTTLED + "Exception: The level of" not in error:
            return error
        return {(reason["resource"].partition("/index/")[2] or None, reason["reason"])
                for reason in json.loads(error.split("\n")[1])["ThrottlingReasons"]}

    # --- random items

    def some_key(self, known=0.7):
        table = self.rng.choice(list(self.tables.values()))
        keys = sorted(self.items[table.name])
        if keys and self.rng.random() < known:
            return table, self.rng.choice(keys)
        return table, (self.rng.choice(("aa", "bb", "cc", "dd")), self.rng.randrange(4))

    def some_keys(self, known=0.7):
        """Some keys, each of them once, table by table."""
        keys = dict.fromkeys(self.some_key(known)
                             for _ in range(self.rng.randrange(1, 7)))
        return sorted(keys, key=lambda key: key[0].name)

    def old(self, table, key):
        return self.items[table.name].get(key)

    def attributes(self, share):
        every = {name: {"S": name + self.rng.choice("12")} for name in "ghl"}
        every["y"] = {"S": "y" * self.rng.choice((0, 10, 900, 1500, 5000))}
        return {n: v for n, v in every.items() if self.rng.random() < share}

    def new_item(self, key):
        item = {**key_item(key), **self.attributes(0.6)}
        if self.rng.random() < self.large_share:
            item["y"] = {"S": "y" * self.rng.choice((100000, 380000))}
        return item

    def make(self, how, *keys):
        return [how(table.name, key, self.old(table, key)) for table, key in keys]

    def writes(self, changes, factor=1):
        return [self.tables[c.table].write(c, factor) for c in changes]

    # --- requests of the API, and PartiQL

    def write_item(self):
        change, = self.make(self.changes.by_request, self.some_key())
        reasons, paid = self.book.admit_until(self.writes([change]))
        _, error = self.call(change.operation, change.request, paid)
        self.check_error(error, reasons,
                         "ConditionalCheckFailed" if change.is_failing else None)
        if not reasons:
            keep(self.items, [change])

    def batch_write(self):
        changes = self.make(self.changes.of_batch, *self.some_keys())
        reasons, paid = self.book.admit_all(self.writes(changes))
        left = [c for c, why in zip(changes, reasons) if why]
        response, error = self.call("BatchWriteItem", batch(changes), paid)
        if not paid:
            self.check_nothing_done(error, reasons)
            return
        expect(self.last, error, None)
        expect(f"UnprocessedItems of {self.last}", response["UnprocessedItems"],
               batch(left)["RequestItems"])
        keep(self.items, [c for c in changes if c not in left])

    def batch_get(self):
        keys = self.some_keys()
        strong = [name for name in self.tables if self.rng.random() < 0.5]
        reasons, paid = self.book.admit_all([
            table.read(key, self.old(table, key),
                       STRONG if table.name in strong else EVENTUAL)
            for table, key in keys])
        left = [(table.name, key) for (table, key), why in zip(keys, reasons) if why]
        response, error = self.call("BatchGetItem", {"RequestItems": batch_of_reads(
            self.named(keys), strong)}, paid)
        if not paid:
            self.check_nothing_done(error, reasons)
            return
        expect(self.last, error, None)
        for table in response["UnprocessedKeys"].values():
            table.setdefault("ConsistentRead", False)
        expect(f"UnprocessedKeys of {self.last}", response["UnprocessedKeys"],
               batch_of_reads(left, strong))

    def check_nothing_done(self, error, reasons):
        """A batch of which nothing was done fails for the reasons of one of its
        parts; of which, is not said."""
        found = self.reasons_of(error)
        expect(self.last, found, found if found in reasons else reasons)

    @staticmethod
    def named(keys):
        return [(table.name, key) for table, key in keys]

    @staticmethod
    def failure(change):
        """The code of a change whose condition fails."""
        return "DuplicateItem" if change.is_insert() else "ConditionalCheckFailed"

    def codes(self, changes, reasons):
        return [THROTTLED if why else self.failure(change) if change.is_failing
                else "None" for change, why in zip(changes, reasons)]

    def check_transaction(self, operation, request, parts, codes_of):
        """Every part is admitted by itself, and has paid also if another one has
        canceled the transaction. Whether nothing has."""
        reasons, paid = self.book.admit_all(parts)
        wanted = codes_of(reasons)
        _, error = self.call(operation, request, paid)
        is_done = set(wanted) == {"None"}
        if is_done or "TransactionCanceled" not in (error or ""):
            expect(self.last, error, None if is_done else wanted)
        else:
            expect(self.last, [reason["Code"] for reason in json.loads(
                error.split("\n")[1])["CancellationReasons"]], wanted)
        self.counts["transactions" if is_done else "canceled transactions"] += 1
        return is_done

    def transact_write(self):
        how = self.rng.choice((self.changes.by_action, self.changes.by_statement))
        keys = self.some_keys()
        changes = self.make(how, *keys)
        operation, request = transaction(changes)
        self.tokens += 1
        request["ClientRequestToken"] = f"token {self.tokens}"
        if not self.check_transaction(operation, request, self.writes(changes, 2),
                                      lambda reasons: self.codes(changes, reasons)):
            return
        keep(self.items, changes)
        if self.rng.random() < 0.4:  # again: it is charged as reads
            self.check_reads(operation, request, keys)

    def transact_get(self):
        keys = self.some_keys()
        self.check_reads(*transaction_of_reads(self.rng, self.named(keys)), keys)

    def check_reads(self, operation, request, keys):
        self.check_transaction(
            operation, request,
            [table.read(key, self.old(table, key), TRANSACTIONAL) for table, key in keys],
            lambda reasons: [THROTTLED if why else "None" for why in reasons])

    def batch_statements(self):
        changes = self.make(self.changes.by_statement, *self.some_keys())
        reasons, paid = self.book.admit_all(self.writes(changes))
        response, error = self.call("BatchExecuteStatement", {
            "Statements": [change.request for change in changes]}, paid)
        expect(self.last, error, None)
        expect(self.last, [answer.get("Error", {}).get("Code", "None")
                           for answer in response["Responses"]],
               self.codes(changes, reasons))
        keep(self.items, [c for c, why in zip(changes, reasons) if not why])

    # --- reads of several items

    def read_pages(self):
        """A Query or Scan of one page, through an index or not; a local one may
        have to fetch the items, which is admitted with the page."""
        table = self.rng.choice(list(self.tables.values()))
        name = self.rng.choice((None, *table.indexes))
        index = table.indexes.get(name)
        factor = EVENTUAL if name in table.globals else self.rng.choice(
            (STRONG, EVENTUAL))
        request = {"TableName": table.name, "ConsistentRead": factor == STRONG,
                   **({"IndexName": name} if name else {})}
        operation, column = "Scan", index.partition[0] if index else "pk"
        items = [i for i in self.items[table.name].values()
                 if index is None or index.entry(i)]
        place = 0  # a scan begins with the first partition
        if self.rng.random() < 0.7:
            operation = "Query"
            value = {"pk": "bb", "g": "g1", "h": "h2"}[column]
            request["KeyConditionExpression"] = f"{column} = :v"
            request["ExpressionAttributeValues"] = {":v": {"S": value}}
            items = [i for i in items if i[column]["S"] == value]
            place = hash_of(value)
        size = sum(item_bytes(index.entry(i) if index else i) for i in items)
        if size >= PAGE_BYTES:
            return
        charges = [Charge(name if name in table.globals else None, place,
                          int(MILLI * read_units(size, factor)))]
        if name == "near" and self.rng.random() < 0.7:
            request["Select"] = "ALL_ATTRIBUTES"
            charges += [table.read((i["pk"]["S"],), i, factor).charges[0]
                        for i in items]
        for _ in range(self.rng.choice((1, 1, 6))):
            reasons, paid = self.book.admit_until(
                [Part(table, "read", operation, charges)])
            _, error = self.call(operation, request, paid)
            self.check_error(error, reasons)

    # --- SQL

    def sql_one(self):
        """An UPDATE or DELETE of a whole key begins with a lookup, which is part of
        the write; but when the write is refused it was a read."""
        table, key = self.some_key()
        old = self.old(table, key)
        lookup = table.read(key, old, EVENTUAL)
        reasons, paid = self.book.admit_until([lookup])
        if self.rng.random() < 0.6:
            sql, operation = f"UPDATE {table.name} SET y = 'new'", "UpdateItem"
            new = {**(old or {}), "y": {"S": "new"}}
        else:
            sql, operation, new = f"DELETE FROM {table.name}", "DeleteItem", None
        change = Change(table.name, key, operation, old, new, False, {})
        if paid and old:
            reasons, written = self.book.admit_until(self.writes([change]))
            if written:
                self.book.pay(lookup, -1)
                paid = written
        _, error = self.run(f"{sql} WHERE pk = ? AND sk = ?", key, paid)
        self.check_error(error, reasons)
        if old and not reasons:
            keep(self.items, [change])

    def sql_partition(self):
        """An UPDATE of a partition: a query, and writes up to the first that is
        refused. What was written is undone then, but paid."""
        table = self.rng.choice(list(self.tables.values()))
        keys = sorted(key for key in self.items[table.name] if key[0] == "bb")
        changes = [Change(table.name, key, "UpdateItem", self.old(table, key),
                          {**self.old(table, key), "y": {"S": "new"}}, False, {})
                   for key in keys]
        size = sum(item_bytes(change.old) for change in changes)
        if size >= PAGE_BYTES:
            return
        query = Part(table, "read", "Query", [Charge(
            None, hash_of("bb"), int(MILLI * read_units(size, EVENTUAL)))])
        reasons, paid = self.book.admit_until([query, *self.writes(changes)])
        _, error = self.run(f"UPDATE {table.name} SET y = 'new' WHERE pk = 'bb'", (),
                            paid)
        self.check_error(error, reasons)
        if not reasons:
            keep(self.items, changes)

    def sql_insert(self):
        """Rows of one INSERT, up to one that fails or is refused."""
        table, _ = self.some_key()
        verb = self.rng.choice(("INSERT", "INSERT OR REPLACE"))
        items, changes, rows = copy.copy(self.items[table.name]), [], []
        reasons, paid, is_failing = set(), [], False
        for _ in range(self.rng.randrange(2, 6)):
            _, key = self.some_key(0.2)
            old, new = items.get(key), self.new_item(key)
            rows.append(json.dumps(new))
            if reasons or is_failing:
                continue
            is_failing = old is not None and verb == "INSERT"
            change = Change(table.name, key, "PutItem", old, new, is_failing,
                            {"Statement": verb})
            reasons, written = self.book.admit_until(self.writes([change]))
            paid += written
            changes.append(change)
            items[key] = new
        marks = ", ".join(["(?)"] * len(rows))
        _, error = self.run(f"{verb} INTO {table.name}(item) VALUES{marks}", rows, paid)
        self.check_error(error, reasons, "there already" if is_failing else None)
        if not reasons and not is_failing:
            keep(self.items, changes)

    def statement(self):
        steps = ((self.write_item, 6), (self.batch_write, 4), (self.batch_get, 5),
                 (self.transact_write, 8), (self.transact_get, 5),
                 (self.batch_statements, 4), (self.read_pages, 12), (self.sql_one, 5),
                 (self.sql_partition, 3), (self.sql_insert, 4))
        choose_step(self.rng, steps)

    # --- what happens between statements

    def pause(self):
        ms = self.rng.choice(self.pace)
        self.book.now_ms += ms
        self.one(f"SELECT dynamo_clock('+{ms / 1000:.3f} seconds')")

    def roll_back(self, sql, items):
        self.db.execute(sql)
        self.items = items
        self.counts["rollbacks"] += 1

    def transaction(self):
        """Statements that are kept or not. The units are consumed all the same."""
        before = {name: dict(items) for name, items in self.items.items()}
        self.db.execute("BEGIN")
        for _ in range(self.rng.randrange(1, 6)):
            inner = {name: dict(items) for name, items in self.items.items()}
            self.db.execute("SAVEPOINT inner")
            for _ in range(self.rng.randrange(1, 3)):
                self.statement()
            if self.rng.random() < 0.3:
                self.roll_back("ROLLBACK TO inner", inner)
            self.db.execute("RELEASE inner")
            if self.rng.random() < 0.2:
                self.pause()
        if self.rng.random() < 0.6:
            self.db.execute("COMMIT")
        else:
            self.roll_back("ROLLBACK", before)

    def alter(self):
        table = self.rng.choice(list(self.tables.values()))
        name = self.rng.choice((None, *table.own))
        for _ in range(self.rng.choice((1, 1, 6))):
            self.change_units(table, name)
            if self.rng.random() < 0.5:
                self.pause()

    def change_units(self, table, name):
        """Throughput is raised or lowered, of a table or of an index that has its
        own. Those that have none go with the table."""
        before = table.units[name]
        if not all(before.values()):
            return  # a maximum that is new is another matter
        after = {direction: min(20000, max(1, self.rng.choice(
            (units, units // 2, units * 2, units + 1, units - 1))))
            for direction, units in before.items()}
        if after == before:
            return
        is_lower = any(after[d] < before[d] for d in before) and not table.is_on_demand
        is_allowed = not is_lower or self.book.may_decrease(table.decreases[name])
        error = None
        try:
            sql, parameters = self.rng.choice(table.alterations(name, after))
            self.db.execute(sql, parameters).fetchall()
        except sqlite3.Error as failure:
            error = str(failure)
        if not is_allowed:
            self.counts["refused decreases"] += 1
            if "decreases" not in (error or ""):
                expect(f"units of {table.name} {name}: {after}", error,
                       f"too many decreases, after those of {table.decreases[name]}")
            return
        expect(f"units of {table.name} {name}: {after}", error, None)
        if is_lower:
            table.decreases[name].append(self.book.now_ms)
        self.counts["decreases" if is_lower else "increases"] += 1
        table.change_units(name, after, self.book.now_ms)

    def maintain(self):
        self.one("SELECT dynamo_maintain()")
        found = collections.Counter()
        for name in self.tables:
            for index, minute, operation, *numbers in self.db.execute(
                    "SELECT index_name, unixepoch(minute) / 60, operation, "
                    "read_units * 1000, write_units * 1000, throttled_reads, "
                    "throttled_writes FROM dynamo_capacity(?)", [name]):
                for what, number in zip(("read", "write", "throttled read",
                                         "throttled write"), numbers):
                    found[name, index, minute, operation, what] += int(number)
        first = (self.book.now_ms - 14 * DAY_MS) // MINUTE_MS  # older ones may be gone
        for key in {*found, *self.book.consumed}:
            if key[2] >= first:
                expect(f"dynamo_capacity: {key}", found[key],
                       self.book.consumed[key])

    def reopen(self):
        """What was only read is stored by dynamo_maintain(). Partitions begin anew."""
        self.maintain()
        self.close()
        self.open()
        for table in self.tables.values():
            for name, lows in table.lows(self.db).items():
                table.trees[name].begin_partitions(lows, self.book.now_ms)

    def step(self):
        steps = ((self.pause, 30), (self.transaction, 8), (self.alter, 4),
                 (self.reopen, 1), (self.maintain, 2), (self.statement, 60))
        self.db = self.rng.choice(self.connections)
        choose_step(self.rng, steps)
        for table in self.tables.values():
            for name, lows in table.lows(self.db).items():
                table.trees[name].split(lows)

    def check_end(self):
        self.maintain()
        self.counts += self.book.reasons
        for name in self.tables:
            expect(f"dynamo_check('{name}')",
                   self.one("SELECT dynamo_check(?)", name), "ok")
        self.close()
        self.keeper.close()
        self.folder.cleanup()


if __name__ == "__main__":
    sys.exit(run(__file__, Bench, 10000))
