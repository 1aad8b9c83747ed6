#!/usr/bin/env python3
"""Ask a dynamo table and an ordinary one with the same rows the same questions.

usage: random_queries.py PATH_TO_DYNAMO [--count=20000] [--seed=1]
                         [--indexes [--hidden]] [--encoding=UTF-8]

Each question is a random statement: all that SQL allows over the keys and the
other columns, joins, subqueries, compounds, views, also UPDATE and DELETE. The
dynamo table has to answer with the rows of the ordinary one, in its order when
there is an ORDER BY, or to refuse with "a query needs". Exits 1 at the first
other answer, with the statement, both answers and the plan; and when fewer than
40 % were answered.

With --indexes each dynamo table has three of them, and questions fix their keys,
too; the rows have only what the keys of the indexes can hold. In UTF-16 the
columns of the ordinary tables have the collation of a dynamo table's. With
--hidden the keys of indexes are declared as no columns.

Left out, because docs/reference.md says that it differs: a TEXT key compared with an
expression of numeric affinity when its text is no canonical number, or by order;
and with numbers in a column without a type, which SQLite compares with no text.
"""
import argparse
import random
import re
import sqlite3
import sys
from collections import Counter

ANSWERED_MIN_PERCENT = 40
ROWS = 150  # in each table
REFUSAL = "a query needs"

TEXT_KEYS = ["a", "A", "b", "B", "ab", "AB", "aB", "a ", "ab ", "abc", "abd",
             "x%y", "x_y", "x*y", "x[y", "é", "É", "日本", "日", "\U0001f600",
             "7", "42", "-3", "1.5", "9", "10", "2026-01-01", "2026-02", "20",
             "-", "~", "a\0b", "a\x01"]
NUMBER_KEYS = [-9007199254740993, -100, -3, -2, -1.5, -1, 0, 0.001, 0.1, 1, 1.5,
               2, 2.5, 3, 5, 7, 9, 10, 11, 42, 100, 12345, 10000000000,
               9007199254740993, 1e20, -1e20, 9223372036854775807]
BLOB_KEYS = [b"\x00", b"\x00\x00", b"\x00\x01", b"\x00\xff", b"\x01", b"a", b"A",
             b"ab", b"abc", b"7", b"\x7f", b"\x80", b"\xff", b"\xff\xff"]
DOMAIN = {"TEXT": TEXT_KEYS, "NUMBER": NUMBER_KEYS, "BLOB": BLOB_KEYS}
WRONG = {
    "TEXT": [7, 42, 1.5, 9, -3, 10, 1e300, b"a", b"", b"ab", None, "", "zzz"],
    "NUMBER": ["7", " 7 ", "7x", "1.5", "1e1", "+3", "abc", "", b"7", b"", None,
               1e300, -1e300, 1e-300, -1e-300, float("inf"), float("-inf"),
               "0x7", "1e999", "-", 2.0, 7.000000001, "10.0", "1e-200", "9" * 40],
    "BLOB": ["a", "ab", "", 7, 1.5, None, b""],
}

# Of each shape: the types of partition key and sort key.
SHAPES = [("TEXT", "TEXT"), ("TEXT", "NUMBER"), ("NUMBER", "TEXT"),
          ("BLOB", "BLOB"), ("TEXT", None), ("NUMBER", "NUMBER"),
          ("BLOB", "TEXT"), ("NUMBER", None)]
# The ordinary table of the joins, on both sides the same: one column of a type.
R_COLUMN = {"TEXT": "k", "NUMBER": "n", "BLOB": "x"}
# And of no type; u has numbers, too.
R_UNTYPED = {"TEXT": "v", "NUMBER": "u", "BLOB": "u"}


# With --indexes: on a and b, on c and a, and b within a partition key.
INDEXES = (", GLOBAL INDEX by_a (a TEXT, b NUMBER), GLOBAL INDEX by_c "
           "PARTITION KEY (c BLOB) SORT KEY (a TEXT, b NUMBER) PROJECT (e), ")
LOCAL_INDEX = "LOCAL INDEX by_b (b NUMBER) PROJECT (a)"
KEYS_INDEX = "GLOBAL INDEX by_b (b NUMBER) PROJECT KEYS"
indexed = False
hidden = False


def declaration(number):
    pk, sk = SHAPES[number]
    sort = f", sk {sk} SORT KEY" if sk else ""
    columns = "e" if hidden else "a TEXT, b NUMBER, c BLOB, e"
    indexes = INDEXES + (LOCAL_INDEX if sk else KEYS_INDEX) if indexed else ""
    return f"dynamo(pk {pk} PARTITION KEY{sort}, {columns}{indexes})"


# --- rows

def fill(db, rng, order):
    """order: the collation of columns, where dynamo tables have one. Make d0, d1, … (dynamo), o0, o1, … (ordinary), views, and r."""
    for number, (pk, sk) in enumerate(SHAPES):
        db.execute(f"CREATE VIRTUAL TABLE d{number} USING "
                   + declaration(number))
        keys = "pk, sk" if sk else "pk"
        columns = [f"pk {pk}", "a TEXT", "b NUMBER", "c BLOB", "e"]
        if sk:
            columns.insert(1, f"sk {sk}")
        names = ", ".join(column.split()[0] for column in columns)
        columns = ", ".join(
            column + ("" if hidden and column[0] in "abc" else order)
            for column in columns)
        db.execute(f"CREATE TABLE o{number}({columns}, PRIMARY KEY({keys})) "
                   "WITHOUT ROWID")
        for side in "do":
            db.execute(f"CREATE VIEW {side}view{number} AS SELECT {names}, "
                       f"coalesce(b, 0) + 1 AS b1 FROM {side}{number}")
        # few partitions, so that some hold many rows
        count = 8 if sk else len(DOMAIN[pk])
        partitions = rng.sample(DOMAIN[pk], count)
        for _ in range(ROWS):
            row = [rng.choice(partitions)]
            if sk:
                row.append(rng.choice(DOMAIN[sk]))
            row += [rng.choice([None, "a", "A", "b ", "b", "é", "7", "x%"]),
                    rng.choice([None, 1, 2, 3, 1.5, -7, "4"]
                               + ([] if indexed else ["abc"])),
                    rng.choice([None, b"a", b"\xff"]
                               + ([] if indexed else [b"", "a", 5])),
                    rng.choice([None, 1, 2, "1", "a", "A", 2.5, b"a"])]
            marks = ",".join("?" * len(row))
            for side in "do":
                db.execute(f"INSERT OR REPLACE INTO {side}{number} "
                           f"({names}) VALUES({marks})", row)
    db.execute("CREATE TABLE r(k TEXT, n NUMERIC, x BLOB, u, v)")
    for _ in range(14):
        db.execute("INSERT INTO r VALUES(?,?,?,?,?)",
                   [rng.choice(TEXT_KEYS + [None]), rng.choice(NUMBER_KEYS),
                    rng.choice(BLOB_KEYS),
                    rng.choice(TEXT_KEYS + BLOB_KEYS + NUMBER_KEYS + [None]),
                    rng.choice(TEXT_KEYS + BLOB_KEYS + [None])])


# --- statements

def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if value in (float("inf"), float("-inf")):
        return "9e999" if value > 0 else "-9e999"
    return repr(value)


class Statement:
    """The text, with @3 where a table goes (@S3: to be scanned, @V3: its view),
    its parameters, and how its answers are to be compared."""

    def __init__(self, rng):
        self.rng = rng
        self.parameters = {}
        self.text = ""
        self.keys = 0  # so many leading columns are in order
        self.limit = None  # appended; without it, all rows are known
        self.changes = None  # number of the table that the statement writes

    def value(self, value):
        """A value as a literal, a parameter, or an expression."""
        way = self.rng.random()
        if way < 0.45 and not (isinstance(value, str) and "\0" in value):
            return literal(value)
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        if way > 0.95:
            return f"(SELECT :{name})"
        return f":{name}"

    def chance(self, probability):
        return self.rng.random() < probability

    def of_type(self, kind, wrong=0.12):
        rng = self.rng
        if kind is None:
            return rng.choice([1, 2, "1", "a", "A", 2.5, b"a", None])
        return rng.choice(WRONG[kind] if rng.random() < wrong else DOMAIN[kind])


def pattern(s):
    """The rest of a condition with a prefix or another pattern."""
    rng = s.rng
    begin = rng.choice(["", "a", "A", "ab", "x", "2026", "20", "-", "日", "é",
                        "x%", "é", "2026-", "7", "a\0", "~", "zz", "1."])
    way = rng.randrange(7)
    if way < 2:
        end = rng.choice(["%", "%", "_", "", "%b", "_%"])
        return "{} LIKE " + s.value(rng.choice([begin + end] * 9 + [None, 7]))
    if way < 4:
        end = rng.choice(["*", "*", "?", "", "*b", "[a-z]*"])
        return "{} GLOB " + s.value(rng.choice([begin + end] * 9 + [None, 7]))
    if way == 4:
        escaped = begin.replace("%", "!%") + "%"
        return "{} LIKE " + s.value(escaped) + " ESCAPE '!'"
    return "begins_with({}, " + s.value(
        rng.choice([begin] * 9 + [None, 7, b"a"])) + ")"


def compare(s, column, kind):
    """A condition on one column of a declared type."""
    rng = s.rng
    way = rng.random()
    if way < 0.40:
        op = rng.choice(["=", "<", "<=", ">", ">=", "=", "<>", "IS", "IS NOT",
                         "<", ">="])
        collate = rng.choice([" COLLATE NOCASE", " COLLATE RTRIM",
                              " COLLATE BINARY"]) if s.chance(0.08) else ""
        value = s.value(s.of_type(kind))
        if s.chance(0.2):
            if op.startswith("IS"):
                op = "="
            return f"{value} {op} {column}{collate}"
        return f"{column} {op} {value}{collate}"
    if way < 0.60:
        low, high = s.of_type(kind, 0.07), s.of_type(kind, 0.07)
        negation = "NOT " if s.chance(0.1) else ""
        return (f"{column} {negation}BETWEEN {s.value(low)} AND {s.value(high)}")
    if way < 0.72:
        values = ", ".join(s.value(s.of_type(kind))
                           for _ in range(rng.randrange(1, 5)))
        negation = "NOT " if s.chance(0.15) else ""
        return f"{column} {negation}IN ({values})"
    if way < 0.78:
        return column + rng.choice([" IS NULL", " IS NOT NULL", " NOTNULL"])
    if way < 0.94 and kind == "TEXT" or way < 0.82:
        return pattern(s).format(column)
    # two bounds on the same side, or both at once
    one, two = (rng.choice(["<", "<=", ">", ">="]) for _ in "12")
    return (f"{column} {one} {s.value(s.of_type(kind))} AND "
            f"{column} {two} {s.value(s.of_type(kind))}")


def fix(s, column, kind):
    """A condition that fixes a partition key, in one of its forms."""
    rng = s.rng
    wrong = 0.06

    def one():
        return s.value(s.of_type(kind, wrong))

    way = rng.random()
    if way < 0.55:
        return f"{column} = {one()}"
    if way < 0.62:
        return f"{one()} = {column}"
    if way < 0.68:
        return f"{column} IS {one()}"
    if way < 0.80:
        return f"{column} IN ({', '.join(one() for _ in range(rng.randrange(1, 5)))})"
    if way < 0.87:
        return "(" + " OR ".join(f"{column} = {one()}"
                                 for _ in range(rng.randrange(2, 4))) + ")"
    if way < 0.91:
        return f"{column} IN (SELECT {R_COLUMN[kind]} FROM r)"
    if way < 0.94:
        return (f"{column} = (SELECT min({R_COLUMN[kind]}) FROM r WHERE "
                f"{R_COLUMN[kind]} > {one()})")
    if way < 0.97:
        return f"{column} = {one()} AND {column} = {one()}"
    return f"{column} = {one()} COLLATE {rng.choice(['NOCASE', 'RTRIM'])}"


def index_conditions(s, alias):
    """Conditions on the key of an index."""
    way = s.rng.randrange(3)
    if way == 0:
        out = [fix(s, f"{alias}.a", "TEXT")]
        if s.chance(0.6):
            out.append(compare(s, f"{alias}.b", "NUMBER"))
    elif way == 1:
        out = [fix(s, f"{alias}.c", "BLOB")]
        if s.chance(0.6):
            out.append(fix(s, f"{alias}.a", "TEXT") if s.chance(0.4) else
                       compare(s, f"{alias}.a", "TEXT"))
        if s.chance(0.4):
            out.append(compare(s, f"{alias}.b", "NUMBER"))
    else:
        out = [fix(s, f"{alias}.b", "NUMBER")]
    return out


def conditions(s, alias, number, fixed=0.92):
    """WHERE conditions on a table, most of them with the partition key."""
    rng = s.rng
    pk, sk = SHAPES[number]
    out = []
    if indexed and s.chance(0.5):
        out += index_conditions(s, alias)
        fixed = 0.2
    if s.chance(fixed):
        out.append(fix(s, f"{alias}.pk", pk))
    elif s.chance(0.3):
        out.append(compare(s, f"{alias}.pk", pk))
    if sk and s.chance(0.6):
        out.append(compare(s, f"{alias}.sk", sk))
        if s.chance(0.2):
            out.append(compare(s, f"{alias}.sk", sk))
    if s.chance(0.3):
        column, kind = rng.choice([("a", "TEXT"), ("b", "NUMBER"), ("c", "BLOB"),
                                   ("e", None), ("pk", pk)])
        out.append(compare(s, f"{alias}.{column}", kind))
    if s.chance(0.08):
        bound = [compare(s, f"{alias}.sk", sk) if sk and s.chance(0.6) else
                 compare(s, f"{alias}.a", "TEXT") for _ in "12"]
        fixes = [fix(s, f"{alias}.pk", pk) for _ in "12"]
        out = [f"(({fixes[0]}) AND ({bound[0]}) OR ({fixes[1]}) AND ({bound[1]}))"]
    if s.chance(0.06):
        # of two columns: SQLite does not show it to the table
        one, two = rng.sample(["a", "b", "c", "e"], 2)
        op = rng.choice(["=", "<", ">=", "<>", "IS"])
        out.append(f"{alias}.{one} {op} {alias}.{two}")
    if s.chance(0.04):
        out.append("NOT (" + compare(s, f"{alias}.b", "NUMBER") + ")")
    rng.shuffle(out)
    return " AND ".join(f"({c})" if " OR " in c or s.chance(0.2) else c
                        for c in out)


def where(*texts):
    given = [t for t in texts if t]
    return " WHERE " + " AND ".join(given) if given else ""


def order(s, columns):
    """ORDER BY terms, as (expression in the answer, term)."""
    terms = []
    for column in s.rng.sample(columns, s.rng.randrange(1, min(3, len(columns)) + 1)):
        way = s.rng.random()
        direction = s.rng.choice(["", "", " DESC", " ASC"])
        if column.endswith(".a") and way < 0.25:
            terms.append((f"lower({column})", f"{column} COLLATE NOCASE{direction}"))
        elif way < 0.32:
            terms.append((f"typeof({column})", f"typeof({column}){direction}"))
        elif way < 0.38:
            terms.append((column, f"{column}{direction} NULLS "
                          + s.rng.choice(["FIRST", "LAST"])))
        else:
            terms.append((column, f"{column}{direction}"))
    return terms


def finish(s, head, columns, rest, order_columns):
    """SELECT head + columns + rest, then ORDER BY and LIMIT."""
    terms = order(s, order_columns) if s.chance(0.55) else []
    if s.chance(0.35) and len(terms) > 1:
        terms = terms[:1]
    s.keys = len(terms)
    text = f"{head} {', '.join([t[0] for t in terms] + columns)} {rest}"
    if terms:
        text += " ORDER BY " + ", ".join(t[1] for t in terms)
    limit(s)
    s.text = text


def limit(s):
    if s.chance(0.35):
        rng = s.rng
        s.limit = f" LIMIT {s.value(rng.choice([0, 1, 1, 2, 3, 5, 20, 200, -1]))}"
        if s.chance(0.4):
            s.limit += f" OFFSET {s.value(rng.choice([0, 1, 2, 5, 30, -1]))}"


def columns_of(number, alias):
    names = ["pk", "sk", "a", "b", "c", "e"] if SHAPES[number][1] else \
            ["pk", "a", "b", "c", "e"]
    return [f"{alias}.{name}" for name in names]


def key_order(s, number, alias):
    """Often the order that the engine can give itself."""
    if indexed and s.chance(0.3):
        return [f"{alias}.a", f"{alias}.b"] if s.chance(0.5) else [f"{alias}.b"]
    if SHAPES[number][1] and s.chance(0.5):
        return [f"{alias}.sk"]
    return columns_of(number, alias)


def some(s, columns):
    return columns if s.chance(0.5) else \
        s.rng.sample(columns, s.rng.randrange(1, len(columns) + 1))


def select_one(s):
    number = s.rng.randrange(len(SHAPES))
    table = f"@{number}"
    fixed = 0.95
    if s.chance(0.1):
        table, fixed = f"@S{number}", 0.3
    distinct = "SELECT DISTINCT" if s.chance(0.1) else "SELECT"
    rest = f"FROM {table} AS t{where(conditions(s, 't', number, fixed))}"
    finish(s, distinct, some(s, columns_of(number, "t")), rest,
           key_order(s, number, "t"))


def select_view(s):
    number = s.rng.randrange(len(SHAPES))
    filters = conditions(s, "t", number)
    if s.chance(0.4):
        filters += (" AND " if filters else "") + f"t.b1 > {s.rng.randrange(4)}"
    finish(s, "SELECT", columns_of(number, "t") + ["t.b1"],
           f"FROM @V{number} AS t{where(filters)}", key_order(s, number, "t"))


def select_nested(s):
    number = s.rng.randrange(len(SHAPES))
    names = ", ".join(columns_of(number, "t"))
    inner = f"SELECT {names} FROM @{number} AS t{where(conditions(s, 't', number))}"
    if s.chance(0.3):
        inner += " ORDER BY t.pk, " + ("t.sk" if SHAPES[number][1] else "t.a")
        if SHAPES[number][1] or s.chance(0.3):
            # all of the key: the rows of the LIMIT are known
            inner += f" LIMIT {s.rng.randrange(6)}" if SHAPES[number][1] else ""
    outer = ""
    if s.chance(0.5):
        outer = where(compare(s, "q.b", "NUMBER")) if s.chance(0.5) else \
            where(conditions(s, "q", number, 0.3))
    if s.chance(0.5):
        s_with = s.rng.choice(["", "", "MATERIALIZED", "NOT MATERIALIZED"])
        head = f"WITH q AS {s_with} ({inner}) SELECT"
        source = "FROM q"
    else:
        head, source = "SELECT", f"FROM ({inner}) AS q"
    finish(s, head, columns_of(number, "q"), source + outer,
           columns_of(number, "q"))


def join_key(s, column, kind, other):
    """column = a column of r (alias `other`), of the same kind or of none."""
    right = R_COLUMN[kind]
    if s.chance(0.15):
        right = R_UNTYPED[kind]
    elif s.chance(0.08):
        right = s.rng.choice("knx")
    if s.chance(0.3):
        return f"{other}.{right} = {column}"
    return f"{column} = {other}.{right}"


def select_join_ordinary(s):
    number = s.rng.randrange(len(SHAPES))
    pk, sk = SHAPES[number]
    on = [join_key(s, "t.pk", pk, "r")] if s.chance(0.9) else []
    if sk and s.chance(0.4):
        right = (R_COLUMN if s.chance(0.8) else R_UNTYPED)[sk]
        op = s.rng.choice(["=", "<", ">=", "<>", "="])
        on.append(f"t.sk {op} r.{right}")
    way = s.rng.randrange(5)
    if s.chance(0.3):
        more = conditions(s, "t", number, 0.1)
        # SQLite 3.40.1 shows LIKE, GLOB, functions and IS NOT NULL in the ON of a
        # LEFT JOIN to its left table, as if they were in the WHERE
        if way != 3 or not re.search("LIKE|GLOB|begins_with|NOT ?NULL", more):
            on.append(more or "1")
    on = " AND ".join(on) or "1"
    if way == 0:
        source = f"FROM r LEFT JOIN @{number} AS t ON {on}"
    elif way == 1:
        source = f"FROM @{number} AS t JOIN r ON {on}"
    elif way == 2:
        source = f"FROM r CROSS JOIN @{number} AS t ON {on}"
    elif way == 3:
        source = f"FROM @{number} AS t LEFT JOIN r ON {on}"
    else:
        source = f"FROM r JOIN @{number} AS t ON {on}"
    rest = ""
    if s.chance(0.5 if way != 3 else 0.95):
        rest = where(conditions(s, "t", number, 0.5 if way != 3 else 1))
    if s.chance(0.2):
        rest += (" AND " if rest else " WHERE ") + compare(s, "r.k", "TEXT")
    finish(s, "SELECT", ["r.k", "r.n", "r.u"] + columns_of(number, "t"),
           source + rest, columns_of(number, "t") + ["r.k", "r.n"])


def comparable(left, right):
    """Whether keys of these types can be compared by order (see the head)."""
    return {left, right} != {"TEXT", "NUMBER"}


def select_join_dynamo(s):
    one, two = (s.rng.randrange(len(SHAPES)) for _ in "12")
    if s.chance(0.6):
        two = s.rng.choice([n for n in range(len(SHAPES))
                            if SHAPES[n][0] in SHAPES[one]])
    left_pk, left_sk = SHAPES[one]
    right_pk, right_sk = SHAPES[two]
    lefts = [("pk", left_pk)] + ([("sk", left_sk)] if left_sk else [])
    column, _ = s.rng.choice([c for c in lefts if c[1] == right_pk] or lefts)
    on = [f"y.pk = x.{column}"]
    if right_sk and left_sk and s.chance(0.5):
        op = s.rng.choice(["=", "<", ">", "<="]) if comparable(left_sk, right_sk) \
            else "="
        on.append(f"y.sk {op} x.sk")
    if right_sk and s.chance(0.3):
        on.append(compare(s, "y.sk", right_sk))
    kind = s.rng.choice(["JOIN", "JOIN", "LEFT JOIN", "CROSS JOIN"])
    first = f"@S{one}" if s.chance(0.1) else f"@{one}"
    source = f"FROM {first} AS x {kind} @{two} AS y ON {' AND '.join(on)}"
    if s.chance(0.3) and kind == "JOIN":
        source = f"FROM @{two} AS y JOIN {first} AS x ON {' AND '.join(on)}"
    finish(s, "SELECT", columns_of(one, "x") + columns_of(two, "y"),
           source + where(conditions(s, "x", one, 0.9)),
           columns_of(one, "x") + columns_of(two, "y"))


def select_correlated(s):
    number = s.rng.randrange(len(SHAPES))
    pk, sk = SHAPES[number]
    link = join_key(s, "t.pk", pk, "r")
    more = conditions(s, "t", number, 0.05)
    inner = f"FROM @{number} AS t{where(link, more)}"
    extreme = "t.sk" if sk else "t.b"
    way = s.rng.randrange(6)
    if way == 0:
        what = f"(SELECT count(*) {inner})"
    elif way == 1:
        what = f"(SELECT {s.rng.choice(['max', 'min'])}({extreme}) {inner})"
    elif way == 2 and sk:
        # one row, the first or the last
        what = (f"(SELECT t.a {inner} ORDER BY "
                + s.rng.choice(["t.pk, t.sk", "t.pk DESC, t.sk DESC"]) + " LIMIT 1)")
    elif way == 3:
        what = f"EXISTS (SELECT 1 {inner})"
    elif way == 4:
        what = f"r.k IN (SELECT t.a {inner})"
    else:
        what = f"(SELECT total(t.b) {inner})"
    if s.chance(0.5):
        s.text = f"SELECT r.k, r.n, r.x, r.u, {what} FROM r"
    else:
        s.text = f"SELECT r.k, r.n, r.x, r.u FROM r WHERE {what}"


def select_exists_outer(s):
    """A dynamo table outside, something else inside."""
    number = s.rng.randrange(len(SHAPES))
    pk, _ = SHAPES[number]
    right = R_COLUMN[pk]
    inner = s.rng.choice([
        f"EXISTS (SELECT 1 FROM r WHERE r.{right} = t.pk)",
        f"NOT EXISTS (SELECT 1 FROM r WHERE r.{right} = t.pk AND r.n > 3)",
        f"t.pk IN (SELECT r.{right} FROM r)",
        f"t.pk NOT IN (SELECT r.{right} FROM r WHERE r.{right} NOTNULL)",
        f"t.b > (SELECT avg(y.b) FROM @{number} AS y WHERE y.pk = t.pk)",
        f"(SELECT count(*) FROM @{number} AS y WHERE y.pk = t.pk AND y.a = t.a) > 1",
    ])
    finish(s, "SELECT", columns_of(number, "t"),
           f"FROM @{number} AS t{where(conditions(s, 't', number), inner)}",
           key_order(s, number, "t"))


def select_aggregate(s):
    number = s.rng.randrange(len(SHAPES))
    sk = SHAPES[number][1]
    values = ["count(*)", "count(t.a)", "min(t.b)", "max(t.b)", "total(t.b)",
              "avg(t.b)", "count(DISTINCT t.a)", "min(t.pk)", "max(t.a)",
              "sum(length(t.a))"]
    if sk:
        values += ["min(t.sk)", "max(t.sk)", "count(DISTINCT t.sk)"] * 2
    chosen = s.rng.sample(values, s.rng.randrange(1, 4))
    rest = f"FROM @{number} AS t{where(conditions(s, 't', number))}"
    if s.chance(0.6):
        group = s.rng.sample(columns_of(number, "t"), s.rng.randrange(1, 3))
        rest += " GROUP BY " + ", ".join(group)
        if s.chance(0.3):
            rest += f" HAVING count(*) > {s.rng.randrange(3)}"
        finish(s, "SELECT", group + chosen, rest, group)
    else:
        s.text = f"SELECT {', '.join(chosen)} {rest}"


def select_compound(s):
    number = s.rng.randrange(len(SHAPES))
    two = number if s.chance(0.5) else s.rng.randrange(len(SHAPES))
    op = s.rng.choice(["UNION", "UNION ALL", "INTERSECT", "EXCEPT"])
    parts = []
    for i, table in enumerate((number, two)):
        parts.append(f"SELECT t.pk AS p, t.a, t.b FROM @{table} AS t"
                     f"{where(conditions(s, 't', table, 0.97))}")
    s.text = f"{parts[0]} {op} {parts[1]}"
    if s.chance(0.5):
        s.keys = 1
        s.text += f" ORDER BY p{s.rng.choice(['', ' DESC'])}"
    if s.chance(0.3):
        limit(s)


def write(s):
    number = s.rng.randrange(len(SHAPES))
    s.changes = number
    filters = conditions(s, "@T", number).replace("@T.", "")
    table = f"@{number}"
    if s.chance(0.4):
        s.text = f"DELETE FROM {table}{where(filters)}"
    else:
        changes = ["b = coalesce(b, 0) + 1", "a = NULL", "a = 'new'", "e = a"]
        changes += ["c = x'00', b = NULL", "a = 'a', e = c"] if indexed else \
            ["a = pk, b = 5", "c = x'00', a = e"]
        change = s.rng.choice(changes)
        s.text = f"UPDATE {table} SET {change}{where(filters)}"


KINDS = [(select_one, 40), (select_view, 5), (select_nested, 8),
         (select_join_ordinary, 12), (select_join_dynamo, 9),
         (select_correlated, 8), (select_exists_outer, 5), (select_aggregate, 10),
         (select_compound, 6), (write, 5)]


def draw(rng):
    statement = Statement(rng)
    rng.choices([k[0] for k in KINDS], [k[1] for k in KINDS])[0](statement)
    return statement


# --- answers

def side_text(statement, side, with_limit=True):
    text = statement.text
    scan = "('scan')" if side == "d" else ""
    text = re.sub(r"@S(\d)", lambda m: f"{side}{m[1]}{scan}", text)
    text = re.sub(r"@V(\d)", lambda m: f"{side}view{m[1]}", text)
    text = re.sub(r"@(\d)", lambda m: f"{side}{m[1]}", text)
    return text + (statement.limit if with_limit and statement.limit else "")


def canonical(value):
    if isinstance(value, float):  # sums depend on the order of the rows
        rounded = float(f"{value:.12g}")
        return rounded if rounded != 0 else 0.0
    return value


def shown(row):
    return tuple((type(v).__name__, v) for v in map(canonical, row))


def ask(db, statement, side, with_limit=True):
    """The rows, or the text of the error."""
    try:
        cursor = db.execute(side_text(statement, side, with_limit),
                            statement.parameters)
        if statement.changes is None:
            return [shown(row) for row in cursor.fetchall()]
        scan = "('scan')" if side == "d" else ""
        names = ", ".join(columns_of(statement.changes, "t"))
        rows = db.execute(
            f"SELECT {names} FROM {side}{statement.changes}{scan} AS t")
        return [shown(row) for row in rows.fetchall()]
    except sqlite3.Error as error:
        return str(error)


def difference(db, statement, wanted, got):
    """What is wrong with an answer, or None."""
    if isinstance(got, str):
        return "it failed"
    if len(got) != len(wanted):
        return "another number of rows"
    keys = statement.keys
    if [row[:keys] for row in got] != [row[:keys] for row in wanted]:
        return "another order"
    if statement.limit is None:
        return None if Counter(got) == Counter(wanted) else "other rows"
    every = ask(db, statement, "o", with_limit=False)
    return "rows that the ordinary table has not" \
        if Counter(got) - Counter(every) else None


def report(db, statement, problem, wanted, got):
    print(f"FAIL: {problem}")
    print(" dynamo:  ", side_text(statement, "d"))
    print(" ordinary:", side_text(statement, "o"))
    print(" parameters:", statement.parameters)
    for name, rows in (("ordinary", wanted), ("dynamo", got)):
        if isinstance(rows, str):
            print(f" {name} says: {rows}")
            continue
        print(f" {name} has {len(rows)} rows:")
        for row in rows[:12]:
            print("   ", tuple(v for _, v in row))
    print(" plan:")
    try:
        plan = db.execute("EXPLAIN QUERY PLAN " + side_text(statement, "d"),
                          statement.parameters)
        for row in plan:
            print("   ", row[3])
    except sqlite3.Error as error:
        print("   ", error)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dynamo")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--failures", type=int, default=1,
                        help="go on until so many have been shown")
    parser.add_argument("--indexes", action="store_true")
    parser.add_argument("--hidden", action="store_true")
    parser.add_argument("--encoding", default="UTF-8")
    options = parser.parse_args()

    global indexed, hidden
    indexed = options.indexes
    hidden = options.hidden
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(options.dynamo)
    db.execute(f"PRAGMA encoding = '{options.encoding}'")
    rng = random.Random(options.seed)
    fill(db, rng, "" if options.encoding == "UTF-8" else " COLLATE dynamo")

    answered = refused = with_rows = failures = 0
    for number in range(options.count):
        statement = draw(rng)
        db.execute("SAVEPOINT question")
        wanted = ask(db, statement, "o")
        got = ask(db, statement, "d")
        if isinstance(got, str) and REFUSAL in got:
            refused += 1
        elif isinstance(wanted, str):
            print(f"the ordinary table says {wanted!r} to question {number}: "
                  f"{side_text(statement, 'o')}")
            return 1
        else:
            problem = difference(db, statement, wanted, got)
            if problem is not None:
                report(db, statement, problem, wanted, got)
                print(f" question {number} of seed {options.seed}")
                failures += 1
                if failures >= options.failures:
                    return 1
            answered += 1
            with_rows += bool(wanted)
        if statement.changes is not None:
            db.execute("ROLLBACK TO question")
        db.execute("RELEASE question")

    percent = 100 * answered / max(options.count, 1)
    print(f"random_queries: {options.count} statements, {answered} answered "
          f"({percent:.0f} %, {with_rows} of them with rows), {refused} refused, "
          f"seed {options.seed}")
    if percent < ANSWERED_MIN_PERCENT:
        print(f"FAIL: fewer than {ANSWERED_MIN_PERCENT} % were answered")
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
