-- Time to live: what expires, what is swept, and when. 1767225600 is 2026-01-01.
SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE sessions USING dynamo(
  id TEXT PARTITION KEY, user TEXT, ExpiresAt NUMBER, day TEXT,
  GLOBAL INDEX by_user (user) PROJECT (ExpiresAt), GLOBAL INDEX by_day (day) PROJECT KEYS,
  ttl = 'ExpiresAt');
SELECT table_name, ttl FROM dynamo_tables;
SELECT name FROM dynamo_indexes('sessions');

-- Only a top-level Number is a time, and one of five years ago or more is none.
INSERT INTO sessions(item) VALUES
  ('{"id":"now","ExpiresAt":1767225600,"user":"ann","day":"thu"}'),
  ('{"id":"half","ExpiresAt":1767225600.5,"user":"ann"}'),
  ('{"id":"soon","ExpiresAt":1767225601,"user":"bob"}'),
  ('{"id":"text","ExpiresAt":{"NULL":true}}'),
  ('{"id":"list","Deep":{"ExpiresAt":1}}'),
  ('{"id":"none"}'),
  ('{"id":"zero","ExpiresAt":0}'),
  ('{"id":"huge","ExpiresAt":1e100}'),
  ('{"id":"minus","ExpiresAt":-1e30}'),
  ('{"id":"old","ExpiresAt":1609545600}'),
  ('{"id":"ms","ExpiresAt":1767225600000}');

-- What has expired stays until it is swept; mode live hides it, and reads it all the same.
SELECT dynamo_clock('+1 second');
SELECT id FROM sessions('scan') ORDER BY id;
SELECT id FROM sessions('scan live') ORDER BY id;
SELECT dynamo_cost() ->> 'read_units';
SELECT count(*) FROM sessions('scan');
SELECT dynamo_cost() ->> 'read_units';
SELECT id FROM sessions WHERE id = 'now';
SELECT id FROM sessions('live') WHERE id = 'now';
SELECT dynamo_cost() ->> 'read_units';
SELECT id FROM sessions('live strong') WHERE id = 'soon';
SELECT id FROM sessions('live') WHERE user = 'ann';
SELECT id FROM sessions WHERE user = 'ann';
SELECT id FROM sessions('live') WHERE id IN ('now', 'soon', 'none');
SELECT id FROM sessions('scan live') ORDER BY id LIMIT 2;
SELECT id FROM sessions('live') WHERE day = 'thu';
SELECT id FROM sessions WHERE day = 'thu';

-- The sweep costs nothing, and takes the entries of indexes with it.
SELECT sum(items) FROM dynamo_partitions('sessions') WHERE index_name IS NULL;
SELECT sum(write_units) FROM dynamo_capacity('sessions');
SELECT dynamo_maintain();
SELECT sum(write_units) FROM dynamo_capacity('sessions');
SELECT id FROM sessions('scan') ORDER BY id;
SELECT id FROM sessions WHERE user = 'ann';
SELECT sum(items) FROM dynamo_partitions('sessions') WHERE index_name IS NULL;
SELECT name, entries FROM dynamo_indexes('sessions');
SELECT dynamo_maintain();

-- An item that is moved, or has the attribute removed, is saved.
INSERT INTO sessions(id, user, ExpiresAt) VALUES('moved', 'cy', 1767225700), ('kept', 'cy', 1767225700), ('gone', 'cy', 1767225700);
UPDATE sessions SET ExpiresAt = 1767229300 WHERE id = 'moved';
UPDATE sessions SET ExpiresAt = NULL WHERE id = 'kept';
UPDATE sessions SET user = 'di' WHERE id = 'gone';
SELECT dynamo_clock('+2 minutes');

-- A write of anybody takes a step of the sweep with it.
INSERT INTO sessions(id, user, ExpiresAt) VALUES('other', 'ed', NULL);
SELECT dynamo_cost() ->> 'write_units';
SELECT id, user FROM sessions('scan') WHERE id IN ('moved', 'kept', 'gone', 'soon') ORDER BY id;
SELECT dynamo_check('sessions');

-- What expires within a transaction is swept when it is committed, and is there again when it is not.
BEGIN;
INSERT INTO sessions(id, user, ExpiresAt) VALUES('past', 'fay', 1767225600);
SELECT id FROM sessions WHERE user = 'fay';
ROLLBACK;
BEGIN;
INSERT INTO sessions(id, user, ExpiresAt) VALUES('past', 'fay', 1767225600);
COMMIT;
SELECT id FROM sessions WHERE user = 'fay';
BEGIN;
INSERT INTO sessions(id, user, ExpiresAt) VALUES('past', 'fay', 1767225600);
SAVEPOINT s;
UPDATE sessions SET ExpiresAt = 1767312000 WHERE id = 'past';
ROLLBACK TO s;
COMMIT;
SELECT dynamo_maintain() > 0;
SELECT id FROM sessions WHERE user = 'fay';
SELECT dynamo_check('sessions');

-- A delay gives items more time, not those who ask for live ones.
SELECT dynamo_alter('sessions', 'ttl_delay = 3600');
INSERT INTO sessions(id, user, ExpiresAt) VALUES('late', 'gus', 1767225700);
SELECT dynamo_maintain() > 0;
SELECT id FROM sessions WHERE user = 'gus';
SELECT id FROM sessions('live') WHERE user = 'gus';
SELECT dynamo_clock('2026-01-01 01:01:40');
SELECT dynamo_maintain();
SELECT dynamo_clock('+1 second');
SELECT dynamo_maintain();
SELECT id FROM sessions WHERE user = 'gus';
SELECT value FROM sessions_meta WHERE value GLOB 'ttl*';

-- The clock may be set back: what was too old is not any more.
SELECT id FROM sessions WHERE id = 'old';
SELECT dynamo_clock('2025-12-31 23:59:59');
SELECT id FROM sessions('live') WHERE id = 'old';
SELECT dynamo_maintain() > 0;
SELECT id FROM sessions WHERE id = 'old';
SELECT dynamo_clock('2026-01-02 00:00:00');

-- Turned off, nothing expires; and it may be another attribute.
INSERT INTO sessions(item) VALUES('{"id":"both","ExpiresAt":1767312060,"Until":1767312120}');
SELECT dynamo_alter('sessions', 'ttl = NULL');
SELECT table_name, ttl FROM dynamo_tables;
SELECT dynamo_clock('+100 seconds');
SELECT dynamo_maintain();
SELECT id FROM sessions('live') WHERE id = 'both';
SELECT tree, declaration FROM sessions_indexes;
SELECT dynamo_alter('sessions', 'ttl = ''Until''');
SELECT id FROM sessions('live') WHERE id = 'both';
SELECT dynamo_maintain() > 0;
SELECT id FROM sessions('live') WHERE id = 'both';
SELECT dynamo_clock('+100 seconds');
SELECT dynamo_maintain();
SELECT id FROM sessions WHERE id = 'both';
SELECT dynamo_check('sessions');

-- Many are swept in the order of their times, some with each commit.
CREATE VIRTUAL TABLE many USING dynamo(id NUMBER PARTITION KEY, at NUMBER, v TEXT, GLOBAL INDEX by_v (v) PROJECT KEYS);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
INSERT INTO many SELECT i, 1767400000 + i, 'v' || (i % 7) FROM n;
SELECT dynamo_alter('many', 'ttl = ''at''');
SELECT position IS NOT NULL FROM many_indexes WHERE tree = 31;
DELETE FROM many WHERE id IN (7, 1100);
UPDATE many SET at = at + 5000 WHERE id IN (8, 1101);
SELECT dynamo_check('many');
SELECT dynamo_maintain() > 200;
SELECT position IS NOT NULL FROM many_indexes WHERE tree = 31;
SELECT dynamo_check('many');
SELECT dynamo_clock('2026-01-03 00:28:21');
INSERT INTO many VALUES(5000, NULL, 'x');
SELECT count(*), min(at) - 1767400000 FROM many('scan');
SELECT dynamo_maintain();
SELECT count(*), min(at) - 1767400000 FROM many('scan');
SELECT count(*) FROM many WHERE v = 'v1';
SELECT dynamo_check('many');
SELECT dynamo_alter('many', 'ttl = ''v''');
SELECT declaration FROM many_indexes WHERE tree = 31;
SELECT dynamo_check('many');
INSERT INTO many VALUES(5001, 1767400001, 'x');
SELECT dynamo_maintain() > 0;
SELECT declaration, position IS NOT NULL FROM many_indexes WHERE tree = 31;
SELECT dynamo_check('many');
SELECT dynamo_alter('many', 'ttl = ''at''');
SELECT dynamo_maintain() > 0;
SELECT id FROM many WHERE id = 5001;
SELECT dynamo_check('many');
DROP TABLE many;

-- A table that is throttled is swept all the same.
CREATE VIRTUAL TABLE paid USING dynamo(id TEXT PARTITION KEY, at NUMBER, t TEXT,
  billing = 'provisioned', read_units = 1, write_units = 1, ttl = 'at');
INSERT INTO paid VALUES('a', 1767400102, printf('%307000c', 'x'));
SELECT dynamo_clock('+2 seconds');
INSERT INTO paid VALUES('b', 1867400102, printf('%9000c', 'x'));
SELECT dynamo_maintain() > 0;
SELECT count(*) FROM paid('scan');
SELECT sum(write_units) FROM dynamo_capacity('paid');

-- A key may be the time, and a column that holds none.
CREATE VIRTUAL TABLE log USING dynamo(host TEXT PARTITION KEY, at NUMBER SORT KEY, line TEXT, LOCAL INDEX by_line (line), ttl = 'at');
INSERT INTO log VALUES('a', 1767400100, 'x'), ('a', 1767400200, 'y'), ('a', 1767490000, 'z');
SELECT at, line FROM log WHERE host = 'a';
SELECT at FROM log('live') WHERE host = 'a' AND line > 'a';
SELECT dynamo_check('log');
CREATE VIRTUAL TABLE text USING dynamo(id TEXT PARTITION KEY, ttl = 'id');
INSERT INTO text VALUES('1767400000');
SELECT * FROM text('scan');

-- Through the API.
CREATE VIRTUAL TABLE carts USING dynamo(id TEXT PARTITION KEY);
SELECT dynamo_api('DescribeTimeToLive', '{"TableName":"carts"}');
SELECT dynamo_api('UpdateTimeToLive', '{"TableName":"carts","TimeToLiveSpecification":{"Enabled":false,"AttributeName":"ttl"}}');
SELECT dynamo_api('UpdateTimeToLive', '{"TableName":"carts","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}');
SELECT dynamo_api('UpdateTimeToLive', '{"TableName":"carts","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}');
SELECT dynamo_api('UpdateTimeToLive', '{"TableName":"carts","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"until"}}');
SELECT dynamo_api('UpdateTimeToLive', '{"TableName":"carts","TimeToLiveSpecification":{"Enabled":false,"AttributeName":"until"}}');
SELECT dynamo_api('DescribeTimeToLive', '{"TableName":"carts"}');
SELECT dynamo_api('PutItem', '{"TableName":"carts","Item":{"id":{"S":"c"},"ttl":{"N":"1767400101"}}}');
SELECT dynamo_api('GetItem', '{"TableName":"carts","Key":{"id":{"S":"c"}}}');
SELECT dynamo_clock('+2 hours');
SELECT dynamo_api('GetItem', '{"TableName":"carts","Key":{"id":{"S":"c"}}}');
SELECT dynamo_api('UpdateItem', '{"TableName":"carts","Key":{"id":{"S":"c"}},"UpdateExpression":"SET #t = :t","ExpressionAttributeNames":{"#t":"ttl"},"ExpressionAttributeValues":{":t":{"N":"1867400101"}}}');
SELECT dynamo_maintain() > 0;
SELECT dynamo_api('GetItem', '{"TableName":"carts","Key":{"id":{"S":"c"}}}');
SELECT dynamo_api('UpdateTimeToLive', '{"TableName":"carts","TimeToLiveSpecification":{"Enabled":false,"AttributeName":"ttl"}}');
SELECT dynamo_api('DescribeTimeToLive', '{"TableName":"carts"}');
SELECT dynamo_api('UpdateTimeToLive', '{"TableName":"nothing","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}');
SELECT dynamo_api('UpdateTimeToLive', '{"TableName":"carts","TimeToLiveSpecification":{"Enabled":true,"AttributeName":""}}');
SELECT dynamo_api('UpdateTimeToLive', '{"TableName":"carts","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"a\u0000b"}}');
SELECT dynamo_api('UpdateTimeToLive', '{"TableName":"carts","TimeToLiveSpecification":{}}');
SELECT dynamo_api('UpdateTimeToLive', '{"TableName":"carts"}');
SELECT dynamo_api('DescribeTimeToLive', '{}');

-- A name may need quotes; mistakes change nothing.
SELECT dynamo_alter('carts', 'ttl = ''it''''s over''');
SELECT ttl FROM dynamo_tables WHERE table_name = 'carts';
SELECT dynamo_alter('carts', 'ttl = ''it''''s over''');
SELECT dynamo_alter('carts', 'ttl = 5');
SELECT dynamo_alter('carts', 'ttl = ''''');
SELECT dynamo_alter('carts', 'ttl_delay = 0');
SELECT dynamo_alter('carts', 'ttl_delay = 2592001');
SELECT dynamo_alter('carts', 'ttl_delay = 2592000');
SELECT dynamo_alter('carts', 'ttl_delay = NULL');
SELECT dynamo_alter('carts', 'ttl = NULL, ttl_delay = 5');
SELECT dynamo_alter('carts', 'ttl = ''' || printf('%256c', 'x') || '''');
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, ttl_delay = 5);
CREATE VIRTUAL TABLE good USING dynamo(id TEXT PARTITION KEY, ttl_delay = 5, ttl = 'a');
SELECT ttl FROM dynamo_tables WHERE table_name IN ('carts', 'good');

-- What a step has no room for is swept by the next one.
SELECT dynamo_clock('2026-05-01 10:00:00');
CREATE VIRTUAL TABLE large USING dynamo(id TEXT PARTITION KEY, v TEXT, ttl = 'until');
WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT value + 1 FROM n WHERE value < 7)
INSERT INTO large(id, v, item) SELECT value, printf('%.*c', 300000, 'v'), json_object('until', unixepoch(dynamo_clock()) + value)
  FROM n;
SELECT dynamo_clock('+1 hour');
SELECT dynamo_maintain();
SELECT count(*) FROM large('scan');
SELECT dynamo_check('large');
-- What is not there is not live.
SELECT count(*) FROM large('live') WHERE id = 'nobody';
