-- A backup is a full copy of a table, of one moment, in the same file.
SELECT dynamo_clock('2026-01-20 12:00:00');
CREATE VIRTUAL TABLE orders USING dynamo(
  id TEXT PARTITION KEY, at TEXT SORT KEY, amount NUMBER, status TEXT,
  LOCAL INDEX by_amount (amount) PROJECT KEYS,
  GLOBAL INDEX by_status (status, at) PROJECT (amount),
  stream = 'NEW_IMAGE', ttl = 'gone', deletion_protection = 'on',
  billing = 'provisioned', read_units = 200, write_units = 100);
INSERT INTO orders VALUES('a', '2026-01-01', 10, 'paid'), ('a', '2026-01-02', 20, 'new'),
  ('b', '2026-01-01', 30, NULL);
INSERT INTO orders(item) VALUES('{"id": "c", "at": "2026-01-03", "tags": {"SS": ["x", "y"]}, "n": 1.50}');
SELECT count(*) FROM dynamo_backups;
SELECT dynamo_backup('orders', 'before');
SELECT dynamo_cost();
SELECT * FROM dynamo_backups;
DELETE FROM orders WHERE id = 'a';
UPDATE orders SET amount = 31 WHERE id = 'b' AND at = '2026-01-01';

-- Restoring makes a new table of it. It charges nothing.
SELECT dynamo_restore(arn, 'restored') FROM dynamo_backups('orders');
SELECT item FROM restored('scan') ORDER BY id, at;
SELECT id, amount FROM restored WHERE status = 'paid';
SELECT id, amount FROM restored WHERE id = 'a' AND amount > 10;
SELECT item FROM orders('scan') ORDER BY id, at;
-- Streams, time to live and protection are not restored.
SELECT dynamo_declaration('restored');
SELECT dynamo_check('restored');
SELECT * FROM dynamo_indexes('restored');
SELECT table_name, items, bytes FROM dynamo_tables;
SELECT operation, write_units FROM dynamo_capacity('restored');
SELECT dynamo_restore(arn, 'restored') FROM dynamo_backups;
SELECT dynamo_restore(arn, 'RESTORED') FROM dynamo_backups;
SELECT dynamo_restore(arn, 'no name') FROM dynamo_backups;
SELECT dynamo_restore('arn:aws:dynamodb:us-east-1:000000000000:table/orders/backup/1', 'x');
SELECT dynamo_restore('orders', 'x');
SELECT dynamo_backup('nobody', 'name');
SELECT dynamo_backup('orders', 'no name');
SELECT dynamo_backup('orders', 'x');

-- A backup is part of the transaction, and so is a restore.
BEGIN;
DELETE FROM orders WHERE id = 'b';
SELECT dynamo_backup('orders', 'within');
SELECT dynamo_restore(arn, 'other') FROM dynamo_backups WHERE name = 'within';
SELECT count(*) FROM other('scan');
ROLLBACK;
SELECT name FROM dynamo_backups;
SELECT count(*) FROM other('scan');
CREATE TABLE log(arn);
INSERT INTO log SELECT dynamo_backup('orders', 'name');

-- It outlives its table.
VACUUM;
SELECT dynamo_alter('orders', 'deletion_protection = NULL');
DROP TABLE orders;
SELECT dynamo_restore(arn, 'orders') FROM dynamo_backups('orders');
SELECT count(*) FROM orders('scan');
SELECT dynamo_check('orders');

-- What an index cannot hold is left out of it, as in the source.
CREATE VIRTUAL TABLE mixed USING dynamo(id TEXT PARTITION KEY);
INSERT INTO mixed(item) VALUES('{"id": "a", "v": 1}'), ('{"id": "b", "v": "two"}');
SELECT dynamo_alter('mixed', 'ADD GLOBAL INDEX by_v (v NUMBER)');
SELECT dynamo_restore(dynamo_backup('mixed', 'mixed'), 'mixed2');
SELECT name, state, entries, skipped FROM dynamo_indexes('mixed2');
SELECT dynamo_check('mixed2');

-- The same through the API.
SELECT dynamo_clock('+90 seconds');
SELECT dynamo_api('CreateBackup', '{"TableName": "mixed", "BackupName": "by-api"}');
SELECT json_remove(value, '$.TableId') FROM json_each(dynamo_api('ListBackups', '{}'), '$.BackupSummaries');
SELECT json_extract(value, '$.BackupArn') FROM json_each(dynamo_api('ListBackups',
  '{"TableName": "orders", "BackupType": "ALL"}'), '$.BackupSummaries');
SELECT dynamo_api('ListBackups', '{"BackupType": "SYSTEM"}');
SELECT json_extract(dynamo_api('ListBackups', '{"Limit": 1}'), '$.LastEvaluatedBackupArn');
SELECT json_array_length(dynamo_api('ListBackups', json_object('Limit', 1, 'ExclusiveStartBackupArn',
  json_extract(dynamo_api('ListBackups', '{"Limit": 1}'), '$.LastEvaluatedBackupArn'))), '$.BackupSummaries');
SELECT json_extract(dynamo_api('ListBackups', '{"TimeRangeLowerBound": 1768910490}'), '$.BackupSummaries[0].BackupName');
SELECT json_extract(dynamo_api('ListBackups', '{"TimeRangeUpperBound": 1768910490.0}'), '$.BackupSummaries[#-1].BackupName');
SELECT value FROM dynamo_backups('orders'), json_each(json_remove(dynamo_api('DescribeBackup',
  json_object('BackupArn', arn)), '$.BackupDescription.SourceTableDetails.TableId'), '$.BackupDescription');
SELECT json_remove(dynamo_api('RestoreTableFromBackup', json_object('BackupArn', arn, 'TargetTableName', 'lean',
  'BillingModeOverride', 'PAY_PER_REQUEST', 'LocalSecondaryIndexOverride', json('[]'),
  'GlobalSecondaryIndexOverride', json('[{"IndexName": "by_status", "KeySchema": [
     {"AttributeName": "status", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
     "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["amount"]}}]'))),
  '$.TableDescription.TableId') FROM dynamo_backups('orders');
SELECT dynamo_declaration('lean');
SELECT dynamo_check('lean');
SELECT json_extract(dynamo_api('DescribeTable', '{"TableName": "lean"}'), '$.Table.RestoreSummary');
SELECT dynamo_api('RestoreTableFromBackup', json_object('BackupArn', arn, 'TargetTableName', 'lean'))
  FROM dynamo_backups('orders');
SELECT dynamo_api('RestoreTableFromBackup', json_object('BackupArn', arn, 'TargetTableName', 'new',
  'ProvisionedThroughputOverride', json('{"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}'),
  'BillingModeOverride', 'PAY_PER_REQUEST')) FROM dynamo_backups('orders');
SELECT dynamo_api('RestoreTableFromBackup', json_object('BackupArn', arn, 'TargetTableName', 'new',
  'BillingModeOverride', 'PROVISIONED')) FROM dynamo_backups('mixed');
SELECT dynamo_api('RestoreTableFromBackup', json_object('BackupArn', arn, 'TargetTableName', 'new',
  'GlobalSecondaryIndexOverride', json('[{"IndexName": "by_status", "KeySchema": [
     {"AttributeName": "status", "KeyType": "HASH"}],
     "Projection": {"ProjectionType": "ALL"}}]'))) FROM dynamo_backups('orders');
SELECT json_extract(dynamo_api('RestoreTableFromBackup', json_object('BackupArn', arn, 'TargetTableName', 'new',
  'ProvisionedThroughputOverride', json('{"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}'))),
  '$.TableDescription.ProvisionedThroughput.WriteCapacityUnits') FROM dynamo_backups('orders');
SELECT json_extract(dynamo_api('DeleteBackup', json_object('BackupArn', arn)),
  '$.BackupDescription.BackupDetails') FROM dynamo_backups WHERE name = 'by-api';
SELECT dynamo_api('DeleteBackup', '{"BackupArn": "arn:aws:dynamodb:us-east-1:000000000000:table/mixed/backup/01768910490000-00000004"}');
SELECT dynamo_api('CreateBackup', '{"TableName": "nobody", "BackupName": "name"}');
SELECT dynamo_api('CreateBackup', '{"TableName": "mixed", "BackupName": "a b"}');
SELECT name FROM dynamo_backups;

-- A backup lies in the schema of its table.
ATTACH ':memory:' AS aux;
CREATE VIRTUAL TABLE aux.things USING dynamo(id TEXT PARTITION KEY);
INSERT INTO aux.things VALUES('a');
SELECT dynamo_restore(dynamo_backup('aux.things', 'attached'), 'aux.copy');
SELECT id FROM aux.copy('scan');
SELECT schema_name, table_name, arn FROM dynamo_backups('aux.things');
SELECT json_extract(dynamo_api('ListBackups', '{"TableName": "aux.things"}'), '$.BackupSummaries[0].TableArn');
SELECT count(*) FROM aux._dynamo_backups;

-- What is stored, and damage.
SELECT id, format, name, created_ms, table_name, length(declaration), items, bytes, parts
  FROM _dynamo_backups WHERE table_name = 'mixed';
SELECT backup, part, length(data) FROM _dynamo_backup_items;
UPDATE _dynamo_backup_items SET data = CAST(substr(data, 1, 30) || x'00' || substr(data, 32) AS BLOB) WHERE backup = 1;
SELECT dynamo_restore(arn, 'damaged') FROM dynamo_backups('orders');
DELETE FROM _dynamo_backup_items WHERE backup = 1;
SELECT dynamo_restore(arn, 'damaged') FROM dynamo_backups('orders');
UPDATE _dynamo_backups SET items = 3 WHERE id = 1;
SELECT count(*) FROM dynamo_backups;
SELECT table_name FROM dynamo_tables ORDER BY table_name;

-- A part of another backup is not taken for its own.
DELETE FROM _dynamo_backups WHERE id = 1;
CREATE VIRTUAL TABLE twice USING dynamo(id TEXT PARTITION KEY, v);
INSERT INTO twice VALUES('a', 1);
SELECT dynamo_backup('twice', 'first') IS NOT NULL;
UPDATE twice SET v = 2 WHERE id = 'a';
SELECT dynamo_backup('twice', 'second') IS NOT NULL;
UPDATE _dynamo_backup_items SET (data, sum) = (SELECT data, sum FROM _dynamo_backup_items WHERE backup = (SELECT max(id) - 1 FROM _dynamo_backups))
  WHERE backup = (SELECT max(id) FROM _dynamo_backups);
SELECT dynamo_restore(arn, 'wrong') FROM dynamo_backups('twice') WHERE name = 'second';
-- Nor is one that a later version has made.
UPDATE _dynamo_backups SET format = 3 WHERE id = (SELECT max(id) FROM _dynamo_backups);
SELECT count(*) FROM dynamo_backups('twice');
