-- DAX: a cache in front of a table, that does not notice what is written around it.
SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE promotions USING dynamo(
  City TEXT PARTITION KEY, Code TEXT SORT KEY, Percent NUMBER, Status TEXT,
  GLOBAL INDEX by_status (Status, Code) PROJECT KEYS, LOCAL INDEX by_percent (Percent));
CREATE VIRTUAL TABLE temp.promo USING dynamo_dax(promotions, item_ttl = 300, query_ttl = 60, bytes = 16000000);
INSERT INTO promotions VALUES('rome', 'a', 10, 'on'), ('rome', 'b', 20, 'off'), ('rome', 'c', 30, 'on'), ('oslo', 'a', 5, 'on');

-- Item cache: a read by the whole key. A hit costs 0 units, and the cost says that a cache has served it.
SELECT * FROM promo WHERE City = 'rome' AND Code = 'a';
SELECT dynamo_cost();
SELECT *, item FROM promo WHERE City = 'rome' AND Code = 'a';
SELECT dynamo_cost();
SELECT City, Percent FROM promo WHERE City IN ('rome', 'oslo') AND Code = 'a' ORDER BY City;
SELECT dynamo_cost();

-- A write around it is not seen until the entry ends, five minutes after it was read.
UPDATE promotions SET Percent = 11 WHERE City = 'rome' AND Code = 'a';
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'a';
SELECT dynamo_clock('+299.999 seconds');
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'a';
SELECT dynamo_clock('+0.001 seconds');
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'a';
SELECT dynamo_cost();

-- A write through it updates the item cache: the item as it was written.
UPDATE promo SET Percent = Percent + 1 WHERE City = 'rome' AND Code = 'a';
SELECT dynamo_cost();
SELECT Percent FROM promotions WHERE City = 'rome' AND Code = 'a';
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'a';
SELECT dynamo_cost() -> 'read_units';
INSERT INTO promo(item) VALUES('{"City": "bonn", "Code": "x", "Tags": {"SS": ["b", "a"]}}');
SELECT item FROM promo WHERE City = 'bonn' AND Code = 'x';
SELECT dynamo_cost() -> 'read_units';
INSERT OR REPLACE INTO promo(City, Code, Percent) VALUES('bonn', 'x', 1), ('bonn', 'y', 2);
SELECT dynamo_cost();
SELECT item FROM promo WHERE City = 'bonn' AND Code = 'x';
SELECT item FROM promo WHERE City = 'bonn' AND Code = 'y';
DELETE FROM promo WHERE City = 'bonn' AND Code = 'y';
INSERT INTO promotions(City, Code) VALUES('bonn', 'y');
SELECT count(*) FROM promo WHERE City = 'bonn' AND Code = 'y';
SELECT dynamo_cost() -> 'read_units';

-- What an UPDATE computes with is the item as it is, whatever is cached of it.
UPDATE promotions SET Percent = 50 WHERE City = 'bonn' AND Code = 'x';
SELECT Percent FROM promo WHERE City = 'bonn' AND Code = 'x';
UPDATE promo SET Percent = Percent + 1 WHERE City = 'bonn' AND Code = 'x';
SELECT Percent FROM promo WHERE City = 'bonn' AND Code = 'x';
DELETE FROM promo WHERE City = 'bonn' AND Code = 'y';
SELECT count(*) FROM promotions WHERE City = 'bonn';

-- Absence is cached, too.
SELECT count(*) FROM promo WHERE City = 'kyiv' AND Code = 'z';
SELECT dynamo_cost();
INSERT INTO promotions(City, Code) VALUES('kyiv', 'z');
SELECT count(*) FROM promo WHERE City = 'kyiv' AND Code = 'z';
SELECT dynamo_cost();
SELECT dynamo_clock('+300 seconds');
SELECT count(*) FROM promo WHERE City = 'kyiv' AND Code = 'z';

-- A strong read passes through, and is not cached.
UPDATE promotions SET Percent = 12.5 WHERE City = 'rome' AND Code = 'a';
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'a';
UPDATE promotions SET Percent = 13 WHERE City = 'rome' AND Code = 'a';
SELECT Percent FROM promo('strong') WHERE City = 'rome' AND Code = 'a';
SELECT dynamo_cost();
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'a';
SELECT Code FROM promo('strong') WHERE City = 'rome';
SELECT dynamo_cost();
SELECT entries FROM dynamo_caches WHERE kind = 'query';

-- Query cache: keyed by all parameters. What is another query is read.
SELECT Code, Percent FROM promo WHERE City = 'rome';
SELECT dynamo_cost() -> 'read_units';
SELECT Code, Percent FROM promo WHERE City = 'rome';
SELECT dynamo_cost();
SELECT Code, Percent FROM promo WHERE City = 'rome' ORDER BY Code DESC;
SELECT Code FROM promo WHERE City = 'rome' AND Code > 'a';
SELECT Code FROM promo WHERE City = 'rome' AND Code >= 'b';
SELECT Code FROM promo WHERE City = 'rome' LIMIT 2;
SELECT dynamo_cost() -> 'read_units';
SELECT Code FROM promo WHERE City = 'rome' LIMIT 2;
SELECT dynamo_cost() -> 'read_units';
SELECT Code FROM promo WHERE City = 'rome' LIMIT 2 OFFSET 1;
SELECT dynamo_cost() -> 'read_units';
SELECT City, Code FROM promo WHERE Status = 'on';
SELECT City, Code FROM promo WHERE Status = 'on';
SELECT dynamo_cost() -> 'read_units';
SELECT Code, Status FROM promo WHERE City = 'rome' AND Percent > 12;
SELECT Code, Status FROM promo WHERE City = 'rome' AND Percent > 12;
SELECT dynamo_cost() -> 'read_units';
SELECT City, Code FROM promo('scan');
SELECT City, Code FROM promo('scan');
SELECT dynamo_cost() -> 'read_units';
SELECT count(*) FROM promo('scan segment 0 of 2');
SELECT dynamo_cost() -> 'read_units';
SELECT City, Code FROM promo WHERE Status = 'gone';
SELECT City, Code FROM promo WHERE Status = 'gone';
SELECT dynamo_cost() -> 'read_units';

-- A write through it never touches the query cache, nor does a query the item cache.
UPDATE promo SET Percent = 99 WHERE City = 'rome' AND Code = 'b';
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'b';
SELECT dynamo_cost() -> 'read_units';
SELECT Code, Percent FROM promo WHERE City = 'rome';
SELECT dynamo_clock('+59.999 seconds');
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'c';
SELECT dynamo_cost() -> 'read_units';
SELECT Code, Percent FROM promo WHERE City = 'rome';
SELECT dynamo_clock('+0.001 seconds');
SELECT Code, Percent FROM promo WHERE City = 'rome';
SELECT dynamo_cost() -> 'read_units';

-- A failed write or read caches nothing.
INSERT INTO promo VALUES('rome', 'b', 1, 'on');
INSERT OR REPLACE INTO promo(City, Code, condition) VALUES('rome', 'b', 'Percent = 1');
INSERT OR REPLACE INTO promo(City, Code, condition) VALUES('rome', 'new', 'Percent = 1');
UPDATE promo SET Percent = 1, condition = 'Percent = 98' WHERE City = 'rome' AND Code = 'b';
UPDATE promo SET Code = 'z' WHERE City = 'rome' AND Code = 'b';
INSERT OR IGNORE INTO promo VALUES('rome', 'b', 1, 'on'), ('rome', 'd', 40, 'off');
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'b';
SELECT dynamo_cost() -> 'read_units';
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'd';
SELECT dynamo_cost() -> 'read_units';
SELECT count(*) FROM promo WHERE City = 'rome' AND Code = 'new';
SELECT dynamo_cost() -> 'read_units';
SELECT Code FROM promo('strong') WHERE Status = 'on';
SELECT * FROM promo WHERE Percent = 3;
SELECT * FROM promotions WHERE Percent = 3;
EXPLAIN QUERY PLAN SELECT City FROM promo WHERE Status = 'on';
INSERT INTO promo(City, Code, mode) VALUES('a', 'b', 'strong');

-- A transaction that writes through it reads the table, and what is rolled back was never in the cache.
BEGIN;
INSERT INTO promo VALUES('pisa', 'a', 1, 'on');
UPDATE promo SET Percent = 2 WHERE City = 'rome' AND Code = 'b';
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'b';
SELECT dynamo_cost() -> 'read_units';
SELECT Code, Percent FROM promo WHERE City = 'rome';
ROLLBACK;
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'b';
SELECT dynamo_cost() -> 'read_units';
SELECT count(*) FROM promo WHERE City = 'pisa' AND Code = 'a';
SELECT dynamo_cost() -> 'read_units';
BEGIN;
UPDATE promo SET Percent = 2 WHERE City = 'rome' AND Code = 'b';
SAVEPOINT one;
UPDATE promo SET Percent = 3 WHERE City = 'rome' AND Code = 'b';
UPDATE promo SET Percent = 3 WHERE City = 'rome' AND Code = 'c';
ROLLBACK TO one;
UPDATE promo SET Percent = 4 WHERE City = 'rome' AND Code = 'd';
RELEASE one;
COMMIT;
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'b';
SELECT dynamo_cost() -> 'read_units';
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'c';
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'd';
SELECT dynamo_cost() -> 'read_units';

-- Several rows of which one fails are not written, and not cached.
BEGIN;
INSERT INTO promo VALUES('nice', 'a', 1, 'on'), ('rome', 'a', 1, 'on');
INSERT INTO promo SELECT 'nice', 'b', 1, 'on' UNION ALL SELECT 'rome', 'a', 1, 'on';
COMMIT;
SELECT count(*) FROM promo WHERE City = 'nice' AND Code IN ('a', 'b');
SELECT dynamo_cost() -> 'read_units';

-- What a transaction reads that has written around it may be rolled back: it is not cached.
BEGIN;
UPDATE promotions SET Percent = 77 WHERE City = 'oslo' AND Code = 'a';
SELECT Percent FROM promo WHERE City = 'oslo' AND Code = 'a';
SELECT Percent FROM promo WHERE City = 'oslo';
ROLLBACK;
SELECT Percent FROM promo WHERE City = 'oslo' AND Code = 'a';
SELECT Percent FROM promo WHERE City = 'oslo';

-- The clock: what was read later than now is not there.
SELECT dynamo_clock('-1 second');
SELECT Percent FROM promo WHERE City = 'oslo' AND Code = 'a';
SELECT dynamo_cost() -> 'read_units';

-- Two caches of a table know nothing of each other. It may have the name of the table.
CREATE VIRTUAL TABLE temp.promotions USING dynamo_dax(main.promotions, item_ttl = 1);
SELECT Percent FROM temp.promotions WHERE City = 'oslo' AND Code = 'a';
SELECT dynamo_cost() -> 'read_units';
UPDATE promo SET Percent = 6 WHERE City = 'oslo' AND Code = 'a';
SELECT Percent FROM promotions WHERE City = 'oslo' AND Code = 'a';
SELECT Percent FROM main.promotions WHERE City = 'oslo' AND Code = 'a';
SELECT dynamo_clock('+1 second');
SELECT Percent FROM promotions WHERE City = 'oslo' AND Code = 'a';
SELECT name, table_name, kind, entries, hits, misses, expired, units_saved FROM dynamo_caches('promotions') WHERE kind <> 'leaf';
DROP TABLE temp.promotions;
SELECT name, table_name, kind FROM dynamo_caches WHERE kind <> 'leaf';

-- Through an index that has less than an UPDATE looks at. It costs what it costs without a cache.
UPDATE promo SET Percent = Percent + 1 WHERE Status = 'on';
SELECT dynamo_cost() -> 'read_units', dynamo_cost() -> 'write_units';
UPDATE promotions SET Percent = Percent + 1 WHERE Status = 'on';
SELECT dynamo_cost() -> 'read_units', dynamo_cost() -> 'write_units';

-- An estimate caches nothing, and knows what is cached.
SELECT dynamo_estimate('SELECT * FROM promo WHERE City = ''cork'' AND Code = ''a''') -> 'read_units';
SELECT dynamo_estimate('SELECT * FROM promo WHERE City = ''cork'' AND Code = ''a''') -> 'read_units';
SELECT dynamo_estimate('SELECT * FROM promo WHERE City = ''oslo'' AND Code = ''a''') -> 'read_units';

-- More rows than a page has. A reader of few rows reads few.
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
INSERT INTO promotions SELECT 'many', printf('%04d', i), i, 'bulk' FROM n;
SELECT count(*), sum(Percent), dynamo_cost() IS NOT NULL FROM promo WHERE City = 'many';
SELECT dynamo_cost() -> 'read_units';
SELECT count(*) FROM promotions WHERE City = 'many';
SELECT dynamo_cost() -> 'read_units';
SELECT count(*), sum(Percent) FROM promo WHERE City = 'many';
SELECT dynamo_cost();
SELECT Code FROM promo WHERE City = 'many' ORDER BY Code DESC LIMIT 3;
SELECT dynamo_cost() -> 'read_units';
SELECT count(*) FROM (SELECT * FROM promo WHERE City = 'many' LIMIT 50);
SELECT count(*) FROM (SELECT * FROM promo WHERE City = 'many' LIMIT 50);
SELECT dynamo_cost() -> 'read_units';
SELECT count(*) FROM promo AS a JOIN promo AS b ON b.City = a.City AND b.Code = a.Code WHERE a.City = 'many' AND a.Percent < 100;

-- Items that have expired are hidden by the word live, also where they are cached.
CREATE VIRTUAL TABLE sessions USING dynamo(id TEXT PARTITION KEY, at NUMBER, ttl = 'at');
CREATE VIRTUAL TABLE temp.s USING dynamo_dax(sessions);
INSERT INTO s VALUES('a', strftime('%s', dynamo_clock()) + 10);
SELECT count(*) FROM s('live') WHERE id = 'a';
SELECT dynamo_clock('+11 seconds') IS NOT NULL;
SELECT count(*) FROM s('live') WHERE id = 'a';
SELECT count(*) FROM s WHERE id = 'a';
SELECT dynamo_cost() -> 'read_units';

-- The least recently used goes first; bytes are what it may take.
CREATE VIRTUAL TABLE temp.small USING dynamo_dax(promotions, bytes = 1000);
SELECT count(*) FROM small WHERE City = 'many' AND Code IN ('0001', '0002', '0003', '0004', '0005', '0006', '0007', '0008', '0009');
SELECT count(*) FROM small WHERE City = 'many';
SELECT kind, entries > 0, bytes <= 1000, evictions > 0 FROM dynamo_caches('small');
CREATE VIRTUAL TABLE temp.none USING dynamo_dax(promotions, item_ttl = 0, query_ttl = 0);
SELECT Percent FROM none WHERE City = 'many' AND Code = '0001';
SELECT Percent FROM none WHERE City = 'many' AND Code = '0001';
SELECT entries, bytes, hits, misses FROM dynamo_caches('none');

-- The table behind is changed: an index is new, or gone.
SELECT dynamo_alter('promotions', 'ADD GLOBAL INDEX by_code (Code) PROJECT KEYS');
SELECT dynamo_maintain() > 0;
SELECT City FROM promo WHERE Code = 'z';
SELECT dynamo_alter('promotions', 'DROP INDEX by_code');
SELECT City FROM promo WHERE Code = 'z';
SELECT City FROM promo WHERE Code = 'y';
SELECT City FROM promo WHERE Code = 'y';

-- It is renamed, or dropped: what is cached stays, and what is not fails.
ALTER TABLE promotions RENAME TO other;
SELECT Percent FROM promo WHERE City = 'oslo' AND Code = 'a';
SELECT Percent FROM promo WHERE City = 'oslo' AND Code = 'b';
INSERT INTO promo(City, Code) VALUES('a', 'b');
UPDATE promo SET Percent = 1 WHERE City = 'oslo' AND Code = 'a';
ALTER TABLE other RENAME TO promotions;
SELECT count(*) FROM promo WHERE City = 'oslo' AND Code = 'b';
DROP TABLE promotions;
SELECT count(*) FROM promo WHERE City = 'oslo' AND Code = 'b';
SELECT count(*) FROM promo WHERE City = 'oslo' AND Code = 'c';
CREATE VIRTUAL TABLE promotions USING dynamo(City TEXT PARTITION KEY, Code TEXT SORT KEY);
SELECT count(*) FROM promo WHERE City = 'oslo' AND Code = 'c';
INSERT INTO promo(City, Code) VALUES('oslo', 'c');

-- The cache itself is made, renamed and dropped, in transactions, too.
DROP TABLE promo;
CREATE VIRTUAL TABLE temp.promo USING dynamo_dax(promotions);
INSERT INTO promo VALUES('oslo', 'c');
ALTER TABLE promo RENAME TO offers;
SELECT count(*) FROM offers WHERE City = 'oslo' AND Code = 'c';
SELECT dynamo_cost();
BEGIN;
DROP TABLE offers;
ROLLBACK;
SELECT count(*) FROM offers WHERE City = 'oslo' AND Code = 'c';
BEGIN;
CREATE VIRTUAL TABLE temp.brief USING dynamo_dax(promotions);
SELECT count(*) FROM brief WHERE City = 'oslo' AND Code = 'c';
ROLLBACK;
SELECT name FROM dynamo_caches WHERE kind = 'item' ORDER BY name;
BEGIN;
CREATE VIRTUAL TABLE temp.both USING dynamo_dax(promotions);
INSERT INTO both VALUES('oslo', 'd');
COMMIT;
SELECT count(*) FROM both WHERE City = 'oslo' AND Code = 'd';
SELECT dynamo_cost() -> 'read_units';

-- Mistakes.
CREATE VIRTUAL TABLE promo USING dynamo_dax(promotions);
CREATE VIRTUAL TABLE temp.bad USING dynamo_dax;
CREATE VIRTUAL TABLE temp.bad USING dynamo_dax(nothing);
CREATE VIRTUAL TABLE temp.bad USING dynamo_dax(promotions, item_ttl = -1);
CREATE VIRTUAL TABLE temp.bad USING dynamo_dax(promotions, item_ttl = 'x');
CREATE VIRTUAL TABLE temp.bad USING dynamo_dax(promotions, query_ttl = 31536001);
CREATE VIRTUAL TABLE temp.bad USING dynamo_dax(promotions, bytes = 99999999999999999999999);
CREATE VIRTUAL TABLE temp.bad USING dynamo_dax(promotions, size = 5);
CREATE VIRTUAL TABLE temp.bad USING dynamo_dax(promotions, bytes 5);
CREATE VIRTUAL TABLE temp.bad USING dynamo_dax(promotions other);
CREATE VIRTUAL TABLE temp.bad USING dynamo_dax(main.);
SELECT dynamo_api('GetItem', '{"TableName":"offers","Key":{"City":{"S":"a"},"Code":{"S":"b"}}}');
SELECT table_name FROM dynamo_tables;
SELECT dynamo_check('promotions');
