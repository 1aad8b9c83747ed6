-- Capacity by minute, operation, table and index, beside what was provisioned.
SELECT dynamo_clock('2026-01-01 00:00:59');
CREATE VIRTUAL TABLE orders USING dynamo(id TEXT PARTITION KEY, n NUMBER SORT KEY, status TEXT, big TEXT,
  GLOBAL INDEX by_status (status) PROJECT KEYS READ UNITS 3 WRITE UNITS 4,
  billing = 'provisioned', read_units = 5, write_units = 6);
INSERT INTO orders VALUES('a', 1, 'paid', 'x');
INSERT OR REPLACE INTO orders VALUES('b', 1, NULL, 'x');
SELECT n FROM orders WHERE id = 'a' AND n = 1;
SELECT n FROM orders WHERE id = 'a';
SELECT id FROM orders WHERE status = 'paid';
SELECT id FROM orders('scan') ORDER BY 1;
UPDATE orders SET big = 'y' WHERE id = 'a' AND n = 1;
DELETE FROM orders WHERE id = 'b' AND n = 1;
SELECT index_name, minute, operation, read_units, write_units FROM dynamo_capacity('orders');

-- A failed condition is what it would have been. A lookup that finds nothing is
-- a read.
UPDATE orders SET big = 'z', condition = 'n = 2' WHERE id = 'a' AND n = 1;
DELETE FROM orders WHERE id = 'c' AND n = 1;
SELECT operation, read_units, write_units FROM dynamo_capacity('orders') WHERE index_name IS NULL;

-- What is refused is counted where it was refused: at the table, or the index.
SELECT dynamo_clock('+1 second');
INSERT INTO orders VALUES('c', 1, 'open', printf('%.20000c', 'x'));
INSERT INTO orders VALUES('c', 2, 'open', 'x');
UPDATE orders SET big = 'z' WHERE id = 'a' AND n = 1;
SELECT index_name, operation, read_units, write_units, throttled_reads, throttled_writes
  FROM dynamo_capacity('orders') WHERE minute > '2026-01-01 00:00';
SELECT sum(throttled_writes) FROM dynamo_capacity('orders');

-- It goes to the file with the next write or dynamo_maintain().
SELECT count(*) FROM orders_usage WHERE throttled > 0;
SELECT dynamo_clock('+1 minute');
SELECT dynamo_maintain() > 0;
SELECT n FROM orders WHERE id = 'a' AND n = 1;
SELECT dynamo_maintain() > 0;
SELECT minute, name, use, throttled FROM orders_usage WHERE throttled > 0;

-- What was provisioned is that of the end of the minute; on demand there is
-- nothing.
SELECT dynamo_alter('orders', 'write_units = 100');
SELECT dynamo_alter('orders', 'INDEX by_status READ UNITS 8 WRITE UNITS 9');
SELECT dynamo_clock('+10 minutes');
INSERT INTO orders VALUES('d', 1, 'open', 'x');
SELECT dynamo_alter('orders', 'billing = ''on_demand''');
SELECT dynamo_clock('+1 minute');
INSERT INTO orders VALUES('e', 1, 'open', 'x');
SELECT index_name, minute, operation, provisioned_read_units, provisioned_write_units FROM dynamo_capacity('orders');
SELECT minute, name, read_units, write_units FROM orders_provisioned;

-- The API has the same words. A batch is what it consists of.
SELECT dynamo_clock('+1 minute');
SELECT dynamo_api('BatchWriteItem', '{"RequestItems": {"orders": [
  {"PutRequest": {"Item": {"id": {"S": "f"}, "n": {"N": "1"}}}},
  {"DeleteRequest": {"Key": {"id": {"S": "a"}, "n": {"N": "1"}}}}]}}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "SELECT * FROM orders WHERE n = 77"}');
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [{"ConditionCheck": {"TableName": "orders",
  "Key": {"id": {"S": "f"}, "n": {"N": "1"}}, "ConditionExpression": "attribute_exists(id)"}}]}');
SELECT dynamo_alter('orders', 'ADD GLOBAL INDEX by_big (big) PROJECT KEYS');
SELECT index_name, operation, read_units, write_units FROM dynamo_capacity('orders') WHERE minute = '2026-01-01 00:14';

-- Partitions: units a second, what is left of a second, and where they are from.
CREATE VIRTUAL TABLE rides USING dynamo(id NUMBER PARTITION KEY, text TEXT, partition_bytes = 400,
  billing = 'provisioned', read_units = 100, write_units = 400);
SELECT dynamo_clock('+3 minutes');
WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80)
INSERT INTO rides SELECT i, 'text ' || i FROM n;
SELECT count(*) FROM rides('scan');
SELECT partition, items > 0, read_units, write_units, peak_write_units, read_burst, write_burst, throttled, parent, reason,
       since FROM dynamo_partitions('rides');
SELECT dynamo_maintain() > 0, dynamo_maintain() >= 0, dynamo_maintain() >= 0;
SELECT partition, items > 0, read_units, write_units, peak_write_units, throttled, parent, reason, since
  FROM dynamo_partitions('rides') ORDER BY partition;
SELECT dynamo_clock('+2 minutes');
SELECT dynamo_alter('rides', 'read_units = 20000');
SELECT dynamo_maintain() > 0;
INSERT INTO rides SELECT id + 500, text FROM rides('scan');
SELECT sum(write_units), sum(peak_write_units), sum(write_burst) FROM dynamo_partitions('rides');
SELECT reason, count(*), min(since) FROM dynamo_partitions('rides') GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM dynamo_partitions('rides') AS child
  LEFT JOIN dynamo_partitions('rides') AS parent ON parent.partition = child.parent
 WHERE child.parent IS NOT NULL AND parent.partition IS NULL;
SELECT dynamo_check('rides');

-- Loads are kept for three hours.
SELECT count(*) > 0 FROM rides_loads;
SELECT dynamo_clock('+4 hours');
INSERT INTO rides VALUES(1000, 'late');
SELECT dynamo_clock('+1 minute');
INSERT INTO rides VALUES(1001, 'later'), (1002, 'later'), (1003, 'later'), (1004, 'later');
SELECT count(*) FROM rides_loads WHERE minute < (SELECT max(minute) - 180 FROM rides_loads);
SELECT max(peak_write_units) < 1 FROM dynamo_partitions('rides');

-- The picture of them.
SELECT substr(dynamo_heatmap('rides'), 1, 5), dynamo_heatmap('rides') LIKE '%rides%';
SELECT dynamo_heatmap('orders', 'minutes 10 index by_status') LIKE '%orders%by_status%';
SELECT dynamo_heatmap('orders', NULL) = dynamo_heatmap('orders', 'minutes 60');
SELECT dynamo_heatmap('orders', 'index nothing');
SELECT dynamo_heatmap('orders', 'index');
SELECT dynamo_heatmap('orders', 'minutes 181');
SELECT dynamo_heatmap('orders', 'hours 2');
SELECT dynamo_heatmap('nothing');

-- An index that goes takes its partitions with it; what it consumed stays.
SELECT dynamo_alter('orders', 'DROP INDEX by_status');
SELECT count(*) FROM orders_loads WHERE partition NOT IN (SELECT partition FROM orders_partitions);
SELECT sum(write_units) FROM dynamo_capacity('orders') WHERE index_name = 'by_status';
SELECT dynamo_check('orders');
ALTER TABLE orders RENAME TO sales;
SELECT sum(write_units) > 0 FROM dynamo_capacity('sales');
DROP TABLE sales;
DROP TABLE rides;
SELECT count(*) FROM sqlite_schema;
SELECT dynamo_clock(NULL) > '2026';

-- A local index has no picture of its own; none has what was before 1970.
CREATE VIRTUAL TABLE local USING dynamo(a TEXT PARTITION KEY, b TEXT SORT KEY, c TEXT, LOCAL INDEX by_c (c));
SELECT dynamo_heatmap('local', 'index by_c');
SELECT dynamo_clock('1970-01-01 00:10:00');
SELECT dynamo_heatmap('local', 'minutes 20') LIKE '%>1970-01-01 00:00 to 1970-01-01 00:20 UTC.%';

-- A scan is charged to each partition for what it reads there; many items of one key are no two partitions.
SELECT dynamo_clock('2026-02-01 00:00:00');
CREATE VIRTUAL TABLE spread USING dynamo(id NUMBER PARTITION KEY, v TEXT);
WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT value + 1 FROM n WHERE value < 200)
INSERT INTO spread SELECT value, printf('%.*c', 1000, 'v') FROM n;
SELECT count(*) FROM spread('scan');
SELECT dynamo_clock('+1 minute');
SELECT count(*) FROM spread('scan');
SELECT dynamo_clock('+1 minute'), dynamo_maintain() >= 0;
SELECT partition, read_halves, write_units FROM spread_loads ORDER BY minute, partition;
CREATE VIRTUAL TABLE one_key USING dynamo(id TEXT PARTITION KEY, n NUMBER SORT KEY, partition_bytes = 1000);
WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT value + 1 FROM n WHERE value < 1200)
INSERT INTO one_key SELECT 'a', value FROM n;
SELECT dynamo_maintain() >= 0;
SELECT count(*) FROM dynamo_partitions('one_key');
SELECT dynamo_check('spread'), dynamo_check('one_key');
