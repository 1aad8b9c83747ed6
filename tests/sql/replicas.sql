-- Two regions: tables of the same name in two databases of a connection.
SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE rides USING dynamo(id TEXT PARTITION KEY, driver TEXT, fare NUMBER, expires NUMBER,
  GLOBAL INDEX by_driver (driver), stream = 'NEW_AND_OLD_IMAGES', ttl = 'expires');
INSERT INTO rides(id, driver, fare) VALUES('r0', 'ann', 10), ('r1', 'bob', 20);
ATTACH ':memory:' AS "eu-west-1";
SELECT dynamo_alter('rides', 'ADD REPLICA eu-west-1');
SELECT dynamo_declaration('eu-west-1.rides');
SELECT id, driver, fare FROM "eu-west-1".rides('scan') ORDER BY id;
SELECT * FROM dynamo_replicas;

-- Each takes writes. dynamo_maintain() carries them over.
INSERT INTO rides(id, driver, fare) VALUES('r2', 'eve', 30);
UPDATE "eu-west-1".rides SET fare = 11 WHERE id = 'r0';
DELETE FROM "eu-west-1".rides WHERE id = 'r1';
SELECT dynamo_clock('+1 second');
SELECT schema_name, region, state, behind, lag_ms FROM dynamo_replicas;
SELECT id, fare FROM rides('scan') ORDER BY id;
SELECT dynamo_maintain();
SELECT id, fare FROM rides('scan') ORDER BY id;
SELECT id, fare FROM "eu-west-1".rides('scan') ORDER BY id;
SELECT id FROM "eu-west-1".rides WHERE driver = 'eve';
SELECT schema_name, region, behind, lag_ms, conflicts FROM dynamo_replicas;
SELECT event, old, new, actor FROM dynamo_stream('rides') WHERE time > '2026-01-01 00:00:00.500';
SELECT dynamo_maintain();

-- A change is not sent back, and only what is new travels.
SELECT count(*) FROM dynamo_stream('rides');
SELECT count(*) FROM dynamo_stream('eu-west-1.rides');

-- The last writer wins. What the other one wrote is kept in a table, on both
-- sides.
UPDATE "eu-west-1".rides SET fare = 12, driver = 'kim' WHERE id = 'r0';
SELECT dynamo_clock('+1 second');
UPDATE rides SET fare = 13 WHERE id = 'r0';
SELECT dynamo_maintain() > 0;
SELECT id, driver, fare FROM rides WHERE id = 'r0';
SELECT id, driver, fare FROM "eu-west-1".rides WHERE id = 'r0';
SELECT * FROM rides_conflicts;
SELECT * FROM "eu-west-1".rides_conflicts;
SELECT schema_name, conflicts FROM dynamo_replicas;

-- Of two changes at one time, that of the region with the later name wins.
UPDATE "eu-west-1".rides SET fare = 14 WHERE id = 'r0';
UPDATE rides SET fare = 15 WHERE id = 'r0';
SELECT dynamo_maintain() > 0;
SELECT fare FROM rides WHERE id = 'r0';
SELECT fare FROM "eu-west-1".rides WHERE id = 'r0';

-- But who has seen the other change comes after it, whatever the clocks say.
UPDATE "eu-west-1".rides SET fare = 16 WHERE id = 'r0';
SELECT dynamo_maintain() > 0;
SELECT fare FROM rides WHERE id = 'r0';
SELECT dynamo_clock('-1 hour');
UPDATE rides SET fare = 17 WHERE id = 'r0';
SELECT dynamo_maintain() > 0;
UPDATE "eu-west-1".rides SET fare = 18 WHERE id = 'r0';
SELECT dynamo_maintain() > 0;
SELECT fare FROM rides WHERE id = 'r0';
SELECT fare FROM "eu-west-1".rides WHERE id = 'r0';
SELECT count(*) FROM rides_conflicts;
SELECT dynamo_clock('+1 hour');

-- A removal is a change; so the older write does not bring the item back.
UPDATE "eu-west-1".rides SET fare = 31 WHERE id = 'r2';
SELECT dynamo_clock('+1 second');
DELETE FROM rides WHERE id = 'r2';
SELECT dynamo_maintain() > 0;
SELECT id FROM rides('scan') ORDER BY id;
SELECT id FROM "eu-west-1".rides('scan') ORDER BY id;
SELECT kept, kept_region, lost, lost_region FROM rides_conflicts WHERE keys = '{"id":"r2"}';
SELECT count(*) FROM rides_versions WHERE deleted IS NOT NULL;

-- Both come to the same: no conflict.
UPDATE rides SET fare = 20 WHERE id = 'r0';
UPDATE "eu-west-1".rides SET fare = 20 WHERE id = 'r0';
SELECT dynamo_maintain() > 0;
SELECT count(*) FROM rides_conflicts;

-- What expires is removed in each region.
INSERT INTO rides(id, expires) VALUES('r3', 1767225700);
SELECT dynamo_maintain() > 0;
SELECT id, expires FROM "eu-west-1".rides WHERE id = 'r3';
SELECT dynamo_clock('2026-01-01 00:02:00');
SELECT dynamo_maintain() > 0;
SELECT id FROM rides('scan') ORDER BY id;
SELECT id FROM "eu-west-1".rides('scan') ORDER BY id;
SELECT count(*) FROM rides_conflicts;

-- A condition sees the copy of its region alone.
INSERT INTO rides(id, fare) VALUES('r4', 1);
INSERT INTO "eu-west-1".rides(id, fare, condition) VALUES('r4', 2, 'attribute_not_exists(id)');
SELECT dynamo_maintain() > 0;
SELECT fare FROM rides WHERE id = 'r4';

-- What is received consumes write units, and is not throttled.
SELECT index_name, operation, sum(write_units) FROM dynamo_capacity('eu-west-1.rides')
 WHERE write_units > 0 GROUP BY 1, 2;

-- A delay.
SELECT dynamo_alter('rides', 'replication_delay_ms = 5000');
UPDATE rides SET fare = 41 WHERE id = 'r4';
SELECT dynamo_clock('+4 seconds');
SELECT dynamo_maintain();
SELECT fare FROM "eu-west-1".rides WHERE id = 'r4';
SELECT behind, lag_ms FROM dynamo_replicas('rides');
SELECT dynamo_clock('+1 second');
SELECT dynamo_maintain() > 0;
SELECT fare FROM "eu-west-1".rides WHERE id = 'r4';
SELECT dynamo_alter('rides', 'replication_delay_ms = NULL');

-- A third region is connected with both.
UPDATE "eu-west-1".rides SET fare = 42 WHERE id = 'r4';
SELECT dynamo_alter('rides', 'ADD REPLICA ap-south-1 IN '':memory:''');
SELECT fare FROM "ap-south-1".rides WHERE id = 'r4';
SELECT schema_name, region, state, behind FROM dynamo_replicas;
SELECT dynamo_maintain() > 0;
SELECT fare FROM "ap-south-1".rides WHERE id = 'r4';
UPDATE "ap-south-1".rides SET fare = 43 WHERE id = 'r4';
SELECT dynamo_maintain() > 0;
SELECT fare FROM rides WHERE id = 'r4';
SELECT fare FROM "eu-west-1".rides WHERE id = 'r4';
SELECT dynamo_maintain();
SELECT dynamo_check('rides'), dynamo_check('eu-west-1.rides'), dynamo_check('ap-south-1.rides');

-- After a day, the versions of removed items go.
SELECT count(*) FROM rides_versions WHERE deleted IS NOT NULL;
SELECT dynamo_clock('+25 hours');
SELECT dynamo_maintain() > 0;
SELECT count(*) FROM rides_versions WHERE deleted IS NOT NULL;

-- A region that is not attached is away: what is written waits for it.
ATTACH 'files.db' AS other;
CREATE VIRTUAL TABLE other.cars USING dynamo(id TEXT PARTITION KEY, seats NUMBER, region = 'us-east-2');
SELECT dynamo_alter('other.cars', 'ADD REPLICA eu-north-1 IN ''north.db''');
DETACH "eu-north-1";
INSERT INTO other.cars VALUES('c1', 4), ('c2', 5);
SELECT region, state, behind FROM dynamo_replicas('other.cars');
SELECT dynamo_maintain() > 0;
SELECT dynamo_alter('other.cars', 'ADD REPLICA eu-north-2 IN ''north2.db''');
ATTACH 'north.db' AS north;
SELECT * FROM north.cars('scan');
SELECT dynamo_maintain() > 0;
SELECT * FROM north.cars('scan') ORDER BY id;
SELECT region, state, behind FROM dynamo_replicas('other.cars');

-- Indexes are those of each region. What one cannot hold is not in it.
SELECT dynamo_alter('rides', 'ADD GLOBAL INDEX by_fare (fare)');
INSERT INTO "eu-west-1".rides(item) VALUES('{"id": "r5", "fare": 50}'), ('{"id": "r6", "fare": "sixty"}');
SELECT dynamo_maintain() > 0;
SELECT id FROM rides WHERE fare = 50;
SELECT id, fare FROM rides('scan') ORDER BY id;
SELECT name, entries FROM dynamo_indexes('rides');
SELECT dynamo_check('rides');

-- The end of a replica. Its table stays, and is an ordinary one.
SELECT dynamo_alter('rides', 'DROP REPLICA ap-south-1');
SELECT schema_name, region FROM dynamo_replicas WHERE table_name = 'rides';
INSERT INTO rides(id) VALUES('r9');
SELECT dynamo_maintain() > 0;
SELECT id FROM "ap-south-1".rides('scan') ORDER BY id;
SELECT id FROM "eu-west-1".rides('scan') ORDER BY id;
SELECT dynamo_alter('rides', 'DROP REPLICA eu-west-1');
SELECT count(*) FROM rides_versions;

-- Strong: a write is in all regions at once.
CREATE VIRTUAL TABLE seats USING dynamo(id TEXT PARTITION KEY, holder TEXT);
INSERT INTO seats VALUES('1A', NULL);
SELECT dynamo_alter('seats', 'ADD REPLICA eu-west-1 STRONG');
SELECT dynamo_alter('seats', 'ADD REPLICA ap-south-1');
SELECT dynamo_alter('seats', 'ADD REPLICA ap-south-1 STRONG');
UPDATE seats SET holder = 'ann' WHERE id = '1A';
SELECT * FROM "eu-west-1".seats WHERE id = '1A';
UPDATE "eu-west-1".seats SET holder = 'bob', condition = 'attribute_not_exists(holder)' WHERE id = '1A';
UPDATE "ap-south-1".seats SET holder = 'cat' WHERE id = '1A';
SELECT * FROM seats WHERE id = '1A';
SELECT dynamo_api('PutItem', '{"TableName": "eu-west-1.seats", "Item": {"id": {"S": "1B"}}}');
SELECT id FROM "ap-south-1".seats('scan') ORDER BY id;
BEGIN;
DELETE FROM seats WHERE id = '1A';
SELECT id FROM "ap-south-1".seats('scan') ORDER BY id;
ROLLBACK;
SELECT id FROM "ap-south-1".seats('scan') ORDER BY id;
SELECT schema_name, region, strong, behind, conflicts FROM dynamo_replicas('seats');
DETACH "ap-south-1";
UPDATE seats SET holder = 'dan' WHERE id = '1A';
SELECT dynamo_api('PutItem', '{"TableName": "seats", "Item": {"id": {"S": "1C"}}}');
SELECT id, holder FROM "eu-west-1".seats('scan') ORDER BY id;

-- What is refused.
SELECT dynamo_alter('rides', 'ADD REPLICA us-east-1');
SELECT dynamo_alter('rides', 'ADD REPLICA eu_west');
SELECT dynamo_alter('rides', 'ADD REPLICA sa-east-1');
SELECT dynamo_alter('rides', 'ADD REPLICA eu-west-1');
SELECT dynamo_alter('rides', 'ADD REPLICA sa-east-1 IN somewhere');
SELECT dynamo_alter('rides', 'ADD REPLICA sa-east-1 IN ''/no/such/folder/x.db''');
SELECT dynamo_alter('rides', 'ADD REPLICA eu-west-1 IN ''x.db''');
SELECT dynamo_alter('rides', 'DROP REPLICA sa-east-1');
SELECT dynamo_alter('seats', 'region = ''eu-west-3''');
SELECT dynamo_alter('rides', 'region = ''eu west''');
CREATE VIEW v AS SELECT dynamo_alter('rides', 'ADD REPLICA sa-east-1 IN ''x.db''') AS x;
SELECT * FROM v;

-- In the API: the region is attached under its name.
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "ReplicaUpdates": [{"Create": {"RegionName": "sa-east-1"}}]}');
ATTACH ':memory:' AS "sa-east-1";
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "ReplicaUpdates": [{"Create": {"RegionName": "sa-east-1"}}]}') ->> '$.TableDescription.Replicas';
SELECT json_extract(dynamo_api('DescribeTable', '{"TableName": "sa-east-1.rides"}'),
  '$.Table.GlobalTableVersion', '$.Table.Replicas', '$.Table.MultiRegionConsistency');
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "ReplicaUpdates": [{"Update": {"RegionName": "sa-east-1"}}]}') ->> '$.TableDescription.TableStatus';
SELECT dynamo_api('PutItem', '{"TableName": "rides", "Item": {"id": {"S": "a1"}}}');
SELECT dynamo_maintain() > 0;
SELECT dynamo_api('GetItem', '{"TableName": "sa-east-1.rides", "Key": {"id": {"S": "a1"}}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "ReplicaUpdates": [{"Delete": {"RegionName": "sa-east-1"}}]}') ->> '$.TableDescription.Replicas';
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "ReplicaUpdates": [{"Delete": {"RegionName": "sa-east-1"}}]}');
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "ReplicaUpdates": [{}]}');
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "ReplicaUpdates": [{"Create": {"RegionName": "sa east"}}]}');
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "ReplicaUpdates": [{"Create": {"RegionName": "sa-east-1", "TableClassOverride": "STANDARD"}}]}');
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "MultiRegionConsistency": "STRONG"}');
CREATE VIRTUAL TABLE gates USING dynamo(id TEXT PARTITION KEY);
SELECT dynamo_api('UpdateTable', '{"TableName": "gates", "MultiRegionConsistency": "STRONG", "ReplicaUpdates": [{"Create": {"RegionName": "sa-east-1"}}]}') ->> '$.TableDescription.MultiRegionConsistency';
SELECT dynamo_api('PutItem', '{"TableName": "gates", "Item": {"id": {"S": "g1"}}}');
SELECT dynamo_api('Scan', '{"TableName": "sa-east-1.gates"}') ->> '$.Items';
