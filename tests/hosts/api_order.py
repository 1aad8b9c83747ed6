#!/usr/bin/env python3
"""Which of several problems of a request is told: of the operations on tables,
batches, transactions and tags. Each chain begins with a request that has all of
its problems; each step mends the one that was told.

usage: api_order.py EXTENSION
"""
import copy
import json
import sqlite3
import sys

INVALID = "ValidationException: One or more parameter values were invalid: "
SHAPE = "failed to satisfy constraint: "

DEFINED = [{"AttributeName": "a", "AttributeType": "S"}]
HASH = {"AttributeName": "a", "KeyType": "HASH"}
RANGE = {"AttributeName": "b", "KeyType": "RANGE"}
ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/"

# operation, the first request, then what is told and how it is mended: a path
# and the value there; None removes it.
CHAINS = [
    ("CreateTable", {
        "TableName": 5, "BillingMode": "PROVISIONED", "KeySchema": [],
        "AttributeDefinitions": DEFINED,
        "GlobalSecondaryIndexes": [{
            "IndexName": "gix", "KeySchema": [RANGE],
            "Projection": {"NonKeyAttributes": ["x"]}}],
        "StreamSpecification": {"StreamEnabled": True}}, [
        ("SerializationException: NUMBER_VALUE", ["TableName"], "ta"),
        ("1 validation error detected: Value 'ta' at 'tableName' " + SHAPE,
         ["TableName"], "taken"),
        ("'keySchema' " + SHAPE, ["KeySchema"], [RANGE]),
        (INVALID + "ReadCapacityUnits and WriteCapacityUnits must both",
         ["BillingMode"], "PAY_PER_REQUEST"),
        (INVALID + "Some index key attributes are not defined",
         ["KeySchema"], [{**HASH, "KeyType": "RANGE"}]),
        ("ValidationException: Invalid KeySchema: The first", ["KeySchema"],
         [HASH]),
        (INVALID + "Some index key attributes are not defined",
         ["AttributeDefinitions"],
         DEFINED + [{"AttributeName": "b", "AttributeType": "N"},
                    {"AttributeName": "c", "AttributeType": "N"}]),
        ("ValidationException: Invalid KeySchema: The first",
         ["GlobalSecondaryIndexes", 0, "KeySchema"],
         [{**RANGE, "KeyType": "HASH"}]),
        (INVALID + "Unknown ProjectionType: null",
         ["GlobalSecondaryIndexes", 0, "Projection", "ProjectionType"], "ALL"),
        (INVALID + "ProjectionType is ALL, but NonKeyAttributes",
         ["GlobalSecondaryIndexes", 0, "Projection", "NonKeyAttributes"], None),
        (INVALID + "Some AttributeDefinitions are not used",
         ["AttributeDefinitions", 2], None),
        (INVALID + "StreamEnabled: true needs a StreamViewType",
         ["StreamSpecification"], None),
        ("ResourceInUseException: ", ["TableName"], "Taken"),
        (INVALID + "there is a table taken", ["TableName"], "free"),
    ]),
    ("UpdateTable", {
        "TableName": "ab", "GlobalSecondaryIndexUpdates": []}, [
        ("1 validation error detected: Value 'ab' at 'tableName' " + SHAPE,
         ["TableName"], "absent"),
        ("ValidationException: At least one of", ["BillingMode"],
         "PROVISIONED"),
        (INVALID + "ProvisionedThroughput must be specified",
         ["ProvisionedThroughput"],
         {"ReadCapacityUnits": 50000, "WriteCapacityUnits": 1}),
        ("LimitExceededException: ",
         ["ProvisionedThroughput", "ReadCapacityUnits"], 1),
        ("ResourceNotFoundException: Requested resource not found: Table: "
         "absent not found", ["TableName"], "taken"),
    ]),
    ("DeleteTable", {}, [
        ("The parameter 'TableName' is required", ["TableName"], ""),
        ("1 validation error detected: Value '' at 'tableName' " + SHAPE,
         ["TableName"], "absent"),
        ("ResourceNotFoundException: ", ["TableName"], "taken"),
    ]),
    ("ListTables", {"Limit": 0, "ExclusiveStartTableName": "a"}, [
        ("ValidationException: 2 validation errors", ["Limit"], 1),
        ("ValidationException: 1 validation error", ["ExclusiveStartTableName"],
         "abc"),
    ]),
    ("BatchGetItem", {"RequestItems": {}, "ReturnConsumedCapacity": "x"}, [
        ("'returnConsumedCapacity' " + SHAPE, ["ReturnConsumedCapacity"],
         None),
        ("The requestItems parameter is required for BatchGetItem",
         ["RequestItems"], {"taken": {"Keys": [{"a": {"S": ""}}] * 101}}),
        ("1 validation error detected: Value at 'RequestItems.taken.member."
         "Keys' " + SHAPE, ["RequestItems"],
         {"taken": {"Keys": [{"a": {"S": "1"}}]}}),
    ]),
    ("BatchGetItem", {"RequestItems": {"absent": {
        "Keys": [{"a": {"S": "1", "N": "1"}}, {"a": {"S": "1"}}],
        "AttributesToGet": ["a"], "ProjectionExpression": "a b"}}}, [
        ("ValidationException: Can not use both",
         ["RequestItems", "absent", "AttributesToGet"], None),
        ("ValidationException: Invalid ProjectionExpression: Syntax error",
         ["RequestItems", "absent", "ProjectionExpression"], "a"),
        ("ValidationException: Supplied AttributeValue has more than one",
         ["RequestItems", "absent", "Keys", 0], {"a": {"S": "1"}}),
        ("ValidationException: Provided list of item keys contains duplicates",
         ["RequestItems", "absent", "Keys", 0], {"b": {"S": "1"}}),
        ("ResourceNotFoundException: ", ["RequestItems"],
         {"taken": {"Keys": [{"b": {"S": "1"}}]}}),
        ("ValidationException: The provided key element does not match",
         ["RequestItems", "taken", "Keys", 0], {"a": {"S": "1"}}),
    ]),
    ("BatchWriteItem", {"RequestItems": {"absent": [
        {}, {"PutRequest": {"Item": {"a": {"S": "1"}, "s": {"SS": []}}}}]}}, [
        ("ValidationException: Supplied AttributeValue has more than one",
         ["RequestItems", "absent", 0],
         {"DeleteRequest": {"Key": {"a": {"S": "1"}}}}),
        (INVALID + "An string set", ["RequestItems", "absent", 1],
         {"PutRequest": {"Item": {"b": {"S": "1"}}}}),
        ("ResourceNotFoundException: ", ["RequestItems"], {"taken": [
            {"DeleteRequest": {"Key": {"a": {"S": "1"}}}},
            {"PutRequest": {"Item": {"b": {"S": "1"}}}}]}),
        ("ValidationException: The provided key element does not match",
         ["RequestItems", "taken", 1],
         {"PutRequest": {"Item": {"a": {"S": "1"}}}}),
        ("ValidationException: Provided list of item keys contains duplicates",
         ["RequestItems", "taken", 0], None),
    ]),
    ("TransactWriteItems", {"ClientRequestToken": "", "TransactItems": [
        {"Put": {"TableName": "taken", "Item": {"a": {"N": "x"}}},
         "Delete": {"TableName": "taken", "Key": {"a": {"S": "1"}}}},
        {"Update": {"TableName": "absent", "Key": {"a": {"S": "1"}},
                    "UpdateExpression": "SET"}}]}, [
        ("'clientRequestToken' " + SHAPE, ["ClientRequestToken"], "t"),
        ("ValidationException: TransactItems can only contain one of",
         ["TransactItems", 0, "Delete"], None),
        ("ValidationException: The parameter cannot be converted to a numeric",
         ["TransactItems", 0, "Put", "Item"], {"a": {"N": "1"}}),
        ("ValidationException: Invalid UpdateExpression: Syntax error",
         ["TransactItems", 1, "Update", "UpdateExpression"], "SET a = b"),
        ("ResourceNotFoundException: ",
         ["TransactItems", 1, "Update", "TableName"], "taken"),
        ("TransactionCanceledException: Transaction cancelled, please refer "
         "cancellation reasons for specific reasons [ValidationError, "
         "ValidationError]", ["TransactItems", 0, "Put", "Item"],
         {"a": {"S": ""}}),
        ("ValidationException: One or more parameter values are not valid. The "
         "AttributeValue for a key attribute cannot contain an empty string",
         ["TransactItems", 0, "Put", "Item"], {"a": {"S": "1"}}),
        ("ValidationException: Transaction request cannot include multiple",
         ["TransactItems", 0, "Put", "Item"], {"a": {"S": "2"}}),
        ("TransactionCanceledException: Transaction cancelled, please refer "
         "cancellation reasons for specific reasons [None, ValidationError]",
         ["TransactItems", 1, "Update", "UpdateExpression"], "SET b = c"),
        ("TransactionCanceledException: Transaction cancelled, please refer "
         "cancellation reasons for specific reasons [None, ValidationError]",
         ["TransactItems", 1], None),
    ]),
    ("TransactGetItems", {"TransactItems": [
        {}, {"Get": {"TableName": "absent", "Key": {"b": {"S": "1"}},
                     "ProjectionExpression": "a,,"}}]}, [
        ("'transactItems.1.member.get' " + SHAPE, ["TransactItems", 0],
         {"Get": {"TableName": "taken", "Key": {"a": {"S": "1"}}}}),
        ("ValidationException: Invalid ProjectionExpression: Syntax error",
         ["TransactItems", 1, "Get", "ProjectionExpression"], "b"),
        ("ResourceNotFoundException: ", ["TransactItems", 1, "Get",
                                         "TableName"], "taken"),
        ("TransactionCanceledException: ", ["TransactItems", 1, "Get", "Key"],
         {"a": {"S": "1"}}),
        ("ValidationException: Transaction request cannot include multiple",
         ["TransactItems", 1], None),
    ]),
    ("ExecuteTransaction", {"TransactStatements": [
        {"Statement": "SELECT * FROM absent"}, {"Statement": "DELETE taken"}]},
        [
        ("ValidationException: Statement wasn't well formed",
         ["TransactStatements", 1, "Statement"], "DELETE FROM taken"),
        ("ValidationException: The statements of a transaction must be all",
         ["TransactStatements", 0, "Statement"], "DELETE FROM absent"),
        ("ResourceNotFoundException: ", ["TransactStatements", 0, "Statement"],
         "DELETE FROM taken WHERE a = '1'"),
        ("TransactionCanceledException: Transaction cancelled, please refer "
         "cancellation reasons for specific reasons [None, ValidationError]",
         ["TransactStatements", 1], None),
    ]),
    ("TagResource", {"ResourceArn": "x", "Tags": []}, [
        ("ValidationException: Invalid TableArn: Invalid ResourceArn",
         ["ResourceArn"], ARN.replace("000000000000", "1") + "absent"),
        ("AccessDeniedException: User: arn:aws:iam::000000000000:root is not",
         ["ResourceArn"], ARN + "absent"),
        ("ValidationException: Atleast one Tag",
         ["Tags"], [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]),
        ("Duplicate tag key", ["Tags", 1], None),
        ("ResourceNotFoundException: ", ["ResourceArn"], ARN + "taken"),
    ]),
]


def mend(request, path, value):
    for step in path[:-1]:
        request = request[step]
    if value is not None:
        request[path[-1]] = value
    else:
        del request[path[-1]]


def answer(db, operation, request):
    try:
        return db.execute("SELECT dynamo_api(?, ?)", (
            operation, json.dumps(request))).fetchone()[0]
    except sqlite3.Error as error:
        return str(error)


def walk(operation, request, steps):
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(sys.argv[1])
    db.execute("CREATE VIRTUAL TABLE taken USING dynamo(a TEXT PARTITION KEY)")
    request = copy.deepcopy(request)
    for told, path, value in steps:
        text = answer(db, operation, request)
        assert any(t in text for t in told.split("|")), (
            f"{operation} {json.dumps(request)}\nis  {text}\nnot {told}")
        mend(request, path, value)
    text = answer(db, operation, request)
    assert "Exception" not in text, (operation, request, text)
    print("ok", operation, len(steps))


for chain in CHAINS:
    walk(*chain)
