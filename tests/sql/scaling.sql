-- Auto scaling: provisioned units follow the load, with the lag of the service.

SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE rides USING dynamo(id TEXT PARTITION KEY, city TEXT,
  GLOBAL INDEX by_city (city) PROJECT KEYS READ UNITS 5 WRITE UNITS 40,
  billing = 'provisioned', read_units = 5, write_units = 2, throttle = 'off',
  write_scaling = '1..50');
SELECT dynamo_declaration('rides');
INSERT INTO rides VALUES('first', NULL);

-- One minute above 70 percent is not enough. Two are; and then it asks for what
-- the last of them needs: 2 units in the average second are 70 % of 3.
SELECT dynamo_clock('2026-01-01 00:01:00');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
INSERT OR REPLACE INTO rides(id) SELECT i FROM n;
SELECT dynamo_clock('2026-01-01 00:02:00');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
INSERT OR REPLACE INTO rides(id) SELECT i FROM n;
SELECT * FROM dynamo_scaling('rides');
SELECT dynamo_clock('2026-01-01 00:03:00');
SELECT dynamo_maintain();
SELECT * FROM dynamo_scaling('rides');
SELECT read_units, write_units FROM dynamo_tables;

-- Down after 15 minutes that are more than 20 % below, to the minimum at least.
SELECT dynamo_clock('2026-01-01 00:17:59');
INSERT OR REPLACE INTO rides(id) VALUES('a');
SELECT write_units FROM dynamo_tables;
SELECT dynamo_clock('2026-01-01 00:18:00');
INSERT OR REPLACE INTO rides(id) VALUES('a');
SELECT minute, units_before, units_after, wanted, held_by FROM dynamo_scaling('rides');
SELECT write_units FROM dynamo_tables;

-- No load takes it beyond its maximum; what is still held back is told once.
SELECT dynamo_alter('rides', 'write_scaling = ''1..2 at 50''');
SELECT dynamo_clock('2026-01-01 00:19:00');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
INSERT OR REPLACE INTO rides(id) SELECT i FROM n;
SELECT dynamo_clock('2026-01-01 00:20:00');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
INSERT OR REPLACE INTO rides(id) SELECT i FROM n;
SELECT dynamo_clock('2026-01-01 00:21:00');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
INSERT OR REPLACE INTO rides(id) SELECT i FROM n;
SELECT dynamo_clock('2026-01-01 00:22:00');
SELECT dynamo_maintain();
SELECT dynamo_maintain();
SELECT minute, units_before, units_after, wanted, held_by FROM dynamo_scaling('rides');

-- An index has settings of its own.
SELECT dynamo_alter('rides', 'INDEX by_city WRITE SCALING ''10..100 at 70 up every 300 down every 3600''');
SELECT dynamo_alter('rides', 'write_scaling = ''off''');
SELECT declaration FROM rides_indexes;
SELECT dynamo_clock('2026-01-01 01:00:00');
INSERT INTO rides VALUES('x', 'Bern');
SELECT dynamo_clock('2026-01-01 01:20:00');
INSERT INTO rides VALUES('y', 'Bern');
SELECT index_name, minute, direction, units_before, units_after, wanted, held_by
  FROM dynamo_scaling('rides') WHERE minute > '2026-01-01 01';

-- On demand the settings stay, and nothing is scaled.
SELECT dynamo_alter('rides', 'billing = ''on_demand'', read_scaling = ''1..9''');
SELECT dynamo_clock('2026-01-01 02:00:00');
INSERT OR REPLACE INTO rides VALUES('x', 'Bern');
SELECT count(*) FROM dynamo_scaling('rides') WHERE minute > '2026-01-01 02';
SELECT dynamo_declaration('rides');
SELECT dynamo_alter('rides', 'INDEX by_city WRITE SCALING NULL');
SELECT dynamo_alter('rides', 'read_scaling = NULL');

-- A table can be prepared for more than it has: there are partitions for it.
SELECT dynamo_alter('rides', 'warm_read_units = 24000, warm_write_units = 8000');
SELECT dynamo_alter('rides', 'INDEX by_city WARM READ UNITS 15000 WARM WRITE UNITS 5000');
SELECT dynamo_maintain() > 0;
SELECT index_name, count(*) FROM dynamo_partitions('rides') GROUP BY 1;
SELECT dynamo_alter('rides', 'warm_read_units = 23000');
SELECT dynamo_alter('rides', 'warm_read_units = NULL');
SELECT dynamo_alter('rides', 'INDEX by_city WARM WRITE UNITS 100');
SELECT dynamo_alter('rides', 'warm_write_units = 40001');

-- Mistakes.
SELECT dynamo_alter('rides', 'read_scaling = ''5-100''');
SELECT dynamo_alter('rides', 'read_scaling = 5');
SELECT dynamo_alter('rides', 'read_scaling = ''0..100''');
SELECT dynamo_alter('rides', 'read_scaling = ''9..5''');
SELECT dynamo_alter('rides', 'read_scaling = ''1..40001''');
SELECT dynamo_alter('rides', 'read_scaling = ''1..9 at 19''');
SELECT dynamo_alter('rides', 'read_scaling = ''1..9 at 91 down never''');
SELECT dynamo_alter('rides', 'read_scaling = ''1..9 up every 604801''');
SELECT dynamo_alter('rides', 'read_scaling = ''1..9 up 5''');
SELECT dynamo_alter('rides', 'INDEX by_city READ SCALING ''1..9'' READ SCALING ''1..9''');
SELECT dynamo_alter('rides', 'INDEX by_city WARM');
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, s TEXT SORT KEY, t TEXT, LOCAL INDEX l (t) READ SCALING '1..9');
SELECT dynamo_check('rides');
