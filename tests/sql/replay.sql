-- A recorded usage under other settings: units granted and throttled, hours of provisioned units, money.
CREATE VIRTUAL TABLE orders USING dynamo(id TEXT PARTITION KEY, status TEXT, GLOBAL INDEX by_status (status) READ UNITS 2 WRITE UNITS 2,
  billing = 'provisioned', read_units = 20, write_units = 10);

-- An hour of 5 reads and 5 writes a second, with 50 writes a second for ten minutes of it.
CREATE TABLE recorded(time, read, write);
WITH RECURSIVE minutes(m) AS (SELECT 0 UNION ALL SELECT m + 1 FROM minutes WHERE m < 59)
  INSERT INTO recorded SELECT datetime('2026-01-01', m || ' minutes'), 300, iif(m BETWEEN 20 AND 29, 3000, 300) FROM minutes;
SELECT key, value FROM json_each(dynamo_replay('orders', 'recorded'));

-- Other settings.
SELECT dynamo_replay('orders', 'recorded', '{"provisioned": {"write_units": 50}}') -> 'provisioned';
SELECT dynamo_replay('orders', 'recorded', '{"scaled": {"minimum_read_units": 5, "minimum_write_units": 5, "maximum_write_units": 40, "target_percent": 50,
  "up_cooldown_seconds": 60, "down_cooldown_seconds": 60}}') -> 'scaled';
SELECT dynamo_replay('orders', 'recorded', '{"on_demand": {"max_write_units": 20}}') -> 'on_demand';

-- Other prices, in the settings or in a table to be edited.
SELECT dynamo_replay('orders', 'recorded', '{"prices": {"read_unit_hour": 1, "write_unit_hour": 0.5}}') ->> '$.provisioned.money';
CREATE TABLE prices(name, price);
INSERT INTO prices VALUES('million_reads', 1000000), ('million_writes', 0);
SELECT value ->> 'money' FROM json_each(dynamo_replay('orders', 'recorded', '{"prices": "prices"}')) WHERE key = 'on_demand';

-- What dynamo_capacity has: the rows of the table, or of an index. Rows of a minute are added up, in any order.
SELECT dynamo_clock('2026-01-01 00:00:00');
INSERT INTO orders VALUES('a', 'open');
SELECT count(*) FROM orders('scan');
SELECT dynamo_clock('+2 minutes');
INSERT INTO orders VALUES('b', 'open');
SELECT dynamo_replay('orders', 'dynamo_capacity') -> 'provisioned';
SELECT dynamo_replay('orders', 'dynamo_capacity', '{"index": "by_status"}') -> 'provisioned';
SELECT dynamo_replay('orders', 'SELECT 60 * column1 AS time, column2 AS read FROM (VALUES(4, 2.5), (1, 1), (4, 0.5), (2, NULL)) -- seconds since 1970') -> 'on_demand';
SELECT dynamo_clock(NULL) > '2026';

-- A table on demand has no units: those of the busiest minute are taken.
CREATE VIRTUAL TABLE free USING dynamo(id TEXT PARTITION KEY, max_write_units = 7);
SELECT dynamo_replay('free', 'main.recorded') -> 'provisioned';
SELECT dynamo_replay('free', 'recorded') ->> '$.on_demand.max_write_units';
SELECT dynamo_replay('free', 'SELECT time, write FROM recorded WHERE 0') -> 'scaled';

-- Bad input.
SELECT dynamo_replay('nothing', 'recorded');
SELECT dynamo_replay('orders', 'nothing');
SELECT dynamo_replay('orders', 'prices');
SELECT dynamo_replay('orders', 'SELECT ''soon'' AS time, 1 AS read');
SELECT dynamo_replay('orders', 'SELECT NULL AS time, 1 AS read');
SELECT dynamo_replay('orders', 'SELECT ''2026-01-01 10:00'' AS minute, -1 AS write_units');
SELECT dynamo_replay('orders', 'SELECT 0 AS minute, ''many'' AS write_units');
SELECT dynamo_replay('orders', 'SELECT 0 AS minute, 6e8 AS read UNION ALL SELECT 1, 6e8');
SELECT dynamo_replay('orders', 'SELECT column1 AS time, 1 AS read FROM (VALUES(''2000-01-01''), (''2026-01-01''))');
SELECT dynamo_replay('orders', 'recorded', '{"provisioned": {"units": 1}}');
SELECT dynamo_replay('orders', 'recorded', '{"scaled": {"minimum_read_units": 10, "maximum_read_units": 5}}');
SELECT dynamo_replay('orders', 'recorded', '{"scaled": {"target_percent": 95}}');
SELECT dynamo_replay('orders', 'recorded', '{"on_demand": 1}');
SELECT dynamo_replay('orders', 'recorded', '{"ondemand": {}}');
SELECT dynamo_replay('orders', 'recorded', '{"index": "by_day"}');
SELECT dynamo_replay('orders', 'recorded', '{"prices": {"million_reads": -1}}');
SELECT dynamo_replay('orders', 'recorded', '{"prices": "SELECT ''write'' AS name, 1 AS price"}');
SELECT dynamo_replay('orders', 'recorded', '{"prices": 1}');
SELECT dynamo_replay('orders', 'recorded', '[1');
