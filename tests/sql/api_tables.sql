-- Tables by the API.

SELECT dynamo_clock('2026-01-01 00:00:00');
SELECT json_remove(dynamo_api('CreateTable', '{"TableName": "Music",
  "AttributeDefinitions": [{"AttributeName": "Artist", "AttributeType": "S"}, {"AttributeName": "Song", "AttributeType": "S"},
    {"AttributeName": "Year", "AttributeType": "N"}, {"AttributeName": "item", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "Song", "KeyType": "RANGE"}],
  "LocalSecondaryIndexes": [{"IndexName": "by_year", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["Genre"]},
    "KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "Year", "KeyType": "RANGE"}]}],
  "GlobalSecondaryIndexes": [{"IndexName": "by_item", "Projection": {"ProjectionType": "KEYS_ONLY"},
    "KeySchema": [{"AttributeName": "item", "KeyType": "HASH"}], "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}],
  "ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5}, "Tags": [{"Key": "team", "Value": "blue"}]}'), '$.TableDescription.TableId');

-- It is a table like any other.
SELECT name FROM pragma_table_xinfo('Music');
SELECT dynamo_api('PutItem', '{"TableName": "Music", "Item": {"Artist": {"S": "Acme"}, "Song": {"S": "One"}, "Year": {"N": "1999"}, "item": {"S": "x"}}}');
SELECT Artist, Song, item FROM Music WHERE item = 'x';
SELECT name, kind, state, partition_key, sort_key, projection FROM dynamo_indexes('Music');
SELECT table_name, billing, read_units, write_units FROM dynamo_tables;

-- And any other is one of the API's.
CREATE VIRTUAL TABLE orders USING dynamo(CustomerId TEXT PARTITION KEY, Note TEXT, max_read_units = 100);
SELECT json_remove(dynamo_api('DescribeTable', '{"TableName": "orders"}'), '$.Table.TableId');
SELECT dynamo_api('ListTables', '{}'), dynamo_api('ListTables', '{"Limit": 1}'), dynamo_api('ListTables', '{"ExclusiveStartTableName": "Music"}');

-- TableId is a UUID of version 4.
SELECT dynamo_api('DescribeTable', '{"TableName": "orders"}') ->> '$.Table.TableId' GLOB
  replace('XXXXXXXX-XXXX-4XXX-[89ab]XXX-XXXXXXXXXXXX', 'X', '[0-9a-f]');

-- Changing one. While it is UPDATING, it is told with the units that it had.
SELECT json_extract(dynamo_api('UpdateTable', '{"TableName": "Music", "ProvisionedThroughput": {"ReadCapacityUnits": 20, "WriteCapacityUnits": 2},
  "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "by_item", "ProvisionedThroughput": {"ReadCapacityUnits": 9, "WriteCapacityUnits": 9}}}]}'),
  '$.TableDescription.TableStatus', '$.TableDescription.ProvisionedThroughput', '$.TableDescription.GlobalSecondaryIndexes[0].ProvisionedThroughput');
SELECT json_extract(dynamo_api('DescribeTable', '{"TableName": "Music"}'), '$.Table.TableStatus', '$.Table.ProvisionedThroughput', '$.Table.GlobalSecondaryIndexes[0].ProvisionedThroughput');
SELECT json_extract(dynamo_api('UpdateTable', '{"TableName": "Music", "BillingMode": "PAY_PER_REQUEST", "OnDemandThroughput": {"MaxReadRequestUnits": 50},
  "TableClass": "STANDARD_INFREQUENT_ACCESS", "DeletionProtectionEnabled": true}'), '$.TableDescription.BillingModeSummary',
  '$.TableDescription.OnDemandThroughput', '$.TableDescription.TableClassSummary', '$.TableDescription.DeletionProtectionEnabled');
SELECT json_extract(dynamo_api('UpdateTable', '{"TableName": "Music", "AttributeDefinitions": [{"AttributeName": "Genre", "AttributeType": "S"}, {"AttributeName": "Year", "AttributeType": "N"}],
  "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "by_genre", "Projection": {"ProjectionType": "ALL"},
    "KeySchema": [{"AttributeName": "Genre", "KeyType": "HASH"}, {"AttributeName": "Year", "KeyType": "RANGE"}]}}]}'),
  '$.TableDescription.GlobalSecondaryIndexes[1]');
SELECT dynamo_api('UpdateTable', '{"TableName": "Music", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by_item"}}]}') LIKE '%by_item%';
SELECT name, kind, state, partition_key, sort_key, projection FROM dynamo_indexes('Music');

-- Tags.
SELECT dynamo_api('TagResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Music", "Tags": [{"Key": "stage", "Value": ""}, {"Key": "team", "Value": "red"}]}');
SELECT dynamo_api('ListTagsOfResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Music"}');
SELECT dynamo_api('UntagResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Music", "TagKeys": ["team", "none"]}');
SELECT dynamo_api('ListTagsOfResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Music"}');

SELECT dynamo_api('DescribeLimits', '{}');
SELECT dynamo_api('DescribeEndpoints', '{}');

-- Mistakes.
SELECT dynamo_api('CreateTable', '{}');
SELECT dynamo_api('CreateTable', '{"TableName": "abc"}');
SELECT dynamo_api('CreateTable', '{"TableName": "ab", "AttributeDefinitions": [], "KeySchema": []}');
SELECT dynamo_api('CreateTable', '{"TableName": "Music", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}');
SELECT dynamo_api('CreateTable', '{"TableName": "music", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}');
SELECT dynamo_api('CreateTable', '{"TableName": "Music_leaves", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}');
SELECT dynamo_api('CreateTable', '{"TableName": "other", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}');
SELECT dynamo_api('CreateTable', '{"TableName": "other", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}]}');
SELECT dynamo_api('CreateTable', '{"TableName": "other", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "RANGE"}]}');
SELECT dynamo_api('CreateTable', '{"TableName": "other", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}');
SELECT dynamo_api('CreateTable', '{"TableName": "other", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "StreamSpecification": {"StreamEnabled": false, "StreamViewType": "NEW_IMAGE"}}');
SELECT dynamo_api('CreateTable', '{"TableName": "other", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "SSESpecification": {"Enabled": true}}');
SELECT dynamo_api('CreateTable', '{"TableName": "other", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "ProvisionedThroughput": {"ReadCapacityUnits": 40001, "WriteCapacityUnits": 1}}');
SELECT dynamo_api('CreateTable', '{"TableName": "other", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
  "GlobalSecondaryIndexes": [{"IndexName": "by_a", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1000000000001}}]}');
-- The keys of an index come before its projection; those of a global one may be several.
SELECT dynamo_api('CreateTable', '{"TableName": "other", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}],
  "LocalSecondaryIndexes": [{"IndexName": "by_b", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "HASH"}], "Projection": {}}]}');
SELECT dynamo_api('CreateTable', '{"TableName": "other", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
  "GlobalSecondaryIndexes": [{"IndexName": "by_b", "KeySchema": [{"AttributeName": "b", "KeyType": "RANGE"}, {"AttributeName": "a", "KeyType": "HASH"}], "Projection": {}}]}');
SELECT dynamo_api('CreateTable', '{"TableName": "other", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
  "GlobalSecondaryIndexes": [{"IndexName": "by_b", "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "HASH"}], "Projection": {}}]}');
SELECT dynamo_api('UpdateTable', '{"TableName": "Music", "ProvisionedThroughput": {"ReadCapacityUnits": 40001, "WriteCapacityUnits": 1}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "Music"}');
SELECT dynamo_api('UpdateTable', '{"TableName": "Music", "BillingMode": "PROVISIONED"}');
SELECT dynamo_api('UpdateTable', '{"TableName": "Music", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "Music", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "nothing"}}]}');
SELECT dynamo_api('UpdateTable', '{"TableName": "Music", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by_year"}}]}');
SELECT dynamo_api('UpdateTable', '{"TableName": "Music", "GlobalSecondaryIndexUpdates": [{}]}');
SELECT dynamo_api('TagResource', '{"ResourceArn": "Music", "Tags": [{"Key": "a", "Value": "b"}]}');
SELECT dynamo_api('TagResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/nothing", "Tags": [{"Key": "a", "Value": "b"}]}');
SELECT dynamo_api('DescribeTable', '{"TableName": "nothing"}');
SELECT dynamo_api('DeleteTable', '{"TableName": "Music"}');

-- The end of it; also within a transaction.
SELECT dynamo_api('UpdateTable', '{"TableName": "Music", "DeletionProtectionEnabled": false}') LIKE '%UPDATING%';
BEGIN;
SELECT json_extract(dynamo_api('DeleteTable', '{"TableName": "Music"}'), '$.TableDescription.TableStatus');
SELECT dynamo_api('CreateTable', '{"TableName": "Music", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}') LIKE '%CREATING%';
SELECT dynamo_api('PutItem', '{"TableName": "Music", "Item": {"a": {"S": "b"}}}');
SELECT * FROM Music('scan');
ROLLBACK;
SELECT Artist, Song FROM Music('scan');
SELECT dynamo_check('Music');
SELECT dynamo_api('DeleteTable', '{"TableName": "Music"}') LIKE '%DELETING%';
SELECT dynamo_api('ListTables', '{}');
SELECT name FROM sqlite_schema WHERE name LIKE 'Music%';

-- From on demand to provisioned, an index gets units of its own, also those of its table. The summary stays; a table that goes has no global indexes.
SELECT dynamo_api('CreateTable', '{"TableName": "Plays", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "GlobalSecondaryIndexes": [{"IndexName": "by_b", "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}]}') LIKE '%CREATING%';
SELECT dynamo_api('UpdateTable', '{"TableName": "Plays", "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "by_b", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 5}}}]}');
SELECT dynamo_api('UpdateTable', '{"TableName": "Plays", "BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 5}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "Plays", "BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 5},
  "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "by_b", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 5}}}]}') ->> '$.TableDescription.BillingModeSummary.BillingMode';
SELECT dynamo_api('DeleteTable', '{"TableName": "Plays"}') LIKE '%by_b%';
SELECT dynamo_clock(NULL) IS NOT NULL;

-- The name of an operation is spelled as the service's.
SELECT dynamo_api('getItem', '{}');
SELECT dynamo_api(NULL, '{}');
