#!/usr/bin/env python3
"""Random requests to dynamo and to dynalite, whose answers are compared.

usage: differential.py DYNAMO.SO DYNALITE/cli.js [--count N] [--seed N]
           [--tables 0.1] [--batches 0.1] [--damage 0.25] [--differences 20]

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
import time
from collections import Counter

import known
import known_batches
import known_tables
from generate import Generator, TABLES, WRITES
from generate_tables import NAMES, TableGenerator
from normal import (capacity_differs, same_answer, same_batch_answer,
                    same_table_answer)
from sides import Dynalite, Dynamo

PAGES_MAX = 300
WAITS_MAX = 3000


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

    def create_theirs(self, table):
        self.must(self.theirs.call("CreateTable", table.request))
        self.settle(table.name)

    def settle(self, name):
        """Wait until dynalite has done what it does to a table."""
        for _ in range(WAITS_MAX):
            error, answer = self.theirs.call("DescribeTable", {"TableName": name})
            if error is not None:
                return
            indexes = answer["Table"].get("GlobalSecondaryIndexes", [])
            states = [answer["Table"]["TableStatus"]] + \
                [i["IndexStatus"] for i in indexes]
            if set(states) == {"ACTIVE"}:
                return
            time.sleep(0.001)
        raise RuntimeError(f"dynalite does not come to an end with {name}")

    @staticmethod
    def must(answer):
        if answer is None or answer[0] is not None:
            raise RuntimeError(f"a request that has to succeed: {answer}")
        return answer[1]

    def create_all(self):
        for table in self.generator.tables.values():
            self.must(self.ours.call("CreateTable", table.request))
            self.create_theirs(table)

    def revive(self):
        """dynalite, whose tables were in memory, as dynamo is."""
        for name in NAMES:
            self.ours.call("DeleteTable", {"TableName": name})
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

    def report(self, difference, what, listed=known):
        name = listed.reason_of(difference)
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
            self.report(known.Difference(operation, table, request, ours,
                                         ("Ended", {}), before), "dynalite ended")
            self.revive()
        elif not self.compare(operation, table, request, ours, theirs,
                              before) or \
                not self.compare_after(operation, table, request, ours):
            self.restore(operation, table, request)

    def compare_after(self, operation, table, request, ours, is_expected=True):
        """Whether a write has made the same item, which is expected."""
        if operation not in WRITES or ours[0] is not None:
            return True
        get = {"TableName": table.name, "Key": self.key_of(table, operation,
                                                           request)}
        both = [side.call("GetItem", get) for side in (self.ours, self.theirs)]
        if same_answer("GetItem", table, get, *both):
            return True
        if is_expected:
            self.report(known.Difference(operation, table, request, *both), "item")
        return False

    # --------------------------------------------------------------- batches --

    def batch_step(self):
        operation, request = self.generator.batch(self.options.damage)
        self.counts[operation] += 1
        ours = self.ours.call(operation, request)
        theirs = self.theirs.call(operation, request)
        self.succeeded[operation] += ours[0] is None
        if theirs is None:
            self.report(known.Difference(operation, None, request, ours,
                                         ("Ended", {})), "dynalite ended",
                        known_batches)
            self.revive()
            return
        if not same_batch_answer(ours, theirs):
            self.report(known.Difference(operation, None, request, ours, theirs),
                        "batch", known_batches)
        elif ours[0] is None:
            self.compare_batch_units(operation, request, ours[1], theirs[1])
        if operation == "BatchWriteItem":
            self.compare_batch_items(request, ours[0] == theirs[0])

    def compare_batch_units(self, operation, request, ours, theirs):
        """Table by table; dynalite adds to a list that has no order."""
        lists = [{c["TableName"]: c for c in answer.get("ConsumedCapacity", [])}
                 for answer in (ours, theirs)]
        for name in set(lists[0]) | set(lists[1]):
            both = [{"ConsumedCapacity": list_.get(name)} for list_ in lists]
            if both[0] != both[1]:
                self.report(known.CapacityDifference(
                    operation, self.generator.tables[name], request,
                    (None, both[0]), (None, both[1])), "units", known_batches)

    def compare_batch_items(self, request, is_expected):
        """What a batch has written; what is not the same is made so."""
        items = request.get("RequestItems")
        for name, writes in items.items() if isinstance(items, dict) else ():
            table = self.generator.tables.get(name)
            if table is None or not isinstance(writes, list):
                continue
            for write in writes:
                part = write.get("PutRequest", write.get("DeleteRequest")) \
                    if isinstance(write, dict) else None
                if not isinstance(part, dict):
                    continue
                operation = "PutItem" if "Item" in part else "DeleteItem"
                single = {"TableName": name, **part}
                if not self.compare_after(operation, table, single, (None,),
                                          is_expected):
                    self.restore(operation, table, single)

    # -------------------------------------------------------------- lifetime --

    def remove_table(self, name):
        self.settle(name)
        for side in (self.ours, self.theirs):
            side.call("DeleteTable", {"TableName": name})
        self.settle(name)

    def table_step(self):
        """A request about tables that come and go."""
        operation, request = self.tables.request()
        if self.rng.random() < self.options.damage:
            request = self.tables.damaged(request)
        self.counts[operation] += 1
        ours = self.ours.call(operation, request)
        theirs = self.theirs.call(operation, request)
        self.succeeded[operation] += ours[0] is None
        difference = known.Difference(operation, None, request, ours,
                                      theirs or ("Ended", {}))
        name = request.get("TableName")
        if theirs is None:
            self.report(difference, "dynalite ended", known_tables)
            self.revive()
            return
        elif not same_table_answer(operation, ours, theirs):
            self.report(difference, "table", known_tables)
        if ours[0] != theirs[0] and str(request.get("ResourceArn")).endswith(
                tuple(NAMES)):
            self.remove_table(request["ResourceArn"].rpartition("/")[2])
        if name in NAMES:
            self.settle(name)
            self.compare_table(name, ours[0] == theirs[0])
        elif operation == "CreateTable" and isinstance(name, str):
            self.remove_table(name)

    def compare_table(self, name, is_expected):
        """Compare a table, which is expected to be the same; else it goes."""
        request = {"TableName": name}
        both = [side.call("DescribeTable", request)
                for side in (self.ours, self.theirs)]
        if same_table_answer("DescribeTable", *both):
            return
        if is_expected:
            self.report(known.Difference("DescribeTable", None, request, *both),
                        "table", known_tables)
        self.remove_table(name)

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
            answer = self.must(self.ours.call(
                "DescribeTable", {"TableName": TABLES[0]["TableName"]}))
            arn = answer["Table"]["TableArn"].rpartition("/")[0] + "/"
            self.tables = TableGenerator(self.rng, arn)
            for number in range(self.options.count):
                if self.rng.random() < self.options.tables:
                    self.table_step()
                elif self.rng.random() < self.options.batches:
                    self.batch_step()
                else:
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
        for name, reason, _ in known.KNOWN + known_batches.KNOWN + \
                known_tables.KNOWN:
            print(f"known {self.known[name]:6} {name}: {reason}")
        print(f"differences that are not known: {self.failures}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dynamo")
    parser.add_argument("dynalite")
    parser.add_argument("--count", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tables", type=float, default=0.1)
    parser.add_argument("--batches", type=float, default=0.1)
    parser.add_argument("--damage", type=float, default=0.25)
    parser.add_argument("--differences", type=int, default=20)
    run = Run(parser.parse_args())
    run.run()
    run.print_figures()
    sys.exit(1 if run.failures else 0)


if __name__ == "__main__":
    main()
