#!/usr/bin/env python3
"""Random operations on a dynamo table, and on a Python dict with savepoints.

usage: model.py PATH_TO_DYNAMO [--count=24000] [--seed=1] [--encoding=UTF-8]

All ways to write, statements that fail half-way, nested savepoints, rename,
VACUUM, reopening, a second connection, indexes that come, go and are rebuilt;
over several files that differ in page size, journal and partition size. After
each step the table has to answer a query as the dict does, and one of an index
as a recomputation does; dynamo_check has to say ok, and the partitions have to
count what is there; after every 20th all items are compared. Exits 1 at the
first difference, with the last steps.
"""
import argparse
import json
import os
import random
import sqlite3
import sys
import tempfile

PARTITION_KEYS = ["a", "b", "c", "dd", "é", "7"]
SORT_KEYS = list(range(-6, 14)) + [1.5, -0.25]
STEPS_SHOWN = 25
ITEMS_MAX = 150

# page size, journal, partition_bytes, has a sort key
CONFIGURATIONS = [
    (4096, "wal", 2000, True),
    (1024, "delete", 30000, True),
    (4096, "wal", None, False),
    (65536, "wal", 2000, True),
    (512, "truncate", 3000, False),
    (8192, "wal", 100000, True),
]


class Mismatch(Exception):
    pass


class Model:
    """What the table should hold: key -> item, which is never changed in place.
    The name of the table is part of it, and whether there is an index more: both
    can be rolled back."""

    def __init__(self):
        self.items = {}
        self.name = "t"
        self.has_later = False
        self.stack = []  # (savepoint or None, items, name, has_later)

    def push(self, savepoint):
        self.stack.append((savepoint, dict(self.items), self.name,
                           self.has_later))

    def rollback(self):
        _, self.items, self.name, self.has_later = self.stack[0]
        self.stack = []

    def rollback_to(self, index):
        _, items, self.name, self.has_later = self.stack[index]
        self.items = dict(items)
        del self.stack[index + 1:]

    def release(self, index):
        del self.stack[index:]

    def committed(self):
        return (self.stack[0][1], self.stack[0][2]) if self.stack else \
            (self.items, self.name)


class Run:
    def __init__(self, dynamo, encoding, rng, path, configuration):
        self.dynamo, self.encoding = dynamo, encoding
        self.rng, self.path = rng, path
        self.page_size, self.journal, self.partition_bytes, self.has_sort = \
            configuration
        self.model = Model()
        self.log = []
        self.db = self.open()
        options = f", partition_bytes = {self.partition_bytes}" \
            if self.partition_bytes else ""
        sort = ", sk NUMBER SORT KEY" if self.has_sort else ""
        self.execute("CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY"
                     f"{sort}, a TEXT, n NUMBER, body TEXT"
                     ", GLOBAL INDEX by_a (a, n), GLOBAL INDEX by_n (n) PROJECT "
                     "(extra)" + (", LOCAL INDEX near (n) PROJECT (a)"
                                  if self.has_sort else "") + f"{options})")
        self.execute("CREATE TEMP TABLE source(pk, sk, a, n, body)")
        self.other = self.open()
        self.splits = 0

    # --- connections and statements

    def open(self):
        db = sqlite3.connect(self.path, isolation_level=None, timeout=0)
        db.enable_load_extension(True)
        db.load_extension(self.dynamo)
        db.execute(f"PRAGMA encoding = '{self.encoding}'")
        db.execute(f"PRAGMA page_size = {self.page_size}")
        db.execute(f"PRAGMA journal_mode = {self.journal}")
        db.execute("PRAGMA synchronous = OFF")
        return db

    def reopen(self):
        self.log.append("-- reopen")
        self.db.close()
        if self.model.stack:
            self.model.rollback()
        self.db = self.open()
        self.db.execute("CREATE TEMP TABLE source(pk, sk, a, n, body)")

    def execute(self, sql, parameters=(), db=None):
        shown = [p if not isinstance(p, str) or len(p) < 30 else
                 f"{p[:10]}…({len(p)})" for p in parameters]
        self.log.append(f"{'' if db is None else '(other) '}{sql}  {shown}")
        return (db or self.db).execute(sql, parameters)

    def expect_failure(self, error, text, sql, parameters=(), db=None):
        try:
            self.execute(sql, parameters, db).fetchall()
        except error as raised:
            if text not in str(raised):
                raise Mismatch(f"another message: {raised}") from raised
            return
        raise Mismatch("this should have failed")

    # --- what is drawn

    def chance(self, probability):
        return self.rng.random() < probability

    def draw_key(self):
        pk = self.rng.choice(PARTITION_KEYS)
        if not self.has_sort:
            return (pk + str(self.rng.randrange(10)), None)
        return (pk, self.rng.choice(SORT_KEYS))

    def known_key(self):
        if self.model.items and self.chance(0.8):
            return self.rng.choice(sorted(self.model.items, key=repr))
        return self.draw_key()

    def draw_body(self):
        way = self.rng.random()
        size = self.rng.randrange(40) if way < 0.4 else \
            self.rng.randrange(300, 2200) if way < 0.8 else \
            self.rng.randrange(2000, 20000)
        return self.rng.choice("xyzé") * size

    def draw_row(self, key=None):
        pk, sk = key or self.draw_key()
        return (pk, sk, self.rng.choice([None, "p", "q", "r"]),
                self.rng.choice([None, 0, 1, -5, 12345678901234567890]),
                self.rng.choice([None, self.draw_body(), self.draw_body()]))

    def columns(self):
        return "pk, sk, a, n, body" if self.has_sort else "pk, a, n, body"

    def values(self, row):
        """A row as parameters: integers beyond 64 bits are given as text."""
        row = row if self.has_sort else row[:1] + row[2:]
        return [str(v) if isinstance(v, int) and v >= 2**63 else v for v in row]

    @staticmethod
    def item_of(row):
        names = ("pk", "sk", "a", "n", "body")
        return {n: v for n, v in zip(names, row) if v is not None}

    @staticmethod
    def key_of(row):
        return (row[0], row[1])

    def where_key(self):
        return "pk = ? AND sk = ?" if self.has_sort else "pk = ?"

    def key_values(self, key):
        return list(key) if self.has_sort else [key[0]]

    # --- steps

    def put(self, db=None):
        """One row, by INSERT, OR REPLACE or OR IGNORE, as columns or item."""
        model, way = self.model, self.rng.choice(["", "OR REPLACE", "OR IGNORE"])
        row = self.draw_row()
        key, item = self.key_of(row), self.item_of(row)
        if self.chance(0.4):
            item["extra"] = self.rng.choice(
                [True, [1, "x", None], {"m": {"deep": [False]}}, self.draw_body()])
            sql = f"INSERT {way} INTO {model.name}(item) VALUES(?)"
            parameters = [json.dumps(item)]
        else:
            sql = (f"INSERT {way} INTO {model.name}({self.columns()}) "
                   f"VALUES({','.join('?' * len(self.values(row)))})")
            parameters = self.values(row)
        if way == "" and key in model.items:
            self.expect_failure(sqlite3.IntegrityError, "there already", sql,
                                parameters, db)
            return
        self.execute(sql, parameters, db)
        if way != "OR IGNORE" or key not in model.items:
            model.items[key] = item

    def put_many(self):
        """Rows at once; a duplicate may stop them half-way."""
        model = self.model
        rows = [self.draw_row() for _ in range(self.rng.randrange(2, 7))]
        way = self.rng.choice(["", "", "", "OR ABORT", "OR IGNORE", "OR REPLACE",
                               "OR FAIL", "OR ROLLBACK"])
        head = f"INSERT {way} INTO {model.name}({self.columns()}) "
        if self.chance(0.5):
            mark = "(" + ",".join("?" * len(self.values(rows[0]))) + ")"
            sql = head + "VALUES" + ",".join([mark] * len(rows))
            parameters = [v for row in rows for v in self.values(row)]
        else:
            self.execute("DELETE FROM source")
            for row in rows:
                given = self.values(row)
                if not self.has_sort:
                    given.insert(1, None)
                self.execute("INSERT INTO source VALUES(?,?,?,?,?)", given)
            sql = head + f"SELECT {self.columns()} FROM source ORDER BY rowid"
            parameters = []
        after = dict(model.items)
        failed = False
        for row in rows:
            if self.key_of(row) in after and way not in ("OR IGNORE", "OR REPLACE"):
                failed = True
                break
            if self.key_of(row) not in after or way == "OR REPLACE":
                after[self.key_of(row)] = self.item_of(row)
        if not failed:
            self.execute(sql, parameters)
            model.items = after
            return
        self.expect_failure(sqlite3.IntegrityError, "there already", sql,
                            parameters)
        if way == "OR FAIL":
            model.items = after
        elif way == "OR ROLLBACK" and model.stack:
            model.rollback()

    def copy(self):
        """INSERT … SELECT from the table itself."""
        model = self.model
        if not self.has_sort or len(model.items) > ITEMS_MAX:
            return
        pk, step = self.rng.choice(PARTITION_KEYS), self.rng.choice([1, 7, 100])
        rows = [(k, i) for k, i in model.items.items() if k[0] == pk]
        new = {(pk, k[1] + step): {**i, "sk": k[1] + step} for k, i in rows}
        sql = (f"INSERT INTO {model.name}(item) SELECT json_set(item, '$.sk', "
               f"sk + ?) FROM {model.name} WHERE pk = ?")
        if any(key in model.items for key in new):
            self.expect_failure(sqlite3.IntegrityError, "there already", sql,
                                [step, pk])
        else:
            self.execute(sql, [step, pk])
            model.items.update(new)

    def range_of(self):
        """A WHERE text, its parameters, and the keys that it means."""
        keys = self.model.items
        way = self.rng.random()
        if way < 0.55:
            key = self.known_key()
            return self.where_key(), self.key_values(key), \
                [key] if key in keys else []
        pk = self.known_key()[0]
        if way < 0.75 or not self.has_sort:
            return "pk = ?", [pk], [k for k in keys if k[0] == pk]
        if way < 0.93:
            low, high = sorted(self.rng.sample(SORT_KEYS, 2))
            return "pk = ? AND sk BETWEEN ? AND ?", [pk, low, high], \
                [k for k in keys if k[0] == pk and low <= k[1] <= high]
        return "mode = 'scan' AND a = ?", ["p"], \
            [k for k in keys if keys[k].get("a") == "p"]

    def update(self):
        model = self.model
        text, parameters, keys = self.range_of()
        if self.chance(0.6):
            changes = {}
            for name, value in (("a", self.rng.choice([None, "p", "s"])),
                                ("n", self.rng.choice([None, 3, -1.5])),
                                ("body", self.draw_body())):
                if self.chance(0.5):
                    changes[name] = value
            if not changes:
                return
            sets = ", ".join(f"{name} = ?" for name in changes)
            self.execute(f"UPDATE {model.name} SET {sets} WHERE {text}",
                         [*changes.values(), *parameters])
        elif self.chance(0.7):
            changes = {self.rng.choice(["extra", "y"]):
                       self.rng.choice([5, "z", self.draw_body()])}
            name, value = next(iter(changes.items()))
            self.execute(f"UPDATE {model.name} SET item = json_set(item, "
                         f"'$.{name}', ?) WHERE {text}", [value, *parameters])
        else:
            changes = {"extra": None}
            self.execute(f"UPDATE {model.name} SET item = json_remove(item, "
                         f"'$.extra') WHERE {text}", parameters)
        for key in keys:
            item = {**model.items[key], **changes}
            model.items[key] = {n: v for n, v in item.items() if v is not None}

    def update_key(self):
        """Refused at the first row whose key would change, and undone."""
        model = self.model
        pk = self.known_key()[0]
        rows = [k for k in model.items if k[0] == pk]
        limit = self.rng.choice(SORT_KEYS)
        column = "sk" if self.has_sort else "0"
        sql = (f"UPDATE {model.name} SET a = 'half', pk = CASE WHEN {column} > ? "
               "THEN 'other' ELSE pk END WHERE pk = ?")
        if any((k[1] if self.has_sort else 0) > limit for k in rows):
            self.expect_failure(sqlite3.OperationalError, "part of the key", sql,
                                [limit, pk])
            return
        self.execute(sql, [limit, pk])
        for key in rows:
            model.items[key] = {**model.items[key], "a": "half"}

    def delete(self):
        text, parameters, keys = self.range_of()
        self.execute(f"DELETE FROM {self.model.name} WHERE {text}", parameters)
        for key in keys:
            del self.model.items[key]

    def transaction(self):
        model, rng = self.model, self.rng
        way = rng.random()
        if not model.stack and way < 0.4:
            self.execute(rng.choice(["BEGIN", "BEGIN IMMEDIATE"]))
            model.push(None)
        elif way < 0.6 and len(model.stack) < 6:
            name = rng.choice(["s1", "s2", "s3"])
            self.execute(f"SAVEPOINT {name}")
            model.push(name)
        elif model.stack and way < 0.88:
            names = [s[0] for s in model.stack if s[0] is not None]
            if not names:
                return
            name = rng.choice(names)
            index = max(i for i, s in enumerate(model.stack) if s[0] == name)
            if self.chance(0.5):
                self.execute(f"ROLLBACK TO {name}")
                model.rollback_to(index)
            else:
                self.execute(f"RELEASE {name}")
                model.release(index)
        elif model.stack and self.chance(0.5):
            self.execute("COMMIT")
            model.stack = []
        elif model.stack:
            self.execute("ROLLBACK")
            model.rollback()

    def second_connection(self):
        """Reads what is committed; writes when nobody else does."""
        items, name = self.model.committed()
        if self.model.stack:
            # in the other journals the readers may have to wait
            if self.journal == "wal":
                self.compare_items(items, name, self.other)
        elif self.chance(0.7):
            self.put(self.other)
        else:
            self.compare_items(items, name, self.other)

    def alter(self):
        """An index comes or goes, or is made anew."""
        model = self.model
        if self.chance(0.3):
            change = f"REBUILD INDEX {self.rng.choice(['by_a', 'by_n'])}"
        elif model.has_later:
            change = "DROP INDEX later"
        else:
            change = "ADD GLOBAL INDEX later (n NUMBER, pk) PROJECT (a)"
        self.execute("SELECT dynamo_alter(?, ?)", [model.name, change]).fetchall()
        if "later" in change:
            model.has_later = not model.has_later

    def rare(self):
        model = self.model
        way = self.rng.randrange(5)
        if way == 0:
            new = "u" if model.name == "t" else "t"
            self.execute(f"ALTER TABLE {model.name} RENAME TO {new}")
            model.name = new
        elif way == 1 and not model.stack:
            self.execute("VACUUM")
        elif way == 2 and (not model.stack or self.chance(0.3)):
            self.reopen()
        elif way == 3 and not model.stack:
            self.execute("SELECT dynamo_maintain()").fetchall()
        elif way == 4:
            self.execute(f"DELETE FROM {model.name} WHERE mode = 'scan'")
            model.items = {}

    def step(self):
        steps = [(self.put, 22), (self.put_many, 14), (self.copy, 3),
                 (self.update, 18), (self.update_key, 2), (self.delete, 10),
                 (self.transaction, 18), (self.second_connection, 6),
                 (self.rare, 2), (self.alter, 3)]
        if len(self.model.items) > ITEMS_MAX:
            steps.append((self.delete, 40))
        self.rng.choices([s[0] for s in steps], [s[1] for s in steps])[0]()

    # --- comparing

    def rows_of(self, cursor):
        return [json.loads(row[0]) for row in cursor]

    def compare_items(self, items, name, db=None):
        cursor = self.execute(f"SELECT item FROM {name}('scan')", (), db)
        got = {(i["pk"], i.get("sk")): i for i in self.rows_of(cursor)}
        if got != items:
            wrong = [k for k in set(got) | set(items) if got.get(k) != items.get(k)]
            raise Mismatch(f"{len(wrong)} items differ: " + "; ".join(
                f"{k}: is {str(got.get(k))[:90]}, should be {str(items.get(k))[:90]}"
                for k in wrong[:3]))

    def compare_query(self):
        model = self.model
        pk = self.known_key()[0]
        down = self.has_sort and self.chance(0.5)
        limit = self.rng.choice([1, 3, 1000])
        order = "" if not self.has_sort else \
            " ORDER BY sk" + (" DESC" if down else "")
        got = self.rows_of(self.execute(
            f"SELECT item FROM {model.name} WHERE pk = ?{order} LIMIT {limit}",
            [pk]))
        keys = sorted((k for k in model.items if k[0] == pk),
                      key=lambda k: k[1] or 0, reverse=down)
        if got != [model.items[k] for k in keys[:limit]]:
            raise Mismatch(f"the query of {pk!r} gives {len(got)} other items")

    def compare_index(self):
        """The items of an index key, in the order of its sort key."""
        model = self.model
        number = self.rng.choice([0, 1, 3, -1.5])
        queries = [
            ("by_a", "a = 'p'", "n", lambda i: i.get("a") == "p" and "n" in i),
            ("by_n", f"n = {number}", "pk", lambda i: i.get("n") == number)]
        if self.has_sort:
            pk = self.known_key()[0]
            queries.append(("near", f"pk = '{pk}'", "n",
                            lambda i: i["pk"] == pk and "n" in i))
        if model.has_later:
            queries.append(("later", f"n = {number}", "pk",
                            lambda i: i.get("n") == number))
        name, where, order, holds = self.rng.choice(queries)
        down = self.chance(0.5)
        sort = ", sk" if self.has_sort else ""
        got = self.execute(
            f"SELECT {order}, pk{sort} FROM {model.name}('index {name}') WHERE "
            f"{where} ORDER BY {order}{' DESC' if down else ''}").fetchall()
        items = [i for i in model.items.values() if holds(i)]
        wanted = sorted(((i[order], i["pk"], *([i["sk"]] if self.has_sort else []))
                         for i in items), key=lambda r: r[0], reverse=down)
        shown = [tuple(v if not isinstance(v, str) or not v.isdigit() or i else
                       int(v) for i, v in enumerate(row)) for row in got]
        if order == "pk":
            shown = got
        if [r[0] for r in shown] != [r[0] for r in wanted] or \
                sorted(shown, key=repr) != sorted(wanted, key=repr):
            raise Mismatch(f"index {name} gives {shown[:5]} for {where}, and "
                           f"should give {wanted[:5]}")

    def compare(self, number):
        model = self.model
        if self.db.in_transaction != bool(model.stack):
            raise Mismatch("a transaction is open, or is not")
        self.compare_query()
        self.compare_index()
        check = self.execute(f"SELECT dynamo_check('{model.name}')").fetchone()[0]
        if check != "ok":
            raise Mismatch(f"dynamo_check: {check}")
        counted = self.execute(f"SELECT sum(items), sum(bytes), count(*) FROM "
                               f"dynamo_partitions('{model.name}') WHERE index_name "
                               "IS NULL").fetchone()
        size = self.execute("SELECT coalesce(sum(dynamo_item_size(item)), 0) FROM "
                            f"{model.name}('scan')").fetchone()[0]
        if counted[:2] != (len(model.items), size):
            raise Mismatch(f"dynamo_partitions says {counted[:2]}, there are "
                           f"{(len(model.items), size)}")
        self.splits = max(self.splits, counted[2])
        if number % 20 == 0:
            self.compare_items(model.items, model.name)

    def run(self, count):
        for number in range(1, count + 1):
            self.log = self.log[-400:]
            self.step()
            self.compare(number)
        if self.model.stack:
            self.execute("COMMIT")
            self.model.stack = []
        self.reopen()
        self.compare(0)
        self.db.close()
        self.other.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dynamo")
    parser.add_argument("--count", type=int, default=24000, help="steps in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--encoding", default="UTF-8")
    options = parser.parse_args()
    steps = -(-options.count // len(CONFIGURATIONS))
    partitions = []
    for number, configuration in enumerate(CONFIGURATIONS):
        rng = random.Random(f"{options.seed} {number}")
        with tempfile.TemporaryDirectory() as folder:
            run = Run(options.dynamo, options.encoding, rng,
                      os.path.join(folder, "model.db"), configuration)
            try:
                run.run(steps)
            except (Mismatch, sqlite3.Error) as error:
                print(f"FAIL: seed {options.seed}, configuration {configuration}: "
                      f"{type(error).__name__}: {error}\nthe last steps:")
                for line in run.log[-STEPS_SHOWN:]:
                    print("  ", line[:200])
                return 1
            partitions.append(run.splits)
    print(f"model: {steps} steps in each of {len(CONFIGURATIONS)} files, up to "
          f"{partitions} partitions, seed {options.seed}, {options.encoding}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
