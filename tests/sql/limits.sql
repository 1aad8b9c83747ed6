-- Keys: a partition key has up to 2048 bytes, a sort key up to 1024 (docs/semantics.md 1).
CREATE VIRTUAL TABLE k USING dynamo(p TEXT PARTITION KEY, s TEXT SORT KEY);
INSERT INTO k(p, s) VALUES(printf('%.*c', 2048, 'p'), printf('%.*c', 1024, 's'));
INSERT INTO k(p, s) VALUES(printf('%.*c', 2049, 'p'), 's');
INSERT INTO k(p, s) VALUES('p', printf('%.*c', 1025, 's'));
INSERT INTO k(p, s) VALUES('', 's');
INSERT INTO k(p, s) VALUES('p', '');
SELECT length(p), length(s) FROM k WHERE p = printf('%.*c', 2048, 'p');
SELECT length(p), length(s) FROM k WHERE p = printf('%.*c', 2048, 'p') AND s = printf('%.*c', 1024, 's');
SELECT count(*) FROM k WHERE p = printf('%.*c', 2049, 'p');
SELECT count(*) FROM k WHERE p = '' AND s = '';
SELECT count(*) FROM k WHERE p = printf('%.*c', 2048, 'p') AND s >= printf('%.*c', 1025, 's');
SELECT count(*) FROM k WHERE p = printf('%.*c', 2048, 'p') AND s < printf('%.*c', 5000, 's');

-- The limit is of bytes, not of characters, and zero bytes count as one.
INSERT INTO k(p, s) VALUES(printf('%.*c', 1024, 'p') || replace(printf('%.*c', 512, 'x'), 'x', 'ä'), 's');
INSERT INTO k(p, s) VALUES(printf('%.*c', 1025, 'p') || replace(printf('%.*c', 512, 'x'), 'x', 'ä'), 's');
CREATE VIRTUAL TABLE b USING dynamo(p BLOB PARTITION KEY, s BLOB SORT KEY);
INSERT INTO b(p, s) VALUES(zeroblob(2048), zeroblob(1024));
INSERT INTO b(p, s) VALUES(zeroblob(2049), zeroblob(1024));
INSERT INTO b(p, s) VALUES(zeroblob(2048), zeroblob(1025));
INSERT INTO b(p, s) VALUES(x'', zeroblob(1));
SELECT length(p), length(s), s > zeroblob(1023) FROM b WHERE p = zeroblob(2048) AND s > zeroblob(1023);
SELECT count(*) FROM b WHERE p = zeroblob(2048) AND s < zeroblob(1024);

-- An item has up to 409,600 bytes: names and values.
CREATE VIRTUAL TABLE i USING dynamo(id TEXT PARTITION KEY, v TEXT, w BLOB);
INSERT INTO i(id, v) VALUES('a', printf('%.*c', 409600 - 4, 'v'));
SELECT dynamo_cost();
INSERT INTO i(id, v) VALUES('b', printf('%.*c', 409600 - 3, 'v'));
INSERT INTO i(id, w) VALUES('b', zeroblob(409600 - 4));
INSERT INTO i(id, w) VALUES('c', zeroblob(409600 - 3));
INSERT INTO i(item) VALUES('{"id":"c","v":"' || replace(hex(zeroblob(204798)), '0', 'v') || '"}');
INSERT INTO i(item) VALUES('{"id":"d","v":"' || replace(hex(zeroblob(204799)), '0', 'v') || '"}');
SELECT id, dynamo_item_size(item), length(v), length(w) FROM i('scan') ORDER BY id;
SELECT dynamo_cost();

-- The same for what an update makes.
UPDATE i SET v = v || 'v' WHERE id = 'a';
UPDATE i SET w = x'00', v = substr(v, 3) WHERE id = 'a';
SELECT id, dynamo_item_size(item), length(v), length(w) FROM i WHERE id = 'a';

-- Names: 65,535 bytes for an attribute, 255 for a key.
INSERT INTO i(id, item) VALUES('name', json_object(printf('%.*c', 65535, 'n'), 1));
INSERT INTO i(id, item) VALUES('name too long', json_object(printf('%.*c', 65536, 'n'), 1));
INSERT INTO i(id, item) VALUES('no name', '{"":1}');
SELECT id, length(item) FROM i WHERE id GLOB 'n*' AND id IN ('name', 'name too long', 'no name');

-- Large items and small ones are replaced by each other, and nothing stays behind.
INSERT OR REPLACE INTO i(id, v) VALUES('a', 'small');
INSERT OR REPLACE INTO i(id, v) VALUES('name', printf('%.*c', 100000, 'v'));
DELETE FROM i WHERE id = 'b';
SELECT items, bytes FROM dynamo_tables('i');
SELECT dynamo_check('i'), dynamo_check('k'), dynamo_check('b');

-- An item and its entries in local indexes have that together; those in global ones are apart.
CREATE VIRTUAL TABLE l USING dynamo(id TEXT PARTITION KEY, at NUMBER SORT KEY, v TEXT, LOCAL INDEX by_v (v));
CREATE VIRTUAL TABLE g USING dynamo(id TEXT PARTITION KEY, at NUMBER SORT KEY, k TEXT, v TEXT, GLOBAL INDEX by_k (k));
INSERT INTO l(id, at, v, item) VALUES('a', 1, 'v', json_object('w', printf('%.*c', 204800 - 10, 'w')));
SELECT dynamo_item_size(item) FROM l WHERE id = 'a';
INSERT INTO l(id, at, v, item) VALUES('b', 1, 'v', json_object('w', printf('%.*c', 204800 - 9, 'w')));
UPDATE l SET item = json_set(item, '$.w', printf('%.*c', 204800 - 9, 'w')) WHERE id = 'a';
INSERT INTO l(id, at, item) VALUES('c', 1, json_object('w', printf('%.*c', 204800, 'w')));
INSERT INTO g VALUES('a', 1, 'k', printf('%.*c', 300000, 'v'));
SELECT id, dynamo_item_size(item) FROM l('scan') ORDER BY id;
SELECT dynamo_check('l'), dynamo_check('g');
