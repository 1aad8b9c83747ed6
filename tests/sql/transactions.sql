-- Writes of a transaction are seen by it at once, whatever they are made with
-- and whatever comes between them; and nothing is left of what is rolled back.
SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, n NUMBER, city TEXT, GLOBAL INDEX by_city (city));
INSERT INTO t VALUES('a', 1, 'Oslo'), ('b', 1, 'Oslo'), ('c', 1, 'Rome');

-- Savepoints.
BEGIN;
UPDATE t SET n = 2 WHERE id = 'a';
SAVEPOINT one;
UPDATE t SET n = 3, city = 'Rome' WHERE id = 'a';
SAVEPOINT two;
UPDATE t SET n = 4 WHERE id = 'a';
DELETE FROM t WHERE id = 'b';
SELECT id, n FROM t('scan') ORDER BY id;
ROLLBACK TO two;
SELECT id, n FROM t('scan') ORDER BY id;
INSERT INTO t VALUES('d', 1, 'Rome');
RELEASE two;
SELECT id, n FROM t WHERE city = 'Rome' ORDER BY id;
ROLLBACK TO one;
SELECT id, n, city FROM t('scan') ORDER BY id;
UPDATE t SET n = 5 WHERE id = 'c';
COMMIT;
SELECT id, n, city FROM t('scan') ORDER BY id;
SELECT dynamo_check('t');

-- A statement that fails in the middle has changed nothing.
BEGIN;
UPDATE t SET n = 6 WHERE id = 'a';
INSERT INTO t VALUES('e', 1, 'Bern'), ('a', 1, 'Bern');
SELECT id, n FROM t('scan') ORDER BY id;
SELECT count(*) FROM t WHERE city = 'Bern';
ROLLBACK;

-- The schema changes, and SQLite goes on with another object for the table.
BEGIN;
UPDATE t SET n = 7 WHERE id = 'a';
CREATE TABLE plain(x);
SELECT id, n FROM t WHERE id = 'a';
UPDATE t SET n = n + 1 WHERE id = 'a';
DROP TABLE plain;
UPDATE t SET n = n + 1 WHERE id = 'a';
SAVEPOINT s;
CREATE TABLE plain(x);
UPDATE t SET n = n + 1 WHERE id = 'a';
ROLLBACK TO s;
UPDATE t SET n = n + 1 WHERE id = 'b';
SELECT id, n FROM t('scan') ORDER BY id;
SELECT dynamo_check('t');
COMMIT;
SELECT id, n FROM t('scan') ORDER BY id;

-- With the API in between.
BEGIN;
UPDATE t SET n = n + 1 WHERE id = 'a';
SELECT dynamo_api('GetItem', '{"TableName": "t", "Key": {"id": {"S": "a"}}}');
SELECT dynamo_api('UpdateItem', '{"TableName": "t", "Key": {"id": {"S": "a"}}, "UpdateExpression": "SET n = n + :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}');
UPDATE t SET n = n + 1 WHERE id = 'a';
SELECT dynamo_api('TransactWriteItems', '{"TransactItems": [{"Put": {"TableName": "t", "Item": {"id": {"S": "e"}}}}, {"ConditionCheck": {"TableName": "t", "Key": {"id": {"S": "a"}}, "ConditionExpression": "n = :n", "ExpressionAttributeValues": {":n": {"N": "0"}}}}]}');
SELECT id, n FROM t('scan') ORDER BY id;
COMMIT;
SELECT id, n FROM t('scan') ORDER BY id;

-- Renamed, altered and dropped in the middle.
BEGIN;
UPDATE t SET n = 20 WHERE id = 'a';
ALTER TABLE t RENAME TO u;
SELECT id, n FROM u WHERE id = 'a';
UPDATE u SET n = 21 WHERE id = 'a';
SELECT dynamo_alter('u', 'ADD GLOBAL INDEX by_n (n)');
UPDATE u SET n = 22 WHERE id = 'a';
SELECT dynamo_maintain() >= 0;
SELECT id, n FROM u WHERE n = 22;
SELECT dynamo_check('u');
ROLLBACK;
SELECT id, n FROM t WHERE id = 'a';
BEGIN;
UPDATE t SET n = 30 WHERE id = 'a';
DROP TABLE t;
CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, n NUMBER);
INSERT INTO t VALUES('new', 1);
SELECT id, n FROM t('scan');
ROLLBACK;
SELECT id, n FROM t('scan') ORDER BY id;
SELECT dynamo_check('t');

-- Made, filled and read in one transaction; and in two tables at once.
BEGIN;
CREATE VIRTUAL TABLE v USING dynamo(id TEXT PARTITION KEY, n NUMBER, stream = 'NEW_IMAGE');
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000)
  INSERT INTO v SELECT 'k' || n, n FROM c;
UPDATE v SET n = -1 WHERE id = 'k7';
INSERT INTO t(id, n) SELECT id, n FROM v('scan') WHERE n < 3;
SELECT count(*), sum(n) FROM v('scan');
SELECT dynamo_check('v'), dynamo_check('t');
COMMIT;
SELECT count(*), sum(n) FROM v('scan');
SELECT id, n FROM t('scan') ORDER BY id;
SELECT count(*) FROM dynamo_stream('v');
SELECT dynamo_check('v'), dynamo_check('t');

-- SQLite reads the schema again in the middle, and goes on with other objects.
CREATE VIRTUAL TABLE w USING dynamo(id TEXT PARTITION KEY, n NUMBER);
BEGIN;
INSERT INTO w VALUES('a', 1);
INSERT INTO w VALUES('b', 1);
PRAGMA writable_schema = RESET;
SELECT id, n FROM w('scan') ORDER BY id;
INSERT OR REPLACE INTO w VALUES('b', 2);
INSERT INTO w VALUES('c', 1);
PRAGMA writable_schema = RESET;
SELECT id, n FROM w WHERE id = 'b';
SELECT dynamo_check('w');
SELECT items FROM dynamo_tables('w');
COMMIT;
SELECT id, n FROM w('scan') ORDER BY id;
SELECT dynamo_check('w');

-- last_insert_rowid() is that of the ordinary tables: a dynamo table has no
-- rowids, and what it writes for itself is not seen.
CREATE TABLE ordinary(id INTEGER PRIMARY KEY);
CREATE VIRTUAL TABLE s USING dynamo(id TEXT PARTITION KEY, v TEXT, stream = 'NEW_IMAGE');
INSERT INTO ordinary VALUES(77);
INSERT INTO s VALUES('a', 'x');
SELECT last_insert_rowid();
BEGIN;
INSERT INTO s VALUES('b', hex(zeroblob(3000)));
SELECT last_insert_rowid();
COMMIT;
SELECT last_insert_rowid();
UPDATE s SET v = 'y' WHERE id = 'a';
DELETE FROM s WHERE id = 'b';
SELECT last_insert_rowid();
SELECT dynamo_api('PutItem', '{"TableName": "s", "Item": {"id": {"S": "c"}}}');
SELECT dynamo_backup('s', 'kept') IS NOT NULL, dynamo_maintain();
SELECT last_insert_rowid();
