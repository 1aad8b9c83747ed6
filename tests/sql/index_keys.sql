-- Keys of indexes that are declared as no column have one that is hidden.
CREATE VIRTUAL TABLE parts USING dynamo(id TEXT PARTITION KEY, note, GLOBAL INDEX by_colour (colour TEXT, "size" NUMBER) PROJECT (note));
SELECT name, type, hidden FROM pragma_table_xinfo('parts');
INSERT INTO parts VALUES ('a', 'first');
INSERT INTO parts(id, colour, size) VALUES ('b', 'red', 5), ('c', 'red', 6), ('d', 'blue', 5);
INSERT INTO parts(id, item, size) VALUES ('e', '{"colour":"red","size":"large"}', 7);
SELECT * FROM parts WHERE id = 'b';
SELECT id, colour, size FROM parts WHERE colour = 'red' AND size > 5 ORDER BY size DESC;
SELECT id, size FROM parts WHERE colour IN ('blue', 'red') AND size = 5;
SELECT id, note FROM parts('index by_colour') WHERE colour = 'red';
EXPLAIN QUERY PLAN SELECT id FROM parts WHERE colour = 'red' AND size BETWEEN 1 AND 5;
SELECT id FROM parts WHERE colour = 'red';
SELECT id FROM parts WHERE size = 5;
SELECT id, item FROM parts WHERE colour = 'red' AND size > 5;

-- Texts of hidden columns are sorted as SQLite sorts texts.
CREATE VIRTUAL TABLE words USING dynamo(id TEXT PARTITION KEY, GLOBAL INDEX by_word (kind TEXT, word TEXT));
INSERT INTO words(id, kind, word) VALUES ('a', 'k', 'pear'), ('b', 'k', 'apple'), ('c', 'k', 'plum');
SELECT id, word FROM words WHERE kind = 'k' AND word > 'b' ORDER BY word DESC;
SELECT id, word FROM words WHERE kind = 'k' AND word LIKE 'p%' ORDER BY word;
SELECT id, word FROM words WHERE kind = 'k' AND word = 'plum' COLLATE NOCASE;

-- They are written as others are.
UPDATE parts SET colour = 'green', note = 'painted' WHERE colour = 'red' AND size = 6;
SELECT id, note FROM parts WHERE colour = 'green' AND size IS NOT NULL;
UPDATE parts SET colour = NULL WHERE id = 'b';
SELECT item FROM parts WHERE id = 'b';
UPDATE parts SET size = 'large' WHERE id = 'c';
INSERT INTO parts(id, colour) VALUES ('f', 5);
INSERT INTO parts(id, item) VALUES ('f', '{"colour":5}');
DELETE FROM parts WHERE colour = 'blue' AND size = 5;
SELECT id, colour, size FROM parts('scan') ORDER BY id;

-- An index that is added brings its key along, for statements to come.
SELECT maker FROM parts('scan');
SELECT dynamo_alter('parts', 'ADD GLOBAL INDEX by_maker (maker TEXT) PROJECT KEYS');
UPDATE parts SET maker = 'us' WHERE id IN ('b', 'c');
SELECT id, maker FROM parts WHERE maker = 'us' ORDER BY id;
SELECT id, colour FROM parts WHERE maker = 'us';
BEGIN;
INSERT INTO parts(id, maker) VALUES ('g', 'them');
SELECT dynamo_alter('parts', 'ADD GLOBAL INDEX by_place (place TEXT)');
UPDATE parts SET place = 'here' WHERE maker = 'them';
INSERT INTO parts(id, place) VALUES ('h', 'here');
SELECT id FROM parts WHERE place = 'here' ORDER BY id;
ROLLBACK;
SELECT id FROM parts WHERE place = 'here';
SELECT id FROM parts WHERE maker = 'them';
SELECT name FROM sqlite_schema WHERE name LIKE '%changed%';

-- The column goes with the index.
SELECT dynamo_alter('parts', 'DROP INDEX by_maker');
SELECT id, maker FROM parts('scan') WHERE maker = 'us' ORDER BY id;
SELECT id FROM parts WHERE maker = 'us';
SELECT dynamo_check('parts');

-- Also where something else is read by the statement.
SELECT dynamo_alter('parts', 'ADD GLOBAL INDEX by_maker (maker TEXT)') WHERE NOT EXISTS (SELECT 1 FROM dynamo_indexes('parts') WHERE name = 'by_maker');
SELECT id, maker FROM parts WHERE maker = 'us' ORDER BY id;
SELECT dynamo_alter('parts', 'ADD GLOBAL INDEX by_maker (maker TEXT)') WHERE NOT EXISTS (SELECT 1 FROM dynamo_indexes('parts') WHERE name = 'by_maker');

-- Names that there are already get an underscore; a column keeps its own.
CREATE VIRTUAL TABLE named USING dynamo(id TEXT PARTITION KEY, Colour, GLOBAL INDEX by_mode (mode TEXT), GLOBAL INDEX by_colour (colour TEXT));
SELECT name, hidden FROM pragma_table_xinfo('named');
INSERT INTO named(id, mode_, colour_, Colour) VALUES ('a', 'slow', 'red', 'blue');
SELECT item FROM named WHERE mode_ = 'slow';
SELECT id, Colour FROM named('index by_colour') WHERE colour_ = 'red';

-- Of more than 63 columns SQLite does not tell which are used.
CREATE VIRTUAL TABLE many USING dynamo(id TEXT PARTITION KEY, status TEXT, v NUMBER, GLOBAL INDEX by_status (status) PROJECT KEYS, GLOBAL INDEX g0 PARTITION KEY (a0_0 TEXT, a0_1 TEXT, a0_2 TEXT, a0_3 TEXT) SORT KEY (a0_4 TEXT, a0_5 TEXT, a0_6 TEXT, a0_7 TEXT) PROJECT KEYS, GLOBAL INDEX g1 PARTITION KEY (a1_0 TEXT, a1_1 TEXT, a1_2 TEXT, a1_3 TEXT) SORT KEY (a1_4 TEXT, a1_5 TEXT, a1_6 TEXT, a1_7 TEXT) PROJECT KEYS, GLOBAL INDEX g2 PARTITION KEY (a2_0 TEXT, a2_1 TEXT, a2_2 TEXT, a2_3 TEXT) SORT KEY (a2_4 TEXT, a2_5 TEXT, a2_6 TEXT, a2_7 TEXT) PROJECT KEYS, GLOBAL INDEX g3 PARTITION KEY (a3_0 TEXT, a3_1 TEXT, a3_2 TEXT, a3_3 TEXT) SORT KEY (a3_4 TEXT, a3_5 TEXT, a3_6 TEXT, a3_7 TEXT) PROJECT KEYS, GLOBAL INDEX g4 PARTITION KEY (a4_0 TEXT, a4_1 TEXT, a4_2 TEXT, a4_3 TEXT) SORT KEY (a4_4 TEXT, a4_5 TEXT, a4_6 TEXT, a4_7 TEXT) PROJECT KEYS, GLOBAL INDEX g5 PARTITION KEY (a5_0 TEXT, a5_1 TEXT, a5_2 TEXT, a5_3 TEXT) SORT KEY (a5_4 TEXT, a5_5 TEXT, a5_6 TEXT, a5_7 TEXT) PROJECT KEYS, GLOBAL INDEX g6 PARTITION KEY (a6_0 TEXT, a6_1 TEXT, a6_2 TEXT, a6_3 TEXT) SORT KEY (a6_4 TEXT, a6_5 TEXT, a6_6 TEXT, a6_7 TEXT) PROJECT KEYS, GLOBAL INDEX g7 PARTITION KEY (a7_0 TEXT, a7_1 TEXT, a7_2 TEXT, a7_3 TEXT) SORT KEY (a7_4 TEXT, a7_5 TEXT, a7_6 TEXT, a7_7 TEXT) PROJECT KEYS);
INSERT INTO many(id, status, v, a7_0, a7_1, a7_2, a7_3, a7_4, a7_5, a7_6, a7_7) VALUES ('a', 'x', 1, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
UPDATE many SET v = 2 WHERE status = 'x';
SELECT id, a7_4, a7_7 FROM many WHERE a7_0 = 'a' AND a7_1 = 'b' AND a7_2 = 'c' AND a7_3 = 'd' AND a7_4 = 'e' AND a7_5 = 'f' AND a7_6 = 'g' AND a7_7 = 'h';
SELECT id, v FROM many WHERE a7_0 = 'a' AND a7_1 = 'b' AND a7_2 = 'c' AND a7_3 = 'd' AND a7_4 = 'e' AND a7_5 = 'f' AND a7_6 = 'g' AND a7_7 = 'h';

-- A cache has those that its table had when it was made.
CREATE VIRTUAL TABLE temp.cached USING dynamo_dax(parts);
SELECT id, colour, size FROM cached WHERE colour = 'green' AND size IS NOT NULL;
UPDATE cached SET colour = 'white' WHERE id = 'c';
SELECT id, colour FROM parts WHERE colour = 'white' AND size = 6;
