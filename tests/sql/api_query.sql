.headers off
-- dynamo_api(): Query and Scan.
CREATE VIRTUAL TABLE Orders USING dynamo(
  Customer TEXT PARTITION KEY, Number NUMBER SORT KEY, Day TEXT, Status TEXT,
  LOCAL INDEX by_day (Day) PROJECT (Status),
  GLOBAL INDEX by_status (Status, Day) PROJECT (Amount));
INSERT INTO Orders(item) SELECT json_object('Customer', 'c' || (value % 2), 'Number', value, 'Day', printf('2026-01-%02d', 10 - value),
  'Status', iif(value % 3, 'open', 'paid'), 'Amount', value * 10, 'Note', 'n' || value) FROM json_each('[1,2,3,4,5,6,7,8]');

-- The range of a sort key, either way.
SELECT dynamo_api('Query', '{"TableName": "Orders", "KeyConditionExpression": "Customer = :c AND #n BETWEEN :a AND :b", "ProjectionExpression": "#n",
  "ExpressionAttributeNames": {"#n": "Number"}, "ExpressionAttributeValues": {":c": {"S": "c1"}, ":a": {"N": "2"}, ":b": {"N": "6"}}, "ReturnConsumedCapacity": "INDEXES"}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "KeyConditionExpression": "Customer = :c AND #n < :b", "ScanIndexForward": false, "ProjectionExpression": "#n",
  "ExpressionAttributeNames": {"#n": "Number"}, "ExpressionAttributeValues": {":c": {"S": "c1"}, ":b": {"N": "7"}}, "ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "Select": "COUNT", "KeyConditions": {"Customer": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "c1"}]},
  "Number": {"ComparisonOperator": "GE", "AttributeValueList": [{"N": "3"}]}}}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "IndexName": "by_day", "Select": "COUNT", "KeyConditions": {"Customer": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "c1"}]},
  "Day": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"S": "2026-01-09"}]}}}');

-- Limit counts what is evaluated, before the filter; a page that ends at the last item has a LastEvaluatedKey.
SELECT dynamo_api('Query', '{"TableName": "Orders", "KeyConditionExpression": "Customer = :c", "FilterExpression": "Amount > :a", "Limit": 2,
  "ExpressionAttributeValues": {":c": {"S": "c1"}, ":a": {"N": "20"}}, "ProjectionExpression": "Amount"}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "KeyConditionExpression": "Customer = :c", "FilterExpression": "Amount > :a", "Limit": 2,
  "ExpressionAttributeValues": {":c": {"S": "c1"}, ":a": {"N": "20"}}, "ProjectionExpression": "Amount", "ExclusiveStartKey": {"Number": {"N": "3"}, "Customer": {"S": "c1"}}}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "KeyConditionExpression": "Customer = :c", "Limit": 2,
  "ExpressionAttributeValues": {":c": {"S": "c1"}}, "ExclusiveStartKey": {"Number": {"N": "7"}, "Customer": {"S": "c1"}}}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "KeyConditionExpression": "Customer = :c", "QueryFilter": {"Amount": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "1"}]}},
  "ExpressionAttributeValues": {":c": {"S": "c1"}}}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "KeyConditions": {"Customer": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "c1"}]}}, "ConditionalOperator": "OR",
  "QueryFilter": {"Amount": {"ComparisonOperator": "IN", "AttributeValueList": [{"N": "10"}, {"N": "20"}]}, "Note": {"ComparisonOperator": "NOT_CONTAINS", "AttributeValueList": [{"S": "n"}]}},
  "AttributesToGet": ["Note", "Amount"]}');

-- A start key need not be there, but has to lie where the query reads.
SELECT dynamo_api('Query', '{"TableName": "Orders", "KeyConditionExpression": "Customer = :c", "ScanIndexForward": false, "Select": "COUNT",
  "ExpressionAttributeValues": {":c": {"S": "c1"}}, "ExclusiveStartKey": {"Number": {"N": "4.5"}, "Customer": {"S": "c1"}}}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "KeyConditionExpression": "Customer = :c",
  "ExpressionAttributeValues": {":c": {"S": "c1"}}, "ExclusiveStartKey": {"Number": {"N": "4"}, "Customer": {"S": "c0"}}}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "KeyConditionExpression": "Customer = :c",
  "ExpressionAttributeValues": {":c": {"S": "c1"}}, "ExclusiveStartKey": {"Number": {"N": "4"}}}');

-- A local index: what it does not hold is fetched, and paid for, item by item.
SELECT dynamo_api('Query', '{"TableName": "Orders", "IndexName": "by_day", "KeyConditionExpression": "Customer = :c AND begins_with(#d, :d)",
  "ExpressionAttributeNames": {"#d": "Day"}, "ExpressionAttributeValues": {":c": {"S": "c0"}, ":d": {"S": "2026-01-0"}}, "Limit": 2, "ReturnConsumedCapacity": "INDEXES"}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "IndexName": "by_day", "KeyConditionExpression": "Customer = :c", "ProjectionExpression": "Note",
  "ExpressionAttributeValues": {":c": {"S": "c0"}}, "ReturnConsumedCapacity": "INDEXES",
  "ExclusiveStartKey": {"Customer": {"S": "c0"}, "Number": {"N": "6"}, "Day": {"S": "2026-01-04"}}}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "IndexName": "by_day", "KeyConditionExpression": "Customer = :c", "Select": "ALL_ATTRIBUTES", "Limit": 1,
  "ExpressionAttributeValues": {":c": {"S": "c0"}}, "ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL"}');

-- A global index: its entries only, and only eventually.
SELECT dynamo_api('Query', '{"TableName": "Orders", "IndexName": "by_status", "KeyConditionExpression": "#s = :s", "Limit": 1,
  "ExpressionAttributeNames": {"#s": "Status"}, "ExpressionAttributeValues": {":s": {"S": "paid"}}, "ReturnConsumedCapacity": "INDEXES"}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "IndexName": "by_status", "KeyConditionExpression": "#s = :s",
  "ExclusiveStartKey": {"Status": {"S": "paid"}, "Day": {"S": "2026-01-04"}, "Customer": {"S": "c0"}, "Number": {"N": "6"}},
  "ExpressionAttributeNames": {"#s": "Status"}, "ExpressionAttributeValues": {":s": {"S": "paid"}}}');
SELECT dynamo_api('Query', '{"TableName": "Orders", "IndexName": "by_status", "KeyConditionExpression": "#s = :s", "ConsistentRead": true,
  "ExpressionAttributeNames": {"#s": "Status"}, "ExpressionAttributeValues": {":s": {"S": "paid"}}}');

-- Scan: all items, in segments, of an index; a filter may name the key here.
SELECT dynamo_api('Scan', '{"TableName": "Orders", "FilterExpression": "#n IN (:a, :b)", "ProjectionExpression": "#n, Customer",
  "ExpressionAttributeNames": {"#n": "Number"}, "ExpressionAttributeValues": {":a": {"N": "2"}, ":b": {"N": "5"}}, "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_api('Scan', '{"TableName": "Orders", "ScanFilter": {"Number": {"ComparisonOperator": "LT", "AttributeValueList": [{"N": "3"}]}}, "AttributesToGet": ["Number"]}');
SELECT sum(dynamo_api('Scan', json_object('TableName', 'Orders', 'Select', 'COUNT', 'TotalSegments', 4, 'Segment', value)) ->> 'Count') FROM json_each('[0,1,2,3]');
SELECT dynamo_api('Scan', '{"TableName": "Orders", "IndexName": "by_status", "Limit": 3, "Select": "COUNT", "ReturnConsumedCapacity": "INDEXES"}');

-- A page ends at 1 MB, behind the item that reaches it. All pages together are all items, and cost what each costs.
CREATE VIRTUAL TABLE Large USING dynamo(id TEXT PARTITION KEY, n NUMBER SORT KEY);
INSERT INTO Large(item) SELECT json_object('id', 'a', 'n', value, 'body', printf('%.*c', 300000, 'x')) FROM json_each('[1,2,3,4,5,6,7,8]');
WITH RECURSIVE pages(page) AS (
  SELECT dynamo_api('Query', '{"TableName": "Large", "KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "a"}}, "Select": "COUNT", "ReturnConsumedCapacity": "TOTAL"}')
  UNION ALL
  SELECT dynamo_api('Query', json_set('{"TableName": "Large", "KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "a"}}, "Select": "COUNT", "ReturnConsumedCapacity": "TOTAL"}',
    '$.ExclusiveStartKey', json(page -> 'LastEvaluatedKey'))) FROM pages WHERE page ->> 'LastEvaluatedKey' IS NOT NULL)
SELECT page FROM pages;

-- What is null is not there, also where a condition should be.
SELECT dynamo_api('Query', '{"TableName":"Large","KeyConditions":{"id":null}}');
