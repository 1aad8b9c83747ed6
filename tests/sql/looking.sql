-- Tables about tables.
CREATE VIRTUAL TABLE small USING dynamo(id NUMBER PARTITION KEY, text TEXT, partition_bytes = 1000);
CREATE VIRTUAL TABLE busy USING dynamo(id TEXT PARTITION KEY, billing = 'provisioned', read_units = 7000, write_units = 1500);
SELECT * FROM dynamo_tables;
SELECT index_name, partition, low_hash, high_hash, items, bytes FROM dynamo_partitions('busy');

-- A partition that grows too large is split, and no item moves.
WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO small SELECT i, 'text ' || i FROM n;
SELECT dynamo_maintain() >= 0, dynamo_maintain() >= 0;
SELECT count(*) > 4, sum(items), max(bytes) <= 1000 FROM dynamo_partitions('small');
SELECT min(low_hash), max(high_hash) FROM dynamo_partitions('small');
SELECT count(*) FROM small('scan');
SELECT dynamo_check('small');

-- One partition key cannot be split.
CREATE VIRTUAL TABLE hot USING dynamo(id TEXT PARTITION KEY, n NUMBER SORT KEY, partition_bytes = 500);
WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
INSERT INTO hot SELECT 'one', i FROM n;
SELECT dynamo_maintain() >= 0;
SELECT count(*), max(items) FROM dynamo_partitions('hot');
SELECT dynamo_check('hot');

-- Rename, and other names.
ALTER TABLE hot RENAME TO cold;
SELECT count(*) FROM cold WHERE id = 'one';
SELECT dynamo_check('main.cold');
SELECT dynamo_check('hot');
SELECT * FROM dynamo_partitions('hot');
ALTER TABLE cold RENAME TO "no such name";
SELECT count(*) FROM cold WHERE id = 'one';

-- Attached and temporary tables.
ATTACH ':memory:' AS aux1;
CREATE VIRTUAL TABLE aux1.small USING dynamo(id NUMBER PARTITION KEY);
CREATE VIRTUAL TABLE temp.gone USING dynamo(id NUMBER PARTITION KEY);
INSERT INTO aux1.small VALUES(1);
INSERT INTO temp.gone VALUES(1);
SELECT schema_name, table_name, items FROM dynamo_tables ORDER BY 1, 2;
SELECT count(*) FROM small JOIN aux1.small AS other ON other.id = small.id WHERE small.id = 1;
SELECT dynamo_check('aux1.small'), dynamo_check('gone');

-- A declaration, as it is now.
CREATE VIRTUAL TABLE now USING dynamo(id TEXT PARTITION KEY, "a ""b""" NUMBER, LOCAL INDEX l ("a ""b"""), other, day TEXT SORT KEY);
SELECT dynamo_declaration('now');
SELECT dynamo_alter('now', 'billing = ''provisioned'', read_units = 3, write_units = 4');
SELECT dynamo_alter('now', 'ADD GLOBAL INDEX by_colour (Colour TEXT, day) PROJECT (other) READ UNITS 1 WRITE UNITS 1');
SELECT dynamo_declaration('main.now');
SELECT dynamo_declaration('aux1.small');
SELECT dynamo_declaration('missing');
DROP TABLE now;

-- Nothing is left of what is dropped.
DROP TABLE aux1.small;
DROP TABLE temp.gone;
DROP TABLE main.small;
DROP TABLE cold;
DROP TABLE busy;
SELECT name FROM sqlite_schema UNION ALL SELECT name FROM aux1.sqlite_schema UNION ALL SELECT name FROM sqlite_temp_schema;
