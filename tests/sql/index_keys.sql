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

-- Who has dropped an index sees the attribute until the schema is read again.
SELECT dynamo_alter('parts', 'DROP INDEX by_maker');
SELECT id, maker FROM parts('scan') WHERE maker = 'us' ORDER BY id;
SELECT id FROM parts WHERE maker = 'us';
SELECT dynamo_check('parts');

-- Names that there are already get an underscore; a column keeps its own.
CREATE VIRTUAL TABLE named USING dynamo(id TEXT PARTITION KEY, Colour, GLOBAL INDEX by_mode (mode TEXT), GLOBAL INDEX by_colour (colour TEXT));
SELECT name, hidden FROM pragma_table_xinfo('named');
INSERT INTO named(id, mode_, colour_, Colour) VALUES ('a', 'slow', 'red', 'blue');
SELECT item FROM named WHERE mode_ = 'slow';
SELECT id, Colour FROM named('index by_colour') WHERE colour_ = 'red';

-- A cache has those that its table had when it was made.
CREATE VIRTUAL TABLE temp.cached USING dynamo_dax(parts);
SELECT id, colour, size FROM cached WHERE colour = 'green' AND size IS NOT NULL;
UPDATE cached SET colour = 'white' WHERE id = 'c';
SELECT id, colour FROM parts WHERE colour = 'white' AND size = 6;
