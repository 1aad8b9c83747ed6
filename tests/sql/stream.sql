-- A stream has the changes of a table, in the order of commits.
SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE orders USING dynamo(
  id TEXT PARTITION KEY, n NUMBER, stream = 'NEW_AND_OLD_IMAGES');
INSERT INTO orders VALUES('a', 1), ('b', 2);
UPDATE orders SET n = 5 WHERE id = 'a';
-- where nothing has changed there is no record
UPDATE orders SET n = 5 WHERE id = 'a';
INSERT OR REPLACE INTO orders VALUES('a', 5);
DELETE FROM orders WHERE id = 'nobody';
SELECT dynamo_clock('+1 hour');
DELETE FROM orders WHERE id = 'b';
SELECT time, event, key, old, new, actor FROM dynamo_stream('orders');
SELECT sequence, shard FROM dynamo_stream('orders') LIMIT 2;

-- A part of it is read by sequence, time, shard or key.
SELECT event, key FROM dynamo_stream('orders') ORDER BY sequence DESC LIMIT 2;
SELECT event FROM dynamo_stream('orders') WHERE sequence > 1853070350745600000;
SELECT event FROM dynamo_stream('orders') WHERE sequence = 1853070350745600000;
SELECT event FROM dynamo_stream('orders') WHERE time >= '2026-01-01 01';
SELECT event FROM dynamo_stream('orders') WHERE time < '2026-01-01 01:00';
SELECT event FROM dynamo_stream('orders') WHERE time = '2026-01-01 01:00:00.000';
SELECT event, new FROM dynamo_stream('orders') WHERE key = '{ "id": "a" }';
SELECT event FROM dynamo_stream('orders')
 WHERE shard = 'shardId-00000001767225600000-00000001';
SELECT event FROM dynamo_stream('orders') WHERE shard = 'other';
SELECT event FROM dynamo_stream('orders') WHERE sequence > NULL;
SELECT event FROM dynamo_stream('orders') WHERE key = '{"id": 7}';
SELECT count(*) FROM dynamo_tables t, dynamo_stream(t.table_name);

-- What is rolled back never happened.
BEGIN;
INSERT INTO orders VALUES('c', 1);
SAVEPOINT s;
INSERT INTO orders VALUES('d', 1);
ROLLBACK TO s;
SELECT count(*) FROM dynamo_stream('orders');
ROLLBACK;
SELECT count(*) FROM dynamo_stream('orders');

-- A view is kept; another one is another stream, and the old one can be read on.
SELECT dynamo_alter('orders', 'stream = ''KEYS_ONLY''');
SELECT dynamo_alter('orders', 'stream = NULL');
INSERT INTO orders VALUES('unseen', 1);
SELECT dynamo_alter('orders', 'stream = ''KEYS_ONLY''');
INSERT INTO orders VALUES('c', 1);
SELECT dynamo_alter('orders', 'stream = ''off''');
SELECT dynamo_alter('orders', 'stream = ''NEW_IMAGE''');
DELETE FROM orders WHERE id = 'c';
INSERT INTO orders VALUES('d', 1);
SELECT dynamo_alter('orders', 'stream = ''off''');
SELECT dynamo_alter('orders', 'stream = ''OLD_IMAGE''');
DELETE FROM orders WHERE id = 'd';
INSERT INTO orders VALUES('e', 1);
SELECT event, key, old, new FROM dynamo_stream('orders');
SELECT dynamo_check('orders');

-- Records are kept for 24 hours, and then removed as due work.
SELECT dynamo_clock('+23 hours');
SELECT event, key FROM dynamo_stream('orders') LIMIT 1;
SELECT dynamo_clock('+1 minutes');
SELECT event, key FROM dynamo_stream('orders') LIMIT 1;
SELECT count(*) FROM orders_log;
SELECT dynamo_maintain();
SELECT count(*) FROM orders_log;
SELECT dynamo_clock('+24 hours');
SELECT dynamo_maintain();
SELECT count(*) FROM orders_log;
SELECT count(DISTINCT stream) FROM orders_shards;
-- sequences rise, also from an empty log, and when the clock goes back
SELECT dynamo_clock('2026-01-01 00:00:00');
INSERT INTO orders VALUES('f', 1);
SELECT sequence > 1853070350745600000 AS rises FROM orders_log;
SELECT dynamo_check('orders');

-- Splits close a shard, and open those of the parts.
CREATE VIRTUAL TABLE parts USING dynamo(
  id TEXT PARTITION KEY, stream = 'KEYS_ONLY', partition_bytes = 3000);
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 400)
INSERT INTO parts(id, item) SELECT n, json_object('id', CAST(n AS TEXT), 't', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxx') FROM n;
SELECT dynamo_maintain() > 0;
SELECT count(*) > 4, sum(parent > 0) > 0 FROM parts_shards;
SELECT count(*) FROM dynamo_stream('parts');
SELECT dynamo_check('parts');

-- What expires is removed by the sweep, and the record says so.
SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE sessions USING dynamo(
  id TEXT PARTITION KEY, ends NUMBER, ttl = 'ends', stream = 'OLD_IMAGE');
INSERT INTO sessions VALUES('s', 1767225660), ('t', 1767229200);
SELECT dynamo_clock('+2 minutes');
SELECT dynamo_maintain();
SELECT time, event, key, old, actor FROM dynamo_stream('sessions');

-- Errors
CREATE VIRTUAL TABLE wrong USING dynamo(id TEXT PARTITION KEY, stream = 'ALL');
SELECT * FROM dynamo_stream;
SELECT * FROM dynamo_stream('nobody');
CREATE VIRTUAL TABLE plain USING dynamo(id TEXT PARTITION KEY);
INSERT INTO plain VALUES('a');
SELECT * FROM dynamo_stream('plain');
SELECT count(*) FROM plain_log;
SELECT * FROM dynamo_stream('orders') WHERE key = '{"id"';
SELECT * FROM dynamo_stream('orders') WHERE key = '{"x": 1}';

-- To delete what is not there is no change.
CREATE VIRTUAL TABLE none USING dynamo(id TEXT PARTITION KEY, stream = 'NEW_AND_OLD_IMAGES');
SELECT dynamo_api('DeleteItem', '{"TableName": "none", "Key": {"id": {"S": "nobody"}}}');
SELECT count(*) FROM dynamo_stream('none');
