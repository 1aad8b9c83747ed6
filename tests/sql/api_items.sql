.headers off
-- dynamo_api(operation, request): DynamoDB's JSON protocol, here for one item at a time.
CREATE VIRTUAL TABLE Music USING dynamo(
  Artist TEXT PARTITION KEY, Song TEXT SORT KEY, Year NUMBER,
  LOCAL INDEX by_year (Year) PROJECT KEYS,
  GLOBAL INDEX by_genre (Genre TEXT, Year) PROJECT (Label));

-- What is put is an item of the table as any other; units are told by table and index.
SELECT dynamo_api('PutItem', '{"TableName": "Music", "ReturnConsumedCapacity": "INDEXES", "ReturnItemCollectionMetrics": "SIZE",
  "Item": {"Artist": {"S": "Nina"}, "Song": {"S": "Feeling Good"}, "Year": {"N": "1965.0"}, "Genre": {"S": "jazz"},
           "Tags": {"SS": ["b", "a"]}, "Raw": {"B": "AP8="}, "Deep": {"L": [{"M": {"x": {"NULL": true}}}, {"BOOL": false}]}}}');
SELECT Song, Year, item ->> '$.Tags' FROM Music WHERE Artist = 'Nina';
SELECT dynamo_api('GetItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Feeling Good"}}, "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_api('GetItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Feeling Good"}},
  "ConsistentRead": true, "ProjectionExpression": "Deep[0].x, #y, Nope", "ExpressionAttributeNames": {"#y": "Year"}, "ReturnConsumedCapacity": "INDEXES"}');
SELECT dynamo_api('GetItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Feeling Good"}}, "AttributesToGet": ["Nope"]}');
SELECT dynamo_api('GetItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Nope"}}, "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_cost();

-- What was there before; a replaced entry of an index costs twice.
SELECT dynamo_api('PutItem', '{"TableName": "Music", "ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": "INDEXES",
  "Item": {"Artist": {"S": "Nina"}, "Song": {"S": "Feeling Good"}, "Year": {"N": "1966"}, "Genre": {"S": "jazz"}}}');

-- A failed condition is an error of two lines when the item is asked for, and costs what the write would have.
SELECT dynamo_api('PutItem', '{"TableName": "Music", "Item": {"Artist": {"S": "Nina"}, "Song": {"S": "Feeling Good"}},
  "ConditionExpression": "attribute_not_exists(Artist)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}');
SELECT dynamo_cost();
SELECT dynamo_api('DeleteItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Nope"}},
  "ConditionExpression": "attribute_exists(Artist)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}');

-- UpdateItem: what is returned.
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Feeling Good"}}, "ReturnValues": "UPDATED_NEW",
  "UpdateExpression": "SET Plays = if_not_exists(Plays, :none) + :one, Label = :l REMOVE Genre",
  "ExpressionAttributeValues": {":one": {"N": "1"}, ":none": {"N": "0"}, ":l": {"S": "Philips"}}, "ReturnConsumedCapacity": "INDEXES"}');
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Feeling Good"}}, "ReturnValues": "UPDATED_OLD",
  "UpdateExpression": "ADD Plays :one, Fans :f", "ExpressionAttributeValues": {":one": {"N": "1"}, ":f": {"SS": ["me"]}}}');
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Feeling Good"}}, "ReturnValues": "ALL_OLD",
  "UpdateExpression": "DELETE Fans :f", "ExpressionAttributeValues": {":f": {"SS": ["me"]}}}');
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Sinnerman"}}, "ReturnValues": "ALL_NEW"}');
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Sinnerman"}}, "ReturnValues": "UPDATED_NEW",
  "UpdateExpression": "REMOVE Nope"}');
-- Where no item is, an update that only removes makes none; any other one makes it, also one that says nothing.
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "New"}, "Song": {"S": "1"}}, "ReturnValues": "ALL_NEW",
  "UpdateExpression": "REMOVE Plays DELETE Fans :f", "ExpressionAttributeValues": {":f": {"SS": ["me"]}}, "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "New"}, "Song": {"S": "1"}}, "ReturnValues": "UPDATED_NEW",
  "UpdateExpression": "REMOVE Plays", "ConditionExpression": "attribute_exists(Artist)"}');
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "New"}, "Song": {"S": "1"}}, "UpdateExpression": "REMOVE Deep.inside"}');
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [{"Update": {"TableName": "Music", "Key": {"Artist": {"S": "New"}, "Song": {"S": "1"}}, "UpdateExpression": "REMOVE Plays"}}]}');
SELECT count(*) FROM Music WHERE Artist = 'New';
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "New"}, "Song": {"S": "2"}}, "ReturnValues": "ALL_NEW",
  "UpdateExpression": "SET Plays = :n REMOVE Label", "ExpressionAttributeValues": {":n": {"N": "1"}}}');
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "New"}, "Song": {"S": "3"}}, "ReturnValues": "ALL_NEW"}');

-- A boolean may be told by a word, as in any member that is one; sizes of text are in characters.
SELECT dynamo_api('PutItem', '{"TableName": "Music", "Item": {"Artist": {"S": "New"}, "Song": {"S": "2"}, "Live": {"BOOL": "true"}, "None": {"NULL": "yes"}, "Label": {"S": "Ünïcödé €"}}}');
SELECT dynamo_api('PutItem', '{"TableName": "Music", "Item": {"Artist": {"S": "New"}, "Song": {"S": "2"}, "Live": {"BOOL": "truth"}}}');
SELECT dynamo_api('Query', '{"TableName": "Music", "KeyConditionExpression": "Artist = :a", "FilterExpression": "size(Label) = :n AND Live = :t",
  "ExpressionAttributeValues": {":a": {"S": "New"}, ":n": {"N": "9"}, ":t": {"BOOL": true}}}');
DELETE FROM Music WHERE Artist = 'New';

-- The older parameters.
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Sinnerman"}}, "ReturnValues": "ALL_NEW",
  "AttributeUpdates": {"Plays": {"Action": "ADD", "Value": {"N": "3"}}, "List": {"Action": "ADD", "Value": {"L": [{"N": "1"}]}}, "Set": {"Value": {"NS": ["1", "2"]}}},
  "Expected": {"Plays": {"Exists": false}, "Artist": {"Value": {"S": "Nina"}}}}');
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Sinnerman"}}, "ReturnValues": "ALL_NEW",
  "AttributeUpdates": {"Plays": {"Action": "DELETE"}, "List": {"Action": "ADD", "Value": {"L": [{"N": "2"}]}}, "Set": {"Action": "DELETE", "Value": {"NS": ["1"]}}}}');
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Sinnerman"}},
  "AttributeUpdates": {"List": {"Action": "ADD", "Value": {"N": "1"}}}}');
SELECT dynamo_api('UpdateItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Nope"}}, "ReturnValues": "ALL_NEW",
  "AttributeUpdates": {"Plays": {"Action": "DELETE"}}, "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_api('DeleteItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Sinnerman"}}, "ConditionalOperator": "OR",
  "Expected": {"Set": {"ComparisonOperator": "CONTAINS", "AttributeValueList": [{"N": "1"}]}, "List": {"ComparisonOperator": "NULL"}}}');
SELECT dynamo_api('DeleteItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Sinnerman"}}, "ConditionalOperator": "OR",
  "Expected": {"Set": {"ComparisonOperator": "CONTAINS", "AttributeValueList": [{"N": "2"}]}, "List": {"ComparisonOperator": "NULL"}}, "ReturnValues": "ALL_OLD"}');

-- Deleting, and deleting nothing.
SELECT dynamo_api('DeleteItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Feeling Good"}}, "ReturnConsumedCapacity": "INDEXES"}');
SELECT dynamo_api('DeleteItem', '{"TableName": "Music", "Key": {"Artist": {"S": "Nina"}, "Song": {"S": "Feeling Good"}}, "ReturnConsumedCapacity": "INDEXES", "ReturnValues": "ALL_OLD"}');

-- All of SQLite's transactions hold; an error undoes nothing but its own call.
BEGIN;
SELECT dynamo_api('PutItem', '{"TableName": "Music", "Item": {"Artist": {"S": "a"}, "Song": {"S": "1"}}}');
SELECT dynamo_api('PutItem', '{"TableName": "Music", "Item": {"Artist": {"S": "a"}}}');
SELECT dynamo_api('PutItem', '{"TableName": "Music", "Item": {"Artist": {"S": "a"}, "Song": {"S": "2"}}}');
ROLLBACK;
SELECT count(*) FROM Music('scan');

-- It writes on its own, not within a statement that writes; reading has its place there.
CREATE TABLE log(answer);
INSERT INTO log SELECT dynamo_api('PutItem', '{"TableName": "Music", "Item": {"Artist": {"S": "a"}, "Song": {"S": "1"}}}');
INSERT INTO log SELECT dynamo_api('GetItem', '{"TableName": "Music", "Key": {"Artist": {"S": "a"}, "Song": {"S": "1"}}}');
SELECT answer FROM log;
CREATE VIEW v AS SELECT dynamo_api('GetItem', '{}');
SELECT * FROM v;
SELECT dynamo_check('Music');
