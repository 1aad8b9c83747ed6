-- A table is made with a stream, or given one.
SELECT dynamo_clock('2026-01-01 00:00:00');
SELECT json_extract(dynamo_api('CreateTable', '{"TableName": "rides", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
  "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
  "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}}'),
  '$.TableDescription.StreamSpecification', '$.TableDescription.LatestStreamLabel', '$.TableDescription.LatestStreamArn') AS made;
SELECT json_extract(dynamo_api('CreateTable', '{"TableName": "other", "BillingMode": "PAY_PER_REQUEST",
  "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
  "StreamSpecification": {"StreamEnabled": false}}'), '$.TableDescription.LatestStreamArn') AS none;
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "other", "StreamSpecification": {"StreamEnabled": false}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "other", "StreamSpecification": {"StreamEnabled": true}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "other", "StreamSpecification": {"StreamEnabled": false, "StreamViewType": "KEYS_ONLY"}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "other", "StreamSpecification": {"StreamViewType": "ALL"}}');
SELECT dynamo_clock('+1.5 seconds');
SELECT json_extract(dynamo_api('UpdateTable', '{"TableName": "other", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}}'),
  '$.TableDescription.StreamSpecification', '$.TableDescription.LatestStreamLabel') AS begun;

-- Streams are listed by the names of tables, and a stream has shards.
SELECT dynamo_api('ListStreams', '{}');
SELECT dynamo_api('ListStreams', '{"TableName": "other"}');
SELECT dynamo_api('ListStreams', '{"Limit": 1}');
SELECT dynamo_api('ListStreams', '{"ExclusiveStartStreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/other/stream/2026-01-01T00:00:01.500"}');
SELECT dynamo_api('DescribeStream', '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/rides/stream/2026-01-01T00:00:00.000"}');

-- An iterator is a place in a shard, and records are read from there on. A
-- view has what follows the records of the iterator that was added last.
CREATE TEMP TABLE iterators(n INTEGER PRIMARY KEY, place);
CREATE TEMP TABLE shard(request);
INSERT INTO shard VALUES('{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/rides/stream/2026-01-01T00:00:00.000",
  "ShardId": "shardId-00000001767225600000-00000001"}');
CREATE TEMP VIEW page AS SELECT dynamo_api('GetRecords', json_object('ShardIterator', place, 'Limit', 2)) AS page
  FROM iterators ORDER BY n DESC LIMIT 1;
CREATE TEMP VIEW records AS
  SELECT value ->> '$.eventName' AS event, value ->> '$.dynamodb.SequenceNumber' AS number,
    value ->> '$.dynamodb.Keys' AS key, value ->> '$.dynamodb.OldImage' AS old, value ->> '$.dynamodb.NewImage' AS new
  FROM page, json_each(page, '$.Records');
INSERT INTO iterators(place) SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'LATEST')) ->> '$.ShardIterator' FROM shard;
SELECT * FROM iterators;
INSERT INTO rides(item) VALUES('{"id": "r1", "driver": "ann"}');
UPDATE rides SET item = dynamo_updated(item, 'SET driver = :d', NULL, '{":d": "bob"}') WHERE id = 'r1';
UPDATE rides SET item = item WHERE id = 'r1';
SELECT dynamo_clock('+10 minutes');
DELETE FROM rides WHERE id = 'r1';
SELECT json_remove(value, '$.eventID') AS record, length(value ->> '$.eventID') AS id FROM page, json_each(page, '$.Records');
INSERT INTO iterators(place) SELECT page ->> '$.NextShardIterator' FROM page;
SELECT * FROM records;
-- the shard is open, so there is always a next place
INSERT INTO iterators(place) SELECT page ->> '$.NextShardIterator' FROM page;
SELECT page FROM page;
INSERT INTO iterators(place) SELECT page ->> '$.NextShardIterator' FROM page;
INSERT INTO rides(item) VALUES('{"id": "r2", "driver": "cid"}');
SELECT * FROM records;
-- from the beginning, and from a record on
INSERT INTO iterators(place) SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'TRIM_HORIZON')) ->> '$.ShardIterator' FROM shard;
SELECT event, number FROM records;
INSERT INTO iterators(place) SELECT dynamo_api('GetShardIterator',
  json_set(request, '$.ShardIteratorType', 'AT_SEQUENCE_NUMBER', '$.SequenceNumber', number)) ->> '$.ShardIterator' FROM shard, records WHERE event = 'MODIFY';
SELECT event, number FROM records;
INSERT INTO iterators(place) SELECT dynamo_api('GetShardIterator',
  json_set(request, '$.ShardIteratorType', 'AFTER_SEQUENCE_NUMBER', '$.SequenceNumber', number)) ->> '$.ShardIterator' FROM shard, records WHERE event = 'MODIFY';
SELECT event, number FROM records;

-- An iterator lives for 15 minutes.
SELECT dynamo_clock('+899 seconds');
SELECT event FROM records;
SELECT dynamo_clock('+1 second');
SELECT event FROM records;

-- An ended stream is read on for 24 hours; its shards end, and so do iterators.
SELECT json_extract(dynamo_api('UpdateTable', '{"TableName": "rides", "StreamSpecification": {"StreamEnabled": false}}'),
  '$.TableDescription.StreamSpecification', '$.TableDescription.LatestStreamLabel') AS ended;
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}}') LIKE '%T00:25:01.500%' AS begun;
SELECT dynamo_api('ListStreams', '{"TableName": "rides"}');
SELECT dynamo_api('DescribeStream', '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/rides/stream/2026-01-01T00:00:00.000"}');
INSERT INTO iterators(place) SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'TRIM_HORIZON')) ->> '$.ShardIterator' FROM shard;
INSERT INTO iterators(place) SELECT page ->> '$.NextShardIterator' FROM page;
SELECT event FROM records;
SELECT page ->> '$.NextShardIterator' IS NULL AS drained FROM page;
INSERT INTO iterators(place) SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'LATEST')) ->> '$.ShardIterator' FROM shard;
SELECT page FROM page;
-- what is older than 24 hours cannot be reached by its number
SELECT dynamo_clock('2026-01-02 00:05:00');
INSERT INTO iterators(place) SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'TRIM_HORIZON')) ->> '$.ShardIterator' FROM shard;
SELECT event FROM records;
SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'AT_SEQUENCE_NUMBER', '$.SequenceNumber', '101853070352318464000')) FROM shard;
INSERT INTO iterators(place) SELECT page ->> '$.NextShardIterator' FROM (SELECT dynamo_api('GetRecords', json_object('ShardIterator', place, 'Limit', 1)) AS page
  FROM iterators ORDER BY n DESC LIMIT 1);
SELECT event FROM records;
SELECT dynamo_clock('+6 minutes');
SELECT event FROM records;
SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'TRIM_HORIZON')) FROM shard;
SELECT dynamo_api('DescribeStream', '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/rides/stream/2026-01-01T00:00:00.000"}');
SELECT dynamo_clock('+20 minutes');
SELECT dynamo_api('DescribeStream', '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/rides/stream/2026-01-01T00:00:00.000"}');
SELECT json_extract(dynamo_api('ListStreams', '{"TableName": "rides"}'), '$.Streams[0].StreamLabel', '$.Streams[1]') AS listed;

-- An iterator behind the newest record misses nothing, however long that was ago.
UPDATE shard SET request = '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/rides/stream/2026-01-01T00:25:01.500",
  "ShardId": "shardId-00000001767227101500-00000002"}';
SELECT dynamo_clock('+10 days');
INSERT INTO iterators(place) SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'LATEST')) ->> '$.ShardIterator' FROM shard;
SELECT dynamo_clock('+14 minutes');
INSERT INTO rides(item) VALUES('{"id": "r3"}');
SELECT event, key, old, new FROM records;
-- one of a record does, once that is too old; the oldest one is another one then
SELECT dynamo_clock('+23 hours');
INSERT INTO rides(item) VALUES('{"id": "r4"}');
SELECT dynamo_clock('+55 minutes');
INSERT INTO iterators(place) SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'TRIM_HORIZON')) ->> '$.ShardIterator' FROM shard;
SELECT event, key FROM records;
INSERT INTO iterators(place) SELECT dynamo_api('GetShardIterator',
  json_set(request, '$.ShardIteratorType', 'AT_SEQUENCE_NUMBER', '$.SequenceNumber', number)) ->> '$.ShardIterator' FROM shard, records WHERE key LIKE '%r3%';
SELECT event, key FROM records;
SELECT dynamo_clock('+6 minutes');
SELECT event, key FROM records;
SELECT dynamo_maintain();
SELECT event, key FROM records;
DELETE FROM iterators WHERE n = (SELECT max(n) FROM iterators);
SELECT event, key FROM records;

-- A split closes a shard and opens two, which tell their parent.
SELECT dynamo_clock('2026-02-01 00:00:00');
CREATE VIRTUAL TABLE parts USING dynamo(id TEXT PARTITION KEY, stream = 'KEYS_ONLY', partition_bytes = 3000,
  billing = 'provisioned', read_units = 5, write_units = 5, throttle = 'off');
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300)
INSERT INTO parts(id, item) SELECT n, json_object('id', CAST(n AS TEXT), 't', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxx') FROM n;
SELECT dynamo_maintain() > 0;
CREATE TEMP VIEW shards AS
SELECT substr(value ->> '$.ShardId', -8) AS shard, substr(value ->> '$.ParentShardId', -8) AS parent,
  value ->> '$.SequenceNumberRange.EndingSequenceNumber' IS NULL AS is_open
  FROM json_each(dynamo_api('DescribeStream', '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/parts/stream/2026-02-01T00:00:00.000"}'), '$.StreamDescription.Shards');
SELECT * FROM shards ORDER BY shard LIMIT 3;
SELECT count(*) > 4, sum(is_open) > 2, sum(parent IS NULL) FROM shards;
SELECT value ->> '$.ShardId' AS child FROM json_each(dynamo_api('DescribeStream', '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/parts/stream/2026-02-01T00:00:00.000",
  "ShardFilter": {"Type": "CHILD_SHARDS", "ShardId": "shardId-00000001769904000000-00000001"}}'), '$.StreamDescription.Shards');
SELECT json_extract(dynamo_api('DescribeStream', '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/parts/stream/2026-02-01T00:00:00.000",
  "Limit": 1, "ExclusiveStartShardId": "shardId-00000001769904000000-00000001"}'), '$.StreamDescription.Shards[0].ShardId',
  '$.StreamDescription.Shards[1]', '$.StreamDescription.LastEvaluatedShardId') AS page;

-- A record of what has expired says who removed it.
SELECT dynamo_clock('2026-02-01 00:00:00');
CREATE VIRTUAL TABLE sessions USING dynamo(id TEXT PARTITION KEY, ends NUMBER, ttl = 'ends', stream = 'OLD_IMAGE',
  billing = 'provisioned', read_units = 5, write_units = 5);
INSERT INTO sessions VALUES('s', 1769904060);
SELECT dynamo_clock('+2 minutes');
SELECT dynamo_maintain();
UPDATE shard SET request = '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/sessions/stream/2026-02-01T00:00:00.000",
  "ShardId": "shardId-00000001769904000000-00000001"}';
INSERT INTO iterators(place) SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'TRIM_HORIZON')) ->> '$.ShardIterator' FROM shard;
SELECT event, old FROM records;
SELECT value ->> '$.userIdentity' AS who FROM page, json_each(page, '$.Records');

-- Mistakes.
SELECT dynamo_api('ListStreams', '{"TableName": "nobody"}');
SELECT dynamo_api('ListStreams', '{"Limit": 101}');
SELECT dynamo_api('ListStreams', '{"ExclusiveStartStreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/rides"}');
SELECT dynamo_api('DescribeStream', '{}');
SELECT dynamo_api('DescribeStream', '{"StreamArn": "rides"}');
SELECT dynamo_api('DescribeStream', '{"StreamArn": "arn:aws:dynamodb:eu-west-1:000000000000:table/rides/stream/2026-01-01T00:00:00.000"}');
SELECT dynamo_api('DescribeStream', '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/rides/stream/2026-01-01T00:00:00"}');
SELECT dynamo_api('DescribeStream', '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/rides/stream/2020-01-01T00:00:00.000"}');
SELECT dynamo_api('DescribeStream', '{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/nobody/stream/2026-01-01T00:00:00.000"}');
SELECT dynamo_api('DescribeStream', json_object('StreamArn', request ->> '$.StreamArn', 'Limit', 101)) FROM shard;
SELECT dynamo_api('DescribeStream', json_object('StreamArn', request ->> '$.StreamArn', 'ExclusiveStartShardId', 'shardId-00000000000000000000-00000001')) FROM shard;
SELECT dynamo_api('DescribeStream', json_object('StreamArn', request ->> '$.StreamArn', 'ShardFilter', json('{"Type": "CHILD_SHARDS"}'))) FROM shard;
SELECT dynamo_api('DescribeStream', json_object('StreamArn', request ->> '$.StreamArn', 'ShardFilter', json('{"Type": "PARENTS"}'))) FROM shard;
SELECT dynamo_api('GetShardIterator', '{"ShardIteratorType": "OLDEST"}');
SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'AT_SEQUENCE_NUMBER')) FROM shard;
SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'LATEST', '$.SequenceNumber', '100000000000000000000')) FROM shard;
SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'AT_SEQUENCE_NUMBER', '$.SequenceNumber', '12')) FROM shard;
SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'AT_SEQUENCE_NUMBER', '$.SequenceNumber', '900000000000000000000')) FROM shard;
SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'AT_SEQUENCE_NUMBER', '$.SequenceNumber', '199999999999999999999')) FROM shard;
SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'AT_SEQUENCE_NUMBER', '$.SequenceNumber', '100000000000000000000')) FROM shard;
SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'LATEST', '$.ShardId', 'shardId-00000001769904000000-00000009')) FROM shard;
SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'LATEST', '$.ShardId', 'shardId-00000001769904000001-00000001')) FROM shard;
SELECT dynamo_api('GetShardIterator', json_set(request, '$.ShardIteratorType', 'LATEST', '$.ShardId', 'a shard with any other name here')) FROM shard;
SELECT dynamo_api('GetRecords', '{"ShardIterator": "none", "Limit": 1001}');
SELECT dynamo_api('GetRecords', '{"ShardIterator": "none"}');
SELECT dynamo_api('GetRecords', json_object('ShardIterator', replace(place, 'sessions', 'rides'))) FROM iterators ORDER BY n DESC LIMIT 1;
SELECT dynamo_api('GetRecords', json_object('ShardIterator', place || 'a')) FROM iterators ORDER BY n DESC LIMIT 1;
DROP TABLE sessions;
SELECT dynamo_api('GetRecords', json_object('ShardIterator', place)) FROM iterators ORDER BY n DESC LIMIT 1;

-- The shard of a partition that has been split is there for a day.
SELECT dynamo_clock('2026-03-01 00:00:00');
CREATE VIRTUAL TABLE grown USING dynamo(id TEXT PARTITION KEY, v TEXT, stream = 'KEYS_ONLY', partition_bytes = 10000);
WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT value + 1 FROM n WHERE value < 80)
INSERT INTO grown SELECT value, printf('%.*c', 1000, 'v') FROM n;
SELECT dynamo_maintain() > 0;
CREATE TABLE parent(request);
INSERT INTO parent SELECT json_object('StreamArn', 'arn:aws:dynamodb:us-east-1:000000000000:table/grown/stream/2026-03-01T00:00:00.000',
  'ShardIteratorType', 'TRIM_HORIZON', 'ShardId', 'shardId-00000001772323200000-00000001');
SELECT shard, count(*) FROM dynamo_stream('grown') GROUP BY shard;
SELECT json_array_length(dynamo_api('GetRecords', json_object('ShardIterator', dynamo_api('GetShardIterator', request) ->> '$.ShardIterator')), '$.Records') FROM parent;
SELECT dynamo_clock('+23 hours');
SELECT dynamo_api('GetShardIterator', request) IS NOT NULL FROM parent;
SELECT dynamo_clock('+2 hours');
SELECT dynamo_api('GetShardIterator', request) IS NOT NULL FROM parent;
