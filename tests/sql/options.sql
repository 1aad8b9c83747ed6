-- Options of a table, and changing them later.

SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE orders USING dynamo(
  CustomerId TEXT PARTITION KEY, OrderDate TEXT SORT KEY, Status TEXT,
  GLOBAL INDEX by_status (Status) PROJECT KEYS READ UNITS 5 WRITE UNITS 6,
  billing = 'provisioned', read_units = 10, write_units = 5);
SELECT table_name, billing, read_units, write_units FROM dynamo_tables;

-- One, or several at once. NULL is what an option is without being named.
SELECT dynamo_alter('orders', 'read_units = 20');
SELECT dynamo_alter('orders', 'write_units = 8, strict = ''plan''');
SELECT dynamo_alter('orders', 'strict = NULL');
SELECT dynamo_alter('orders', 'INDEX by_status READ UNITS 7 WRITE UNITS 7');
SELECT table_name, billing, read_units, write_units FROM dynamo_tables;
SELECT declaration FROM orders_indexes;

-- What the new billing does not have goes with the old one.
SELECT dynamo_alter('orders', 'billing = ''on_demand'', max_read_units = 1000');
SELECT dynamo_alter('orders', 'INDEX by_status MAX WRITE UNITS 50');
SELECT name, value FROM orders_meta WHERE name GLOB 'argument*';
SELECT dynamo_alter('orders', 'billing = ''provisioned'', read_units = 9, write_units = 9');
SELECT table_name, billing, read_units, write_units FROM dynamo_tables;

-- Provisioned units can be lowered four times a day, and then once an hour.
SELECT dynamo_alter('orders', 'read_units = 8');
SELECT dynamo_alter('orders', 'read_units = 7');
SELECT dynamo_alter('orders', 'read_units = 6');
SELECT dynamo_alter('orders', 'read_units = 5');
SELECT dynamo_alter('orders', 'read_units = 4');
SELECT dynamo_clock('+1 hour');
SELECT dynamo_alter('orders', 'read_units = 4');
SELECT dynamo_alter('orders', 'read_units = 3');
SELECT dynamo_alter('orders', 'read_units = 30');
SELECT dynamo_clock('+1 day');
SELECT dynamo_alter('orders', 'read_units = 3');

-- A protected table is not dropped.
SELECT dynamo_alter('orders', 'deletion_protection = ''on'', table_class = ''infrequent_access''');
DROP TABLE orders;
VACUUM;
SELECT dynamo_check('orders');

-- Mistakes; none of them changes anything.
SELECT dynamo_alter('orders', 'read_units = 0');
SELECT dynamo_alter('orders', 'read_units = 40001');
SELECT dynamo_alter('orders', 'read_units = 5 write_units = 5');
SELECT dynamo_alter('orders', 'read_units = 5, read_units = 6');
SELECT dynamo_alter('orders', 'max_read_units = 5');
SELECT dynamo_alter('orders', 'read_units = NULL');
SELECT dynamo_alter('orders', 'colour = ''red''');
SELECT dynamo_alter('orders', 'deletion_protection = 1');
SELECT dynamo_alter('orders', 'INDEX by_colour READ UNITS 5');
SELECT dynamo_alter('orders', 'INDEX by_status READ 5');
SELECT dynamo_alter('orders', 'INDEX by_status MAX READ UNITS 5');
SELECT dynamo_alter('orders', 'INDEX by_status READ UNITS 5 READ UNITS 5');
SELECT dynamo_alter('orders', 'INDEX by_status MAX');
SELECT dynamo_alter('orders', 'ADD GLOBAL INDEX by_day (OrderDate) MAX READ UNITS 9');
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, max_read_units = 5,
  GLOBAL INDEX g (a TEXT) READ UNITS 1);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, s TEXT SORT KEY,
  LOCAL INDEX l (a TEXT) READ UNITS 1);
SELECT name, value FROM orders_meta WHERE name GLOB 'argument*' OR name GLOB 'throughput*';

SELECT dynamo_alter('orders', 'deletion_protection = NULL, table_class = NULL');
DROP TABLE orders;

-- Attributes whose names differ by case alone: as columns they cannot, so an
-- underscore is put behind.
CREATE VIRTUAL TABLE cases USING dynamo(id TEXT PARTITION KEY, ID NUMBER SORT KEY, Item TEXT);
INSERT INTO cases(id, ID_, Item) VALUES('a', 1, 'x');
SELECT id, ID_, Item, item_ FROM cases WHERE id = 'a' AND ID_ = 1;
SELECT dynamo_clock(NULL) IS NOT NULL;
