-- Batches and transactions by the API.

SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE accounts USING dynamo(id TEXT PARTITION KEY, balance NUMBER);
CREATE VIRTUAL TABLE orders USING dynamo(CustomerId TEXT PARTITION KEY, OrderDate TEXT SORT KEY,
  Amount NUMBER, Status TEXT, LOCAL INDEX by_amount (Amount) PROJECT KEYS, GLOBAL INDEX by_status (Status) PROJECT KEYS);

-- 25 puts and deletes, of any tables.
SELECT dynamo_api('BatchWriteItem', '{"RequestItems": {
  "accounts": [{"PutRequest": {"Item": {"id": {"S": "alice"}, "balance": {"N": "100"}}}},
               {"PutRequest": {"Item": {"id": {"S": "bob"}, "balance": {"N": "5"}}}}],
  "orders": [{"PutRequest": {"Item": {"CustomerId": {"S": "alice"}, "OrderDate": {"S": "2026-01-20"}, "Amount": {"N": "80"}, "Status": {"S": "paid"}}}},
             {"DeleteRequest": {"Key": {"CustomerId": {"S": "nobody"}, "OrderDate": {"S": "2026"}}}}]},
  "ReturnConsumedCapacity": "INDEXES", "ReturnItemCollectionMetrics": "SIZE"}');
SELECT dynamo_cost();
SELECT id, balance FROM accounts('scan') ORDER BY id;

-- 100 gets.
SELECT dynamo_api('BatchGetItem', '{"RequestItems": {
  "accounts": {"Keys": [{"id": {"S": "bob"}}, {"id": {"S": "alice"}}, {"id": {"S": "carol"}}],
    "ProjectionExpression": "#b", "ExpressionAttributeNames": {"#b": "balance"}},
  "orders": {"Keys": [{"CustomerId": {"S": "alice"}, "OrderDate": {"S": "2026-01-20"}}], "ConsistentRead": true, "AttributesToGet": ["Amount"]}},
  "ReturnConsumedCapacity": "TOTAL"}');

-- All or nothing.
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [
  {"Update": {"TableName": "accounts", "Key": {"id": {"S": "alice"}}, "UpdateExpression": "SET balance = balance - :a",
    "ConditionExpression": "balance >= :a", "ExpressionAttributeValues": {":a": {"N": "30"}}}},
  {"Update": {"TableName": "accounts", "Key": {"id": {"S": "bob"}}, "UpdateExpression": "ADD balance :a",
    "ExpressionAttributeValues": {":a": {"N": "30"}}}},
  {"Put": {"TableName": "orders", "Item": {"CustomerId": {"S": "bob"}, "OrderDate": {"S": "2026-02-01"}, "Amount": {"N": "30"}, "Status": {"S": "paid"}},
    "ConditionExpression": "attribute_not_exists(CustomerId)"}},
  {"ConditionCheck": {"TableName": "orders", "Key": {"CustomerId": {"S": "alice"}, "OrderDate": {"S": "2026-01-20"}},
    "ConditionExpression": "#s = :s", "ExpressionAttributeNames": {"#s": "Status"}, "ExpressionAttributeValues": {":s": {"S": "paid"}}}}],
  "ReturnConsumedCapacity": "INDEXES", "ReturnItemCollectionMetrics": "SIZE"}');
SELECT id, balance FROM accounts('scan') ORDER BY id;

-- The reasons, in the order of the actions; nothing is done, but it is charged.
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [
  {"Update": {"TableName": "accounts", "Key": {"id": {"S": "bob"}}, "UpdateExpression": "SET balance = :z", "ExpressionAttributeValues": {":z": {"N": "0"}}}},
  {"Update": {"TableName": "accounts", "Key": {"id": {"S": "alice"}}, "UpdateExpression": "SET balance = balance - :a",
    "ConditionExpression": "balance >= :a", "ExpressionAttributeValues": {":a": {"N": "1000"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
  {"Delete": {"TableName": "accounts", "Key": {"id": {"S": "carol"}}, "ConditionExpression": "attribute_exists(id)"}}]}');
SELECT dynamo_cost();
SELECT id, balance FROM accounts('scan') ORDER BY id;
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [
  {"Put": {"TableName": "accounts", "Item": {"id": {"N": "1"}}}},
  {"Put": {"TableName": "accounts", "Item": {"id": {"S": "dave"}}}}]}');

-- Together with what surrounds it.
BEGIN;
CREATE TABLE log(text);
INSERT INTO log VALUES('paid');
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [{"Delete": {"TableName": "accounts", "Key": {"id": {"S": "bob"}}}}]}');
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [
  {"Delete": {"TableName": "accounts", "Key": {"id": {"S": "alice"}}}},
  {"ConditionCheck": {"TableName": "accounts", "Key": {"id": {"S": "nobody"}}, "ConditionExpression": "attribute_exists(id)"}}]}');
SELECT id FROM accounts('scan');
SELECT text FROM log;
ROLLBACK;
SELECT id FROM accounts('scan') ORDER BY id;

-- A token: the same request is done once in ten minutes, and then costs reads.
SELECT dynamo_api('TransactWriteItems', '{"ClientRequestToken": "t1", "ReturnConsumedCapacity": "TOTAL", "TransactItems": [
  {"Update": {"TableName": "accounts", "Key": {"id": {"S": "bob"}}, "UpdateExpression": "ADD balance :a", "ExpressionAttributeValues": {":a": {"N": "1"}}}}]}');
SELECT dynamo_api('TransactWriteItems', '{"ReturnConsumedCapacity": "TOTAL", "TransactItems": [
  {"Update": {"UpdateExpression": "ADD balance :a", "TableName": "accounts", "Key": {"id": {"S": "bob"}}, "ExpressionAttributeValues": {":a": {"N": "1"}}}}], "ClientRequestToken": "t1"}');
SELECT balance FROM accounts WHERE id = 'bob';
SELECT dynamo_api('TransactWriteItems', '{"ClientRequestToken": "t1", "TransactItems": [
  {"Update": {"TableName": "accounts", "Key": {"id": {"S": "bob"}}, "UpdateExpression": "ADD balance :a", "ExpressionAttributeValues": {":a": {"N": "2"}}}}]}');
SELECT dynamo_clock('+601 seconds');
SELECT dynamo_api('TransactWriteItems', '{"ClientRequestToken": "t1", "TransactItems": [
  {"Update": {"TableName": "accounts", "Key": {"id": {"S": "bob"}}, "UpdateExpression": "ADD balance :a", "ExpressionAttributeValues": {":a": {"N": "2"}}}}]}');
SELECT balance FROM accounts WHERE id = 'bob';

-- Reads of one moment.
SELECT dynamo_api('TransactGetItems', '{"ReturnConsumedCapacity": "TOTAL", "TransactItems": [
  {"Get": {"TableName": "accounts", "Key": {"id": {"S": "bob"}}, "ProjectionExpression": "balance"}},
  {"Get": {"TableName": "accounts", "Key": {"id": {"S": "nobody"}}}},
  {"Get": {"TableName": "orders", "Key": {"CustomerId": {"S": "alice"}, "OrderDate": {"S": "2026-01-20"}}}}]}');
SELECT dynamo_cost();

-- Mistakes.
SELECT dynamo_api('BatchGetItem', '{"RequestItems": {}}');
SELECT dynamo_api('BatchGetItem', '{"RequestItems": {"a": {"Keys": []}}}');
SELECT dynamo_api('BatchGetItem', json_object('RequestItems', json_object('accounts', json_object('Keys', (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 101)
  SELECT json_group_array(json_object('id', json_object('S', 'k' || i))) FROM n)))));
SELECT dynamo_api('BatchWriteItem', '{"RequestItems": {}}');
SELECT dynamo_api('BatchGetItem', '{"RequestItems": {"nothing": {"Keys": [{"id": {"S": "a"}}]}}}');
SELECT dynamo_api('BatchGetItem', '{"RequestItems": {"accounts": {"Keys": [{"id": {"S": "a"}}, {"id": {"S": "a"}}]}}}');
SELECT dynamo_api('BatchGetItem', '{"RequestItems": {"accounts": {"Keys": [{"id": {"N": "1"}}]}}}');
SELECT dynamo_api('BatchWriteItem', '{"RequestItems": {"accounts": []}}');
SELECT dynamo_api('BatchWriteItem', '{"RequestItems": {"accounts": [{}]}}');
SELECT dynamo_api('BatchWriteItem', '{"RequestItems": {"accounts": [{"PutRequest": {"Item": {"ID": {"S": "a"}}}}]}}');
SELECT dynamo_api('BatchWriteItem', '{"RequestItems": {"accounts": [{"PutRequest": {"Item": {"id": {"S": "a"}}}}, {"DeleteRequest": {"Key": {"id": {"S": "a"}}}}]}}');
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": []}');
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [{}]}');
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [{"Put": {"TableName": "accounts", "Item": {"id": {"S": "a"}}}}, {"Delete": {"TableName": "accounts", "Key": {"id": {"S": "a"}}}}]}');
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [{"Put": {"TableName": "nothing", "Item": {"id": {"S": "a"}}}}]}');
SELECT dynamo_api('TransactGetItems', '{"TransactItems": [{"Get": {"TableName": "accounts", "Key": {"key": {"S": "bob"}}}}]}');
-- An empty key value is wrong with the request, not a reason why the transaction is cancelled.
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [{"Put": {"TableName": "accounts", "Item": {"id": {"S": ""}}}}, {"Delete": {"TableName": "accounts", "Key": {"key": {"S": "a"}}}}]}');
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [{"Delete": {"TableName": "accounts", "Key": {"key": {"S": "a"}}}}, {"Update": {"TableName": "accounts", "Key": {"id": {"S": ""}}, "UpdateExpression": "SET a = id"}}]}');
SELECT dynamo_api('TransactGetItems', '{"TransactItems": [{"Get": {"TableName": "accounts", "Key": {"id": {"S": ""}}}}]}');
SELECT dynamo_api('ExecuteTransaction', '{"TransactStatements": [{"Statement": "DELETE FROM accounts WHERE id = ''''"}]}');
SELECT dynamo_api('ExecuteTransaction', '{"TransactStatements": [{"Statement": "INSERT INTO accounts VALUE {''id'': ''''}"}]}');
CREATE TABLE requests(text);
INSERT INTO requests SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [{"Put": {"TableName": "accounts", "Item": {"id": {"S": "a"}}}}]}');

SELECT dynamo_check('accounts'), dynamo_check('orders');
SELECT * FROM dynamo_capacity('orders');

-- A new provisioned table takes one second's worth: here two units each of
-- reading and writing. What is throttled in a batch comes back, in the form of
-- the request; nothing but throttled parts is an exception.
CREATE VIRTUAL TABLE tickets USING dynamo(id TEXT PARTITION KEY, billing = 'provisioned', read_units = 2, write_units = 2);
SELECT dynamo_api('BatchWriteItem', '{"RequestItems": {
  "tickets": [{"PutRequest": {"Item": {"id": {"S": "1"}}}}, {"PutRequest": {"Item": {"id": {"S": "2"}}}},
              {"PutRequest": {"Item": {"id": {"S": "3"}}}}, {"DeleteRequest": {"Key": {"id": {"S": "4"}}}}],
  "accounts": [{"PutRequest": {"Item": {"id": {"S": "zoe"}}}}]}, "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_api('BatchWriteItem', '{"RequestItems": {"tickets": [{"PutRequest": {"Item": {"id": {"S": "3"}}}}]}}');
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [
  {"Put": {"TableName": "accounts", "Item": {"id": {"S": "yan"}}}},
  {"Put": {"TableName": "tickets", "Item": {"id": {"S": "3"}}}}]}');
SELECT dynamo_api('BatchExecuteStatement', '{"Statements": [
  {"Statement": "INSERT INTO accounts VALUE {''id'': ''xu''}"},
  {"Statement": "INSERT INTO tickets VALUE {''id'': ''3''}"}]}');
SELECT dynamo_api('BatchGetItem', '{"RequestItems": {"tickets": {"ConsistentRead": true,
  "Keys": [{"id": {"S": "1"}}, {"id": {"S": "2"}}, {"id": {"S": "3"}}]}}}');
SELECT dynamo_clock('+1 second');
SELECT dynamo_api('BatchWriteItem', '{"RequestItems": {"tickets": [{"PutRequest": {"Item": {"id": {"S": "3"}}}}, {"DeleteRequest": {"Key": {"id": {"S": "4"}}}}]}}');
SELECT id FROM accounts('scan') WHERE id > 'x' ORDER BY id;
SELECT dynamo_check('tickets');

SELECT dynamo_clock(NULL) IS NOT NULL;
