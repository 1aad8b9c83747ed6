-- Secondary indexes: which one is read, what it costs, and how they change.
CREATE VIRTUAL TABLE orders USING dynamo(
  CustomerId TEXT PARTITION KEY,
  OrderDate  TEXT SORT KEY,
  Amount NUMBER, Status TEXT, Carrier TEXT,
  LOCAL INDEX by_amount (Amount) PROJECT KEYS,
  GLOBAL INDEX by_status (Status, OrderDate) PROJECT (Amount),
  GLOBAL INDEX by_carrier (Carrier) PROJECT ALL
);
INSERT INTO orders(CustomerId, OrderDate, Amount, Status, Carrier) VALUES
  ('alice', '2025-11-02', 120, 'shipped', 'north'),
  ('alice', '2026-01-20', 80, 'paid', NULL),
  ('alice', '2026-03-05', 300, 'paid', NULL),
  ('bob', '2026-02-01', 80, 'shipped', 'south'),
  ('carol', '2026-02-14', NULL, 'open', NULL);
SELECT dynamo_cost();
SELECT * FROM dynamo_indexes('orders');

-- The index whose partition key is fixed.
SELECT CustomerId, OrderDate, Amount FROM orders WHERE Status = 'paid';
SELECT dynamo_cost();
SELECT CustomerId FROM orders WHERE Status = 'shipped' AND OrderDate >= '2026' ORDER BY OrderDate DESC;
SELECT CustomerId FROM orders WHERE Status IN ('paid', 'open') AND OrderDate LIKE '2026-0%' ORDER BY OrderDate;
SELECT Amount FROM orders WHERE (CustomerId = 'alice' AND Amount > 200) OR Status = 'shipped' ORDER BY Amount;
EXPLAIN QUERY PLAN SELECT CustomerId FROM orders WHERE Status = 'shipped' AND OrderDate >= '2026' ORDER BY OrderDate DESC;
EXPLAIN QUERY PLAN SELECT item FROM orders WHERE Carrier = 'north';

-- The table goes before global indexes; a local one serves its sort key.
EXPLAIN QUERY PLAN SELECT * FROM orders WHERE CustomerId = 'alice' AND Status = 'paid';
EXPLAIN QUERY PLAN SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND Amount IS NOT NULL ORDER BY Amount DESC LIMIT 1;
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND Amount IS NOT NULL ORDER BY Amount DESC LIMIT 1;
SELECT dynamo_cost();
EXPLAIN QUERY PLAN SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND Amount > 100;
EXPLAIN QUERY PLAN SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND Amount > 100 AND OrderDate = '2026-03-05';

-- An index is sparse: what it leaves out must not be asked for, or it is named.
EXPLAIN QUERY PLAN SELECT OrderDate FROM orders WHERE CustomerId = 'alice' ORDER BY Amount DESC;
EXPLAIN QUERY PLAN SELECT OrderDate FROM orders('index by_amount') WHERE CustomerId = 'alice' ORDER BY Amount DESC;

-- A local index fetches what it lacks, and that is paid for; it can be strong.
SELECT OrderDate, Status FROM orders('strong') WHERE CustomerId = 'alice' AND Amount BETWEEN 80 AND 200;
SELECT dynamo_cost();
EXPLAIN QUERY PLAN SELECT Status FROM orders('strong') WHERE CustomerId = 'alice' AND Amount BETWEEN 80 AND 200;

-- What an index cannot do.
SELECT Carrier FROM orders WHERE Status = 'paid';
SELECT item FROM orders WHERE Status = 'paid';
SELECT Amount FROM orders('strong') WHERE Status = 'paid';
SELECT Amount FROM orders WHERE Amount = 80;
EXPLAIN QUERY PLAN SELECT Carrier FROM orders WHERE Status = 'paid';

-- A mode can name the index.
SELECT Amount FROM orders('index by_status') WHERE CustomerId = 'alice' AND Status = 'paid';
EXPLAIN QUERY PLAN SELECT Amount FROM orders('index by_status') WHERE CustomerId = 'alice' AND Status = 'paid';
SELECT Amount FROM orders('index by_status') WHERE CustomerId = 'alice';
SELECT Carrier FROM orders('index by_status') WHERE Status = 'paid';
SELECT Amount FROM orders('index by_status strong') WHERE Status = 'paid';
SELECT Amount FROM orders('index by_colour') WHERE Status = 'paid';
SELECT Amount FROM orders('index') WHERE Status = 'paid';
SELECT Amount FROM orders WHERE mode = (SELECT 'index by_status') AND Status = 'paid';
SELECT Amount FROM orders WHERE mode = lower('INDEX BY_CARRIER') AND Status = 'paid';

-- An index can be scanned: only what is in it.
SELECT CustomerId, Carrier FROM orders('scan index by_carrier') ORDER BY 1, 2;
SELECT count(*) FROM orders('index by_amount scan');
SELECT count(Status) FROM orders('scan index by_amount');
SELECT dynamo_cost();
SELECT (SELECT count(*) FROM orders('scan segment 0 of 2 index by_status')) + (SELECT count(*) FROM orders('scan segment 1 of 2 index by_status')) AS all_of_them;
SELECT Carrier FROM orders('scan index by_status');

-- Items are written through an index, and the index follows.
UPDATE orders SET Carrier = 'west' WHERE Status = 'open';
SELECT dynamo_cost();
SELECT CustomerId FROM orders WHERE Carrier = 'west';
UPDATE orders SET Status = 'shipped' WHERE Status = 'paid' AND OrderDate < '2026-02';
SELECT dynamo_cost();
SELECT CustomerId, OrderDate FROM orders WHERE Status = 'shipped' ORDER BY OrderDate;
DELETE FROM orders WHERE Carrier = 'west';
SELECT CustomerId FROM orders WHERE Status = 'open';
SELECT dynamo_check('orders');

-- A key attribute of the wrong type refuses the write.
INSERT INTO orders(item) VALUES('{"CustomerId":"dora","OrderDate":"2026-05-01","Status":5}');
INSERT INTO orders(CustomerId, OrderDate, Carrier) VALUES('dora', '2026-05-01', '');
SELECT count(*) FROM orders WHERE CustomerId = 'dora';

-- Units by table and index.
SELECT dynamo_clock('2036-06-01 12:00:00');
INSERT INTO orders(CustomerId, OrderDate, Status, Carrier) VALUES('dora', '2026-05-02', 'open', 'north');
SELECT CustomerId FROM orders WHERE Carrier = 'north';
SELECT dynamo_maintain();
SELECT index_name, operation, read_units, write_units FROM dynamo_capacity('orders') WHERE minute = '2036-06-01 12:00';
SELECT dynamo_clock(NULL) IS NULL;
SELECT index_name, count(*) AS partitions, sum(items) AS items FROM dynamo_partitions('orders') GROUP BY 1;

-- Later changes.
SELECT dynamo_alter('orders', 'ADD GLOBAL INDEX by_amount_all (Amount, CustomerId) PROJECT KEYS');
SELECT name, state, entries, skipped FROM dynamo_indexes('orders') WHERE name = 'by_amount_all';
SELECT CustomerId, OrderDate FROM orders WHERE Amount = 80 ORDER BY CustomerId;
SELECT dynamo_alter('orders', 'add global index by_note (Note TEXT)');
INSERT INTO orders(item) VALUES('{"CustomerId":"eve","OrderDate":"2026-05-03","Note":"hurry"}');
SELECT item ->> 'Note' AS Note FROM orders('scan index by_note');
SELECT dynamo_alter('orders', 'DROP INDEX by_status');
SELECT CustomerId FROM orders WHERE Status = 'paid';
SELECT dynamo_alter('orders', 'REBUILD INDEX by_carrier');
SELECT name, state, entries FROM dynamo_indexes('orders');
SELECT dynamo_check('orders');
SELECT DISTINCT tree FROM orders_directory ORDER BY tree;

-- An item that a new index cannot hold is left out, and counted.
CREATE VIRTUAL TABLE loose USING dynamo(id TEXT PARTITION KEY, kind TEXT);
INSERT INTO loose(item) VALUES('{"id":"a","kind":"x"}'), ('{"id":"b","kind":7}'), ('{"id":"c"}');
SELECT dynamo_alter('loose', 'ADD GLOBAL INDEX by_kind (kind)');
SELECT state, entries, skipped FROM dynamo_indexes('loose');
UPDATE loose SET item = '{"id":"b","kind":8}' WHERE id = 'b';
UPDATE loose SET kind = 'y' WHERE id = 'b';
SELECT id FROM loose WHERE kind = 'y';
SELECT dynamo_check('loose');

-- A column without a type has that of the index that it is declared with; not that of one which is added: only the index has.
CREATE VIRTUAL TABLE said USING dynamo(id TEXT PARTITION KEY, v, GLOBAL INDEX by_v (v NUMBER));
SELECT name, type FROM pragma_table_info('said');
INSERT INTO said VALUES('a', '7');
SELECT id, typeof(v) FROM said WHERE v = 7;
SELECT dynamo_alter('said', 'DROP INDEX by_v');
SELECT dynamo_declaration('said');
CREATE VIRTUAL TABLE free USING dynamo(id TEXT PARTITION KEY, v);
INSERT INTO free VALUES('a', 7), ('b', '7'), ('c', NULL);
SELECT dynamo_alter('free', 'ADD GLOBAL INDEX by_v (v)');
SELECT dynamo_alter('free', 'ADD GLOBAL INDEX by_v (v NUMBER)');
SELECT dynamo_alter('free', 'ADD GLOBAL INDEX by_v2 (v TEXT)');
SELECT dynamo_api('UpdateTable', '{"TableName": "free", "AttributeDefinitions": [{"AttributeName": "v", "AttributeType": "S"}],
  "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "by_v3", "KeySchema": [{"AttributeName": "v", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}}]}');
SELECT state, entries, skipped FROM dynamo_indexes('free');
INSERT INTO free VALUES('d', 7);
INSERT INTO free VALUES('e', '7');
SELECT id FROM free WHERE v = 7 ORDER BY id;
SELECT id FROM free WHERE v = '7';
SELECT name, type FROM pragma_table_info('free');
SELECT dynamo_declaration('free');
CREATE VIRTUAL TABLE temp.free_cache USING dynamo_dax(free);
SELECT id FROM free_cache WHERE v = 7 ORDER BY id;
SELECT id FROM free_cache WHERE v = '7';
SELECT dynamo_alter('free', 'DROP INDEX by_v');
SELECT dynamo_alter('free', 'ADD GLOBAL INDEX by_v (v TEXT)');
SELECT id FROM free WHERE v = '7';
SELECT id FROM free_cache WHERE v = '7';
SELECT id FROM free_cache WHERE v = '7';
SELECT dynamo_check('free');

-- No good changes leave all as it was.
SELECT dynamo_alter('orders', 'ADD LOCAL INDEX by_carrier2 (Carrier)');
SELECT dynamo_alter('orders', 'DROP INDEX by_amount');
SELECT dynamo_alter('orders', 'DROP INDEX by_colour');
SELECT dynamo_alter('orders', 'DROP INDEX by_carrier by_amount');
SELECT dynamo_alter('orders', 'DROP INDEX "');
SELECT dynamo_alter('orders', 'ADD GLOBAL INDEX by_carrier (Carrier)');
SELECT dynamo_alter('orders', 'ADD GLOBAL INDEX by_colour (Colour)');
SELECT dynamo_alter('orders', 'ADD COLUMN x');
SELECT dynamo_alter('nothing', 'DROP INDEX x');
BEGIN;
SELECT dynamo_alter('orders', 'DROP INDEX by_carrier');
ROLLBACK;
SELECT CustomerId FROM orders WHERE Carrier = 'north' ORDER BY CustomerId;
INSERT INTO orders(CustomerId, OrderDate, Carrier) VALUES('frank', '2026-07-01', dynamo_alter('orders', 'DROP INDEX by_carrier'));

-- Keys of several attributes: equalities from the left, then one range.
CREATE VIRTUAL TABLE games USING dynamo(
  id TEXT PARTITION KEY, tenant TEXT, region TEXT, day TEXT, score NUMBER,
  GLOBAL INDEX board PARTITION KEY (tenant, region) SORT KEY (day, score)
);
INSERT INTO games VALUES('1', 'a', 'eu', 'mon', 5), ('2', 'a', 'eu', 'mon', 10), ('3', 'a', 'eu', 'tue', 7), ('4', 'a', 'us', 'mon', 1), ('5', 'a', 'eu', NULL, 1);
SELECT id FROM games WHERE tenant = 'a' AND region = 'eu' ORDER BY day, score;
SELECT id FROM games('index board') WHERE tenant = 'a' AND region = 'eu' ORDER BY day, score;
SELECT id FROM games WHERE tenant = 'a' AND region = 'eu' AND day NOTNULL AND score NOTNULL ORDER BY day DESC, score DESC;
SELECT id FROM games WHERE tenant = 'a' AND region = 'eu' AND day = 'mon' AND score > 5;
SELECT id FROM games WHERE tenant = 'a' AND region = 'eu' AND day = 'mon' AND score NOTNULL ORDER BY score DESC;
EXPLAIN QUERY PLAN SELECT id FROM games WHERE tenant = 'a' AND region = 'eu' AND day = 'mon' AND score > 5;
EXPLAIN QUERY PLAN SELECT id FROM games WHERE tenant = 'a' AND region = 'eu' AND score > 5;
EXPLAIN QUERY PLAN SELECT id FROM games WHERE tenant = 'a' AND region = 'eu' AND day NOTNULL AND score > 5;
EXPLAIN QUERY PLAN SELECT id FROM games('index board') WHERE tenant = 'a' AND region = 'eu' ORDER BY day, score DESC;
SELECT id FROM games WHERE tenant = 'a';
SELECT id FROM games WHERE tenant = 'a' AND region = 'eu' AND day = 'sun' AND score NOTNULL;
SELECT dynamo_check('games');

-- A row that is shown stays while the definition becomes another.
CREATE VIRTUAL TABLE shelf USING dynamo(room TEXT PARTITION KEY, place NUMBER SORT KEY, book TEXT, GLOBAL INDEX by_book (book, place) PROJECT KEYS);
INSERT INTO shelf VALUES('a', 1, 'x'), ('b', 2, 'x');
SELECT book, dynamo_alter('shelf', 'ADD GLOBAL INDEX n' || place || ' (place)') AS added, place, room FROM shelf('index by_book') WHERE book = 'x';
SELECT room, dynamo_alter('shelf', 'ADD GLOBAL INDEX m (place)') AS added, place, book FROM shelf WHERE room = 'a';
SELECT dynamo_check('shelf');

-- What is written while an index is filled is in it once.
CREATE VIRTUAL TABLE filling USING dynamo(id NUMBER PARTITION KEY, k TEXT, v TEXT);
WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT value + 1 FROM n WHERE value < 2000)
INSERT INTO filling SELECT value, 'k', 'v' FROM n;
BEGIN;
SELECT dynamo_alter('filling', 'ADD GLOBAL INDEX by_k (k)');
SELECT state FROM dynamo_indexes('filling');
SELECT dynamo_api('Query', '{"TableName": "filling", "IndexName": "by_k", "KeyConditionExpression": "k = :k", "ExpressionAttributeValues": {":k": {"S": "k"}}}');
WITH RECURSIVE n(value) AS (VALUES(2001) UNION ALL SELECT value + 1 FROM n WHERE value < 2030)
INSERT INTO filling SELECT value, 'k', 'v' FROM n;
WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT value + 1 FROM n WHERE value < 30)
UPDATE filling SET v = 'longer' WHERE id IN (SELECT value FROM n);
WITH RECURSIVE n(value) AS (VALUES(31) UNION ALL SELECT value + 1 FROM n WHERE value < 60)
DELETE FROM filling WHERE id IN (SELECT value FROM n);
COMMIT;
SELECT dynamo_check('filling');
SELECT dynamo_maintain() > 0;
SELECT state, entries FROM dynamo_indexes('filling');
SELECT count(*) FROM filling WHERE k = 'k';
SELECT dynamo_check('filling');
