-- Pages in memory: what is read again is found there, until something changes.
SELECT dynamo_cache_bytes();
CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, n NUMBER);
INSERT INTO t VALUES('a', 1), ('b', 2);
SELECT n FROM t WHERE id = 'a';
SELECT n FROM t WHERE id = 'a';
SELECT n FROM t WHERE id = 'b';
SELECT name, table_name, kind, entries, bytes > 0, hits > 1, evictions, units_saved FROM dynamo_caches('t');
CREATE TEMP TABLE before AS SELECT hits, misses FROM dynamo_caches('t');
SELECT n FROM t WHERE id = 'a';
SELECT n FROM t WHERE id = 'b';
SELECT now.hits - before.hits, now.misses - before.misses FROM dynamo_caches('t') now, before;

-- Whatever changes it is seen.
UPDATE t SET n = 10 WHERE id = 'a';
SELECT n FROM t WHERE id = 'a';
BEGIN;
UPDATE t SET n = 11 WHERE id = 'a';
SELECT n FROM t WHERE id = 'a';
ROLLBACK;
SELECT n FROM t WHERE id = 'a';
SELECT dynamo_api('PutItem', '{"TableName": "t", "Item": {"id": {"S": "a"}, "n": {"N": "12"}}}');
SELECT n FROM t WHERE id = 'a';
BEGIN;
CREATE TEMP TABLE kept AS SELECT id, data FROM t_leaves;
UPDATE t SET n = 13 WHERE id = 'a';
SELECT n FROM t WHERE id = 'a';
COMMIT;
SELECT n FROM t WHERE id = 'a';
UPDATE t_leaves SET data = (SELECT data FROM kept WHERE kept.id = t_leaves.id);
SELECT n FROM t WHERE id = 'a';

-- What the connection writes through the table itself leaves all there; other
-- changes of its own are not told apart.
CREATE VIRTUAL TABLE other USING dynamo(id TEXT PARTITION KEY, n NUMBER);
CREATE TABLE plain(a);
SELECT n FROM t WHERE id = 'b';
SELECT hits, misses FROM dynamo_caches('t');
INSERT OR REPLACE INTO t VALUES('a', 20), ('a', 21);
INSERT OR REPLACE INTO other VALUES('a', 20);
UPDATE t SET n = 22 WHERE id = 'a';
SELECT dynamo_api('PutItem', '{"TableName": "t", "Item": {"id": {"S": "a"}, "n": {"N": "23"}}}');
BEGIN;
UPDATE other SET n = 2 WHERE id = 'a';
DELETE FROM t WHERE id = 'a';
SELECT n FROM t WHERE id = 'b';
COMMIT;
SELECT n FROM t WHERE id = 'b';
SELECT hits, misses FROM dynamo_caches('t');
INSERT INTO plain VALUES(1);
SELECT n FROM t WHERE id = 'b';
SELECT hits, misses FROM dynamo_caches('t');
BEGIN;
INSERT INTO t VALUES('c', 1);
SAVEPOINT s;
INSERT OR REPLACE INTO t VALUES('c', 2);
SELECT n FROM t WHERE id = 'c';
ROLLBACK TO s;
SELECT n FROM t WHERE id = 'c';
COMMIT;
SELECT n FROM t WHERE id = 'c';
SELECT hits, misses FROM dynamo_caches('t');
INSERT INTO t VALUES('a', 12);

-- The limit.
SELECT dynamo_cache_bytes(0);
SELECT n FROM t WHERE id = 'a';
SELECT n FROM t WHERE id = 'a';
SELECT entries, bytes FROM dynamo_caches('t');
BEGIN;
UPDATE t SET n = 14 WHERE id = 'a';
UPDATE t SET n = 15 WHERE id = 'b';
COMMIT;
SELECT id, n FROM t('scan') ORDER BY id;
SELECT dynamo_check('t');
SELECT dynamo_cache_bytes(64 << 20);
SELECT dynamo_cache_bytes(-1);
SELECT dynamo_cache_bytes('much');
SELECT dynamo_cache_bytes(NULL);
CREATE VIEW v AS SELECT dynamo_cache_bytes(1);
SELECT * FROM v;

-- dynamo_check() has what a transaction has made written first.
CREATE VIRTUAL TABLE made USING dynamo(id TEXT PARTITION KEY, note TEXT);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
INSERT INTO made SELECT 'm' || i, printf('%0200d', i) FROM n;
SELECT count(*) FROM made_leaves;
SELECT dynamo_check('made');
SELECT count(*) > 1 FROM made_leaves;
COMMIT;
SELECT dynamo_check('made');
