#!/usr/bin/env python3
"""Ask tables of a server and ordinary ones with the same rows the same questions:
those of tests/model/random_queries.py, without writes, which a server does not
roll back.

usage: random_remote.py DYNAMO.SO DYNAMO_REMOTE.SO [--count=1500] [--seed=1]
                        [--endpoint=URL] [--limited] [--encoding=UTF-8]

The tables are made as dynamo tables, created at the server and copied there by
dynamo_copy(), and then replaced by remote ones of the same names, so the
questions are asked in the same words. What a dynamo table refuses, a remote one
has to refuse, too, with the same message. Without an endpoint, the server is one of our own
on dynamo_api(). --limited is for a server that does not know keys of several
attributes: by_c has one sort key then. In UTF-16 the columns of the ordinary tables have the
collation of a dynamo table's.

Exits 1 at the first other answer.
"""
import argparse
import json
import pathlib
import random
import re
import sqlite3
import sys
import time
import uuid

import served

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "model"))
import random_queries as questions  # noqa: E402

TYPES = {"TEXT": "S", "NUMBER": "N", "BLOB": "B"}


def definition(db, name, at_server):
    """The request that creates a table as a local one is."""
    told = json.loads(db.execute(
        "SELECT dynamo_api('DescribeTable', ?)",
        (json.dumps({"TableName": name}),)).fetchone()[0])["Table"]
    request = {"TableName": at_server, "BillingMode": "PAY_PER_REQUEST",
               "AttributeDefinitions": told["AttributeDefinitions"],
               "KeySchema": told["KeySchema"]}
    for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        if kind in told:
            request[kind] = [{key: index[key] for key in
                              ("IndexName", "KeySchema", "Projection")}
                             for index in told[kind]]
    return request


def wait_until_active(db, endpoint, name):
    for _ in range(100):
        told = json.loads(db.execute(
            "SELECT dynamo_remote_api(?, 'DescribeTable', ?)",
            (endpoint, json.dumps({"TableName": name}))).fetchone()[0])["Table"]
        states = [told["TableStatus"]] + [
            index["IndexStatus"]
            for index in told.get("GlobalSecondaryIndexes", [])]
        if all(state == "ACTIVE" for state in states):
            return
        time.sleep(0.1)
    raise SystemExit(f"{name} does not become ACTIVE")


def move(db, endpoint, number):
    """Have the table live at the server, and take its place. The local one is
    kept as local0, local1, …"""
    pk, sk = questions.SHAPES[number]
    name, kept = f"d{number}", f"local{number}"
    at_server = f"{name}-{uuid.uuid4().hex[:8]}"
    db.execute(f"ALTER TABLE {name} RENAME TO {kept}")
    db.execute("SELECT dynamo_remote_api(?, 'CreateTable', ?)",
               (endpoint, json.dumps(definition(db, kept, at_server))))
    wait_until_active(db, endpoint, at_server)
    columns = f"pk {pk}, " + (f"sk {sk}, " if sk else "") + \
        "a TEXT, b NUMBER, c BLOB, e"
    db.execute(f"CREATE VIRTUAL TABLE temp.{name} USING dynamo_remote("
               f"table = '{at_server}', endpoint = '{endpoint}', {columns})")
    answer = json.loads(db.execute("SELECT dynamo_copy(?, ?)",
                                   (kept, f"temp.{name}")).fetchone()[0])
    wanted, = db.execute(f"SELECT count(*) FROM {kept}('scan')").fetchone()
    if answer["state"] != "done" or answer["items"] != wanted:
        raise SystemExit(f"FAIL: {wanted} items to copy, and {answer}")


def local(text):
    """A statement over the local tables."""
    return re.sub(r"\bd(\d)\b", r"local\1", text)


def ask_local(db, statement):
    try:
        text = local(questions.side_text(statement, "d")).replace(
            "dview", "localview")
        return db.execute(text, statement.parameters).fetchall()
    except sqlite3.Error as error:
        return str(error)


def problem_of(db, statement, wanted, got):
    """What is wrong with an answer, or None."""
    if isinstance(got, str) and questions.REFUSAL in got:
        refusal = ask_local(db, statement)
        same = isinstance(refusal, str) and local(got) == refusal
        return None if same else f"the local table says {str(refusal)[:300]}"
    return questions.difference(db, statement, wanted, got)


def run(db, options):
    rng = random.Random(options.seed)
    kinds = [kind for kind in questions.KINDS if kind[0] is not questions.write]
    answered = refused = 0
    for number in range(options.count):
        statement = questions.Statement(rng)
        rng.choices([k[0] for k in kinds], [k[1] for k in kinds])[0](statement)
        wanted = questions.ask(db, statement, "o")
        got = questions.ask(db, statement, "d")
        problem = problem_of(db, statement, wanted, got)
        if problem is not None:
            questions.report(db, statement, problem, wanted, got)
            print(f" question {number} of seed {options.seed}")
            return 1
        is_refused = isinstance(got, str)
        refused += is_refused
        answered += not is_refused
    print(f"random_remote: {options.count} statements, {answered} answered, "
          f"{refused} refused, seed {options.seed}")
    return 0 if answered * 100 >= options.count * 40 else 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dynamo")
    parser.add_argument("remote")
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--endpoint")
    parser.add_argument("--limited", action="store_true")
    parser.add_argument("--encoding", default="UTF-8")
    options = parser.parse_args()
    questions.indexed = True
    if options.limited:
        whole = "(a TEXT, b NUMBER) PROJECT (e)"
        assert whole in questions.INDEXES
        questions.INDEXES = questions.INDEXES.replace(whole,
                                                      "(a TEXT) PROJECT (e)")
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(options.dynamo)
    db.load_extension(options.remote)
    db.execute(f"PRAGMA encoding = '{options.encoding}'")
    questions.fill(db, random.Random(options.seed),
                   "" if options.encoding == "UTF-8" else " COLLATE dynamo")
    for number in range(len(questions.SHAPES)):
        db.execute(f"DROP VIEW dview{number}")
    with served.endpoint(options.dynamo, options.endpoint) as endpoint:
        for number in range(len(questions.SHAPES)):
            move(db, endpoint, number)
        for number in range(len(questions.SHAPES)):
            for side in ("d", "local"):
                db.execute(f"CREATE TEMP VIEW {side}view{number} AS SELECT *, "
                           f"coalesce(b, 0) + 1 AS b1 FROM {side}{number}")
        return run(db, options)


if __name__ == "__main__":
    sys.exit(main())
