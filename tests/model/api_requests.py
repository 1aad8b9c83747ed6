#!/usr/bin/env python3
"""Requests of dynamo_api with parts left out, doubled, replaced and damaged.

usage: api_requests.py PATH_TO_DYNAMO [--count=10000] [--seed=1]
                       [--encoding=UTF-8]

Each has to give a JSON response or one of the exceptions of DynamoDB, never an
internal error, and dynamo_check has to say ok now and then. Run with a sanitized
extension it finds what a parser does with texts that nobody would write.
"""
import argparse
import json
import random
import sqlite3
import sys
from collections import Counter

EXCEPTIONS = {"SerializationException", "ValidationException",
              "ConditionalCheckFailedException", "ResourceNotFoundException"}
KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}
REQUESTS = [
    ("PutItem", {
        "TableName": "ttt", "ReturnConsumedCapacity": "INDEXES",
        "Item": {**KEY, "v": {"S": "x"}, "m": {"M": {
            "l": {"L": [{"N": "1"}, {"BOOL": True}, {"NULL": True}]},
            "ss": {"SS": ["a", "b"]}, "b": {"B": "AAEC"}}}},
        "ConditionExpression": "attribute_not_exists(pk) OR v = :v",
        "ExpressionAttributeValues": {":v": {"S": "x"}},
        "ReturnValues": "ALL_OLD"}),
    ("UpdateItem", {
        "TableName": "ttt", "Key": KEY, "ReturnValues": "UPDATED_NEW",
        "UpdateExpression": "SET n = if_not_exists(n, :z) + :o, m.l[0] = :o "
                            "REMOVE #q ADD s :s",
        "ExpressionAttributeNames": {"#q": "q"},
        "ExpressionAttributeValues": {":z": {"N": "0"}, ":o": {"N": "1"},
                                      ":s": {"NS": ["1"]}}}),
    ("UpdateItem", {
        "TableName": "ttt", "Key": KEY, "ConditionalOperator": "OR",
        "AttributeUpdates": {"n": {"Action": "ADD", "Value": {"N": "1"}},
                             "z": {"Action": "DELETE"}},
        "Expected": {"v": {"ComparisonOperator": "IN",
                           "AttributeValueList": [{"S": "x"}]}}}),
    ("Query", {
        "TableName": "ttt", "IndexName": "by_v", "Limit": 1,
        "KeyConditionExpression": "v = :v AND sk BETWEEN :a AND :b",
        "FilterExpression": "size(m) > :a", "ScanIndexForward": False,
        "ProjectionExpression": "pk, m.l[1]",
        "ExpressionAttributeValues": {":v": {"S": "x"}, ":a": {"N": "0"},
                                      ":b": {"N": "9"}},
        "ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "5"},
                              "v": {"S": "x"}}}),
    ("Query", {
        "TableName": "ttt", "Select": "SPECIFIC_ATTRIBUTES",
        "KeyConditions": {
            "pk": {"ComparisonOperator": "EQ",
                   "AttributeValueList": [{"S": "a"}]},
            "sk": {"ComparisonOperator": "GE",
                   "AttributeValueList": [{"N": "0"}]}},
        "QueryFilter": {"v": {"ComparisonOperator": "NOT_NULL"}},
        "AttributesToGet": ["pk"]}),
    ("Scan", {
        "TableName": "ttt", "Segment": 0, "TotalSegments": 2,
        "FilterExpression": "n = :o", "ConsistentRead": True, "Select": "COUNT",
        "ExpressionAttributeValues": {":o": {"N": "1"}}}),
    ("GetItem", {
        "TableName": "ttt", "Key": KEY, "ConsistentRead": True,
        "ProjectionExpression": "m.ss, v", "ReturnConsumedCapacity": "TOTAL"}),
    ("DeleteItem", {
        "TableName": "ttt", "Key": KEY, "ConditionExpression": "v = :v",
        "ExpressionAttributeValues": {":v": {"S": "y"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}),
]
PIECES = [{}, [], None, "", "S", {"S": "x"}, {"N": "1e999"}, {"N": "-"}, -1, 1e30,
          True, "#a", ":v", {"L": []}, {"SS": []}, 999999999999, 0.5, "ttt",
          "by_v", {"M": {}}]


def change(value, rng):
    """The value with something else in it."""
    if rng.random() < 0.06:
        return rng.choice(PIECES)
    if isinstance(value, dict):
        out = {k: change(v, rng) for k, v in value.items() if rng.random() > 0.04}
        if rng.random() < 0.03:
            name = rng.choice(["pk", "S", "N", "x", "Limit", "IndexName"])
            out[name] = rng.choice(PIECES)
        return out
    if isinstance(value, list):
        return [change(v, rng) for v in value
                for _ in range(rng.choice([1, 1, 1, 1, 0, 2]))]
    if isinstance(value, str) and value and rng.random() < 0.05:
        at = rng.randrange(len(value))
        piece = rng.choice(["", "(", ")", " ", ":v", "#", "é", "AND", "[", "\\"])
        return value[:at] + piece + value[at + rng.randrange(2):]
    return value


def text_of(request, rng):
    text = json.dumps(change(request, rng) if rng.random() < 0.9 else request)
    if rng.random() < 0.1:
        at = rng.randrange(len(text))
        piece = rng.choice(["", '"', "{", "}", ",", "\\u00", "\x01"])
        text = text[:at] + piece + text[at + 1:]
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dynamo")
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--encoding", default="UTF-8")
    options = parser.parse_args()
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(options.dynamo)
    db.execute(f"PRAGMA encoding = '{options.encoding}'")
    db.execute("CREATE VIRTUAL TABLE ttt USING dynamo(pk TEXT PARTITION KEY, sk "
               "NUMBER SORT KEY, v TEXT, LOCAL INDEX near (v), GLOBAL INDEX by_v "
               "(v, sk))")
    rng = random.Random(options.seed)
    names = Counter()
    for number in range(options.count):
        operation, request = rng.choice(REQUESTS)
        text = text_of(request, rng)
        try:
            answer, = db.execute("SELECT dynamo_api(?, ?)",
                                 (operation, text)).fetchone()
            json.loads(answer)
            names["answered"] += 1
        except sqlite3.Error as error:
            name = str(error).split(":")[0]
            names[name] += 1
            if name not in EXCEPTIONS:
                print(f"FAIL: {error}\n {operation} {text}")
                return 1
        if number % 500 == 0:
            report, = db.execute("SELECT dynamo_check('ttt')").fetchone()
            if report != "ok":
                print(f"FAIL: {report} after {operation} {text}")
                return 1
    print(f"api_requests: {options.count}, seed {options.seed}: {dict(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
