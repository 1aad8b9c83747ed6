-- Units are exact (docs/semantics.md 2, 3).
CREATE VIRTUAL TABLE things USING dynamo(id TEXT PARTITION KEY, n NUMBER SORT KEY, body TEXT);
-- An item of 1 KB: names (2 + 1 + 4), id (1), n (2), body.
INSERT INTO things VALUES('a', 1, printf('%.*c', 1014, 'x'));
SELECT dynamo_cost();
SELECT dynamo_item_size(item) FROM things WHERE id = 'a' AND n = 1;
INSERT INTO things VALUES('a', 2, printf('%.*c', 1015, 'x'));
SELECT dynamo_cost() ->> 'write_units';
INSERT OR REPLACE INTO things VALUES('a', 2, 'small');
SELECT dynamo_cost() ->> 'write_units';
INSERT INTO things VALUES('a', 2, 'fails');
SELECT dynamo_cost() ->> 'write_units';
UPDATE things SET body = 'x' WHERE id = 'a' AND n = 2;
SELECT dynamo_cost();
DELETE FROM things WHERE id = 'a' AND n = 1;
SELECT dynamo_cost();
DELETE FROM things WHERE id = 'a' AND n = 99;
SELECT dynamo_cost();
INSERT INTO things VALUES('b', 1, printf('%.*c', 3500, 'x')), ('b', 2, printf('%.*c', 3500, 'x')), ('b', 3, printf('%.*c', 3500, 'x'));
SELECT dynamo_cost() ->> 'write_units';

-- A point read, eventual and strong; an item that is not there.
SELECT n FROM things WHERE id = 'b' AND n = 1;
SELECT dynamo_cost() ->> 'read_units';
SELECT n FROM things('strong') WHERE id = 'b' AND n = 1;
SELECT dynamo_cost() ->> 'read_units';
SELECT n FROM things WHERE id = 'b' AND n = 7;
SELECT dynamo_cost() ->> 'read_units';

-- A query sums the items, then rounds; a filter does not make it cheaper, a limit does.
SELECT n FROM things WHERE id = 'b';
SELECT dynamo_cost() ->> 'read_units';
SELECT n FROM things WHERE id = 'b' AND body = 'nothing';
SELECT dynamo_cost() ->> 'read_units';
SELECT n FROM things WHERE id = 'b' LIMIT 1;
SELECT dynamo_cost() ->> 'read_units';
SELECT n FROM things WHERE id = 'nobody';
SELECT dynamo_cost() ->> 'read_units';
SELECT count(*) FROM things('scan strong');
SELECT dynamo_cost() ->> 'read_units';

-- Two tables in a statement.
CREATE VIRTUAL TABLE other USING dynamo(id TEXT PARTITION KEY, ref NUMBER);
INSERT INTO other VALUES('b', 2);
SELECT n FROM other JOIN things ON things.id = other.id AND n = ref WHERE other.id = 'b';
SELECT dynamo_cost();

-- By minute.
CREATE VIRTUAL TABLE timed USING dynamo(id TEXT PARTITION KEY);
SELECT dynamo_clock('2026-01-01 10:00:30');
INSERT INTO timed VALUES('a');
SELECT id FROM timed WHERE id = 'a';
SELECT dynamo_clock('+45 seconds');
SELECT id FROM timed('strong') WHERE id = 'a';
SELECT * FROM dynamo_capacity('timed');
SELECT dynamo_maintain() > 0;
SELECT minute, operation, read_units, write_units FROM dynamo_capacity('timed');
SELECT dynamo_clock(NULL) > '2026';

-- A lookup is part of the write of its own item, not of that of another one.
CREATE VIRTUAL TABLE looked USING dynamo(id TEXT PARTITION KEY, v TEXT);
INSERT INTO looked VALUES('a', 'small'), ('b', printf('%.*c', 20000, 'v'));
UPDATE looked SET v = 'new' WHERE id = 'a';
SELECT dynamo_cost() ->> 'read_units';
DELETE FROM looked WHERE id = 'a' AND (SELECT v FROM looked WHERE id = 'b') > '';
SELECT dynamo_cost() ->> 'read_units';
