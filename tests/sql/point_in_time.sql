-- With point_in_time = N, a table can be restored as it was at any time of the last N days.
SELECT dynamo_clock('2026-01-20 12:00:00');
CREATE VIRTUAL TABLE orders USING dynamo(
  id TEXT PARTITION KEY, at NUMBER SORT KEY, status TEXT, point_in_time = 7, ttl = 'gone',
  LOCAL INDEX by_time (placed NUMBER), GLOBAL INDEX by_status (status, at) PROJECT KEYS);
INSERT INTO orders VALUES('a', 1, 'new'), ('a', 2, 'new'), ('b', 1, 'new');
SELECT dynamo_clock('+1 hour');
UPDATE orders SET status = 'paid' WHERE id = 'a' AND at = 1;
DELETE FROM orders WHERE id = 'b';
INSERT INTO orders(item) VALUES('{"id": "c", "at": 1, "placed": 5, "gone": 1768917600}');
SELECT dynamo_clock('+1 hour');
UPDATE orders SET status = NULL WHERE id = 'a';
-- c has expired: it is swept
SELECT dynamo_clock('+1 hour');
SELECT dynamo_maintain() > 0;
SELECT item FROM orders('scan') ORDER BY id, at;

SELECT dynamo_restore('orders', 'at_12', '2026-01-20 12:00:00');
SELECT item FROM at_12('scan') ORDER BY id, at;
SELECT dynamo_restore('orders', 'at_13', '2026-01-20 13:59:59');
SELECT item FROM at_13('scan') ORDER BY id, at;
SELECT id, at FROM at_13 WHERE status = 'new';
SELECT item FROM at_13('index by_time') WHERE id = 'c';
SELECT dynamo_restore('orders', 'hour_ago', '-1 hour');
SELECT item FROM hour_ago('scan') ORDER BY id, at;
SELECT dynamo_restore('orders', 'now', '2026-01-20 15:00');
SELECT item FROM now('scan') ORDER BY id, at;
SELECT table_name, dynamo_check(table_name), items, bytes FROM dynamo_tables;
SELECT name, entries FROM dynamo_indexes('at_13');
-- It is a table of today's definition, without time to live and point_in_time.
SELECT dynamo_declaration('at_13');
SELECT dynamo_alter('orders', 'DROP INDEX by_status');
SELECT dynamo_restore('orders', 'again', '2026-01-20 13:30');
SELECT name FROM dynamo_indexes('again');

-- Which times there are.
SELECT dynamo_restore('orders', 'x', '2026-01-20 11:59:59');
SELECT dynamo_restore('orders', 'x', '2026-01-20 15:00:01');
SELECT dynamo_restore('orders', 'x', 'yesterday');
SELECT dynamo_restore('orders', 'x', NULL);
SELECT dynamo_restore('orders', 'x');
SELECT dynamo_restore('nobody', 'x', '-1 hour');
SELECT dynamo_restore('orders', 'now', '-1 hour');
SELECT dynamo_restore('again', 'x', '-1 hour');
SELECT dynamo_restore(dynamo_backup('orders', 'name'), 'x', '-1 hour');
SELECT count(*) FROM dynamo_backups;

-- What is not committed yet is there; what is rolled back is not.
BEGIN;
SAVEPOINT s;
INSERT INTO orders VALUES('d', 1, 'new');
ROLLBACK TO s;
INSERT INTO orders VALUES('e', 1, 'new');
SELECT dynamo_restore('orders', 'within', '2026-01-20 15:00');
SELECT id FROM within('scan');
ROLLBACK;
SELECT id FROM within('scan');

-- Changes are kept for 7 days.
SELECT dynamo_clock('2026-01-27 13:30:00');
SELECT dynamo_maintain() > 0;
SELECT dynamo_restore('orders', 'week_ago', '2026-01-20 13:29:59');
SELECT dynamo_restore('orders', 'week_ago', '-7 days');
SELECT item FROM week_ago('scan') ORDER BY id, at;

-- Changing the option.
SELECT dynamo_alter('orders', 'point_in_time = 36');
SELECT dynamo_alter('orders', 'point_in_time = 0');
SELECT dynamo_alter('orders', 'point_in_time = ''on''');
SELECT dynamo_alter('orders', 'point_in_time = ''off''');
DELETE FROM orders WHERE id = 'a' AND at = 1;
SELECT dynamo_clock('+1 minute');
SELECT dynamo_alter('orders', 'point_in_time = 35');
INSERT INTO orders VALUES('f', 1, 'new');
SELECT dynamo_restore('orders', 'before', '2026-01-27 13:30');
SELECT dynamo_restore('orders', 'before', '2026-01-27 13:31');
SELECT id FROM before('scan');
SELECT dynamo_declaration('orders');
SELECT dynamo_check('orders');

-- A stream of both images is enough.
CREATE VIRTUAL TABLE visits USING dynamo(id TEXT PARTITION KEY, n NUMBER, stream = 'NEW_AND_OLD_IMAGES');
INSERT INTO visits VALUES('a', 1);
SELECT dynamo_clock('+1 minute');
UPDATE visits SET n = 2 WHERE id = 'a';
SELECT dynamo_restore('visits', 'visits_before', '-1 minute');
SELECT item FROM visits_before('scan');
SELECT count(*) FROM dynamo_stream('visits');

-- The same through the API.
CREATE VIRTUAL TABLE plain USING dynamo(id TEXT PARTITION KEY);
INSERT INTO plain VALUES('a');
SELECT dynamo_api('DescribeContinuousBackups', '{"TableName": "plain"}');
SELECT dynamo_api('RestoreTableToPointInTime', '{"SourceTableName": "plain", "TargetTableName": "copy", "UseLatestRestorableTime": true}');
SELECT dynamo_api('UpdateContinuousBackups', '{"TableName": "plain", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}}');
SELECT dynamo_clock('+1 minute');
INSERT INTO plain VALUES('b');
SELECT dynamo_api('DescribeContinuousBackups', '{"TableName": "plain"}');
SELECT json_remove(dynamo_api('RestoreTableToPointInTime', '{"SourceTableName": "plain", "TargetTableName": "copy",
  "RestoreDateTime": 1769520720.5}'), '$.TableDescription.TableId');
SELECT id FROM copy('scan');
SELECT json_extract(dynamo_api('DescribeTable', '{"TableName": "copy"}'), '$.Table.RestoreSummary');
SELECT dynamo_api('RestoreTableToPointInTime', '{"SourceTableArn": "arn:aws:dynamodb:us-east-1:000000000000:table/plain",
  "TargetTableName": "copy", "UseLatestRestorableTime": true}');
SELECT dynamo_api('RestoreTableToPointInTime', '{"SourceTableArn": "arn:aws:dynamodb:us-east-1:000000000000:table/plain",
  "TargetTableName": "latest", "UseLatestRestorableTime": true}') IS NOT NULL;
SELECT count(*) FROM latest('scan');
SELECT dynamo_api('RestoreTableToPointInTime', '{"SourceTableName": "plain", "TargetTableName": "new", "RestoreDateTime": 1769520600}');
SELECT dynamo_api('RestoreTableToPointInTime', '{"SourceTableName": "plain", "TargetTableName": "new", "RestoreDateTime": 1769530000}');
SELECT dynamo_api('RestoreTableToPointInTime', '{"SourceTableName": "plain", "TargetTableName": "new"}');
SELECT dynamo_api('RestoreTableToPointInTime', '{"TargetTableName": "new", "UseLatestRestorableTime": true}');
SELECT dynamo_api('RestoreTableToPointInTime', '{"SourceTableName": "nobody", "TargetTableName": "new", "UseLatestRestorableTime": true}');
SELECT dynamo_api('UpdateContinuousBackups', '{"TableName": "plain", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 36}}');
SELECT dynamo_api('UpdateContinuousBackups', '{"TableName": "plain", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 3}}');
SELECT dynamo_api('UpdateContinuousBackups', '{"TableName": "plain", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": false}}');

-- A log that is not that of the items is noticed.
DELETE FROM visits_log WHERE sequence = (SELECT max(sequence) FROM visits_log);
INSERT INTO visits VALUES('b', 1);
SELECT dynamo_clock('+1 minute');
UPDATE visits SET n = 3 WHERE id = 'b';
DELETE FROM visits_log WHERE sequence = (SELECT max(sequence) FROM visits_log);
SELECT dynamo_restore('visits', 'x', '-3 minutes');
SELECT table_name FROM dynamo_tables ORDER BY table_name;

-- A transaction has one time, that of its first change: it is there as a whole.
SELECT dynamo_clock('2026-03-21 10:00:00');
CREATE VIRTUAL TABLE whole USING dynamo(id TEXT PARTITION KEY, v, point_in_time = 7, ttl = 'gone');
INSERT INTO whole(item) VALUES('{"id": "old", "gone": 1774090800}'); -- 11:00
SELECT dynamo_clock('2026-03-21 10:59:00');
BEGIN;
INSERT INTO whole VALUES('a', 1);
CREATE TABLE within(v);
SELECT dynamo_clock('2026-03-21 11:30:00');
INSERT INTO whole VALUES('b', 1);
COMMIT;
SELECT dynamo_maintain() >= 0;
SELECT dynamo_restore('whole', 'whole_before', '2026-03-21 10:58:59');
SELECT dynamo_restore('whole', 'with', '2026-03-21 10:59:00');
SELECT dynamo_restore('whole', 'later', '2026-03-21 11:30:00');
SELECT id FROM whole_before('scan') ORDER BY id;
SELECT id FROM "with"('scan') ORDER BY id;
SELECT id FROM later('scan') ORDER BY id;
BEGIN;
INSERT INTO whole VALUES('c', 1);
ROLLBACK;
SELECT dynamo_clock('2026-03-21 12:00:00');
INSERT INTO whole VALUES('d', 1);
SELECT dynamo_restore('whole', 'back', '2026-03-21 11:59:00');
SELECT id FROM back('scan') ORDER BY id;

-- What was written in the very moment in which it begins can be restored.
SELECT dynamo_clock('2026-04-01 10:00:00');
CREATE VIRTUAL TABLE moment USING dynamo(id TEXT PARTITION KEY, stream = 'KEYS_ONLY');
INSERT INTO moment VALUES('a'), ('b');
SELECT dynamo_alter('moment', 'point_in_time = 1');
SELECT dynamo_restore('moment', 'moment_then', '2026-04-01 10:00:00');
SELECT id FROM moment_then('scan') ORDER BY id;
-- A log that is kept for a handler alone is none to go back by.
CREATE VIRTUAL TABLE handled USING dynamo(id TEXT PARTITION KEY);
SELECT dynamo_on_change('handled', 'h', 'SELECT 1');
INSERT INTO handled VALUES('a');
SELECT dynamo_clock('+1 hour');
SELECT dynamo_restore('handled', 'x', '-1 minute');
