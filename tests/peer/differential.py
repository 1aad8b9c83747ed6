#!/usr/bin/env python3
"""Random requests to dynamo and to dynalite, whose answers are compared.

usage: differential.py DYNAMO.SO DYNALITE/cli.js [--count N] [--seed N]
           [--damage 0.25] [--differences 20]

Both have the same tables with the same items in them. A response has to be
the same, and so has an exception's name and message, but for the differences
that known.py lists with their reasons; any other is printed, and the run
fails. After a known difference of a write the item is made the same again.
Queries and scans are read to the last page on both sides: dynalite puts
partitions, and index entries of the same key, in another order.
"""
import argparse
import json
import random
import sys
from collections import Counter

import known
from generate import Generator, WRITES
from normal import capacity_differs, same_answer
from sides import Dynalite, Dynamo

PAGES_MAX = 300


class Run:
    def __init__(self, options):
        self.options = options
        self.rng = random.Random(options.seed)
        self.generator = Generator(self.rng)
        self.ours = Dynamo(options.dynamo)
        self.theirs = Dynalite(options.dynalite)
        self.counts = Counter()
        self.succeeded = Counter()
        self.known = Counter()
        self.failures = 0

    # --------------------------------------------------------------- tables --

    def create_ours(self, table):
        """Until CreateTable is there."""
        types = {"S": "TEXT", "N": "NUMBER", "B": "BLOB"}
        kinds = ["PARTITION KEY", "SORT KEY"]
        parts = [f'"{n}" {types[table.types[n]]} {kinds[i]}'
                 for i, n in enumerate(table.key)]
        parts += [f'"{n}" {types[t]}' for n, t in table.types.items()
                  if n not in table.key]
        for name, index in table.indexes.items():
            key = table.names_of(index)
            local = name in table.local
            key = key[1:] if local else key
            projection = index["Projection"]
            shown = {"ALL": "ALL", "KEYS_ONLY": "KEYS"}.get(
                projection["ProjectionType"],
                "(" + ", ".join(projection.get("NonKeyAttributes", [])) + ")")
            parts.append(f'{"LOCAL" if local else "GLOBAL"} INDEX "{name}" '
                         f'({", ".join(key)}) PROJECT {shown}')
        self.ours.db.execute(f'CREATE VIRTUAL TABLE "{table.name}" USING '
                             f'dynamo({", ".join(parts)})')

    def create_theirs(self, table):
        self.must(self.theirs.call("CreateTable", table.request))
        while True:
            answer = self.must(self.theirs.call("DescribeTable",
                                                {"TableName": table.name}))
            if answer["Table"]["TableStatus"] == "ACTIVE":
                return

    @staticmethod
    def must(answer):
        if answer is None or answer[0] is not None:
            raise RuntimeError(f"a request that has to succeed: {answer}")
        return answer[1]

    def create_all(self):
        for table in self.generator.tables.values():
            self.create_ours(table)
            self.create_theirs(table)

    def revive(self):
        """dynalite, whose tables were in memory, as dynamo is."""
        for table in self.generator.tables.values():
            self.create_theirs(table)
            for item in self.must(self.ours.call(
                    "Scan", {"TableName": table.name}))["Items"]:
                self.must(self.theirs.call(
                    "PutItem", {"TableName": table.name, "Item": item}))

    # -------------------------------------------------------------- requests --

    def pages(self, side, operation, request):
        """All pages of a request as one response, or the exception."""
        request = dict(request)
        whole = None
        for _ in range(PAGES_MAX):
            answer = side.call(operation, request)
            if answer is None or answer[0] is not None:
                return answer
            page = answer[1]
            if whole is None:
                whole = {"Items": [], "Count": 0, "Pages": []}
            whole["Items"] += page.get("Items", [])
            whole["HasItems"] = "Items" in page
            whole["Count"] += page["Count"]
            whole["Pages"].append(page["ScannedCount"])
            if "ConsumedCapacity" in page:
                whole["ConsumedCapacity"] = page["ConsumedCapacity"]
            if "LastEvaluatedKey" not in page:
                return None, whole
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return "Endless", {"message": "pages"}

    def segments(self, side, operation, request):
        """All segments of a scan, and all pages of each."""
        count = request.get("TotalSegments")
        if not isinstance(count, int) or not 1 <= count <= 3 or \
                request.get("Segment") != 0:
            return self.pages(side, operation, request)
        whole = None
        for segment in range(count):
            answer = self.pages(side, operation, {**request, "Segment": segment})
            if answer is None or answer[0] is not None:
                return answer
            if whole is None:
                whole = answer[1]
                whole["Pages"] = [sum(whole["Pages"])]
                continue
            whole["Items"] += answer[1]["Items"]
            whole["Count"] += answer[1]["Count"]
            whole["Pages"][0] += sum(answer[1]["Pages"])
            whole.pop("ConsumedCapacity", None)
        return None, whole

    def call(self, side, operation, request):
        if operation == "Query":
            return self.pages(side, operation, request)
        if operation == "Scan":
            return self.segments(side, operation, request)
        return side.call(operation, request)

    def report(self, difference, what):
        name = known.reason_of(difference)
        if name is None:
            self.print_difference(difference, what)
        else:
            self.known[name] += 1

    def print_difference(self, difference, what):
        self.failures += 1
        if self.failures <= self.options.differences:
            print(f"--- {what}: {difference.operation} "
                  f"{json.dumps(difference.request, ensure_ascii=False)}\n"
                  f"ours:   {difference.our_name} "
                  f"{json.dumps(difference.our_answer, ensure_ascii=False)}\n"
                  f"theirs: {difference.their_name} "
                  f"{json.dumps(difference.their_answer, ensure_ascii=False)}",
                  flush=True)

    def table_items(self, table):
        return self.must(self.ours.call("Scan", {"TableName": table.name}))["Items"]

    def compare(self, operation, table, request, ours, theirs, before):
        """Whether the answers are the same."""
        difference = known.Difference(operation, table, request, ours, theirs,
                                      before, lambda: self.table_items(table))
        if not same_answer(operation, table, request, ours, theirs):
            self.report(difference, "answer")
            return False
        if ours[0] is None and capacity_differs(ours[1], theirs[1]):
            self.report(known.CapacityDifference(
                operation, table, request, ours, theirs, before,
                lambda: self.table_items(table)), "units")
        return True

    def key_of(self, table, operation, request):
        source = request.get("Item" if operation == "PutItem" else "Key")
        if not isinstance(source, dict):
            return None
        return {n: source[n] for n in table.key if n in source}

    def item_before(self, operation, table, request):
        """The item that a write is about."""
        if operation not in WRITES:
            return None
        answer = self.ours.call("GetItem", {
            "TableName": table.name, "Key": self.key_of(table, operation, request)})
        return answer[1].get("Item")

    def restore(self, operation, table, request):
        """Make the item that a write was about the same on both sides."""
        if operation not in WRITES or request.get("TableName") != table.name:
            return
        get = {"TableName": table.name, "Key": self.key_of(table, operation,
                                                           request)}
        answer = self.ours.call("GetItem", get)
        if answer[0] is not None:
            return
        item = answer[1].get("Item")
        if item is None:
            self.theirs.call("DeleteItem", get)
            return
        put = self.theirs.call("PutItem", {"TableName": table.name, "Item": item})
        if put is None or put[0] is not None:
            self.must(self.ours.call("DeleteItem", get))
            self.must(self.theirs.call("DeleteItem", get))

    def step(self):
        operation, table, request = self.generator.request()
        if self.rng.random() < self.options.damage:
            request = self.generator.damaged(operation, request, table)
        self.counts[operation] += 1
        before = self.item_before(operation, table, request)
        ours = self.call(self.ours, operation, request)
        theirs = self.call(self.theirs, operation, request)
        if ours[0] is None:
            self.succeeded[operation] += 1
        if theirs is None:
            self.print_difference(known.Difference(
                operation, table, request, ours, ("Ended", {})), "dynalite ended")
            self.revive()
        elif not self.compare(operation, table, request, ours, theirs,
                              before) or \
                known.only_deletes(operation, request):
            self.restore(operation, table, request)

    def compare_tables(self):
        """What the tables hold, by a plain scan of each and of each index."""
        for table in self.generator.tables.values():
            for index in [None] + list(table.indexes):
                request = {"TableName": table.name}
                if index is not None:
                    request["IndexName"] = index
                both = [self.pages(side, "Scan", request)
                        for side in (self.ours, self.theirs)]
                if not same_answer("Scan", table, request, *both):
                    self.print_difference(
                        known.Difference("Scan", table, request, *both), "tables")
            report, = self.ours.db.execute("SELECT dynamo_check(?)",
                                           (table.name,)).fetchone()
            if report != "ok":
                self.failures += 1
                print(f"--- dynamo_check: {report}")

    def run(self):
        self.theirs.start()
        try:
            self.create_all()
            for number in range(self.options.count):
                self.step()
                if number % 1000 == 999:
                    self.compare_tables()
        finally:
            self.theirs.stop()

    def print_figures(self):
        print(f"seed {self.options.seed}")
        for operation in sorted(self.counts):
            count = self.counts[operation]
            print(f"{operation:20} {count:6} requests, "
                  f"{100 * self.succeeded[operation] / count:3.0f} % succeed")
        for name, reason, _ in known.KNOWN:
            print(f"known {self.known[name]:6} {name}: {reason}")
        print(f"differences that are not known: {self.failures}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dynamo")
    parser.add_argument("dynalite")
    parser.add_argument("--count", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--damage", type=float, default=0.25)
    parser.add_argument("--differences", type=int, default=20)
    run = Run(parser.parse_args())
    run.run()
    run.print_figures()
    sys.exit(1 if run.failures else 0)


if __name__ == "__main__":
    main()
