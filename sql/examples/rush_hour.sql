-- A ride service at rush hour, on demand: what a table takes at once, and what it takes half an hour later.
--
--   sqlite3 < sql/examples/rush_hour.sql       (from the project's folder)
.load ./build/dynamo
.headers on
.mode column
.echo on

-- Time stands still, and goes on when we say so: a morning takes seconds to run.
SELECT dynamo_clock('2026-02-02 07:00:00') AS now;

-- On demand nobody says how many units there are. By default nothing is limited; throttle = 'on' asks for the limits
-- that the service has.
CREATE VIRTUAL TABLE rides USING dynamo(
  RideId TEXT PARTITION KEY,
  Zone   TEXT,
  Track  TEXT,
  throttle = 'on'
);
SELECT count(*) AS partitions FROM dynamo_partitions('rides');

-- Rides that are under way: each of them writes its track, 20 KB, once a second. That is 20 units.
CREATE TABLE under_way(n INTEGER PRIMARY KEY, ride TEXT);
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 400)
INSERT INTO under_way SELECT n, 'ri' || (100 + n) FROM r;
CREATE TABLE second(s INTEGER PRIMARY KEY);
INSERT INTO second SELECT n FROM under_way WHERE n <= 121;

-- A new table takes 4,000 write units a second. At 7:00 there are 190 rides, and for two minutes they take 3,800 a
-- second. The clock goes on with each second's first ride.
INSERT OR REPLACE INTO rides
SELECT ride, 'zone' || (n % 9), iif(n = 1, dynamo_clock('+1 second'), '') || hex(zeroblob(9900))
  FROM second CROSS JOIN under_way WHERE n <= 190;
SELECT minute, write_units, write_units / 60 AS units_a_second FROM dynamo_capacity('rides');

-- Each of the four partitions gives no more than 1,000 of them, and has given more than 80 % of that for two minutes. So
-- it is split where half of its load lies. Writes do that in small steps; this does it at once.
SELECT dynamo_maintain() > 0 AS work_done;
SELECT count(*) AS partitions FROM dynamo_partitions('rides');

-- At 7:10 there are 300 rides: 6,000 units a second. Some of them are refused, for the ceiling is still 4,000.
SELECT dynamo_clock('2026-02-02 07:10:00') AS now;
INSERT OR REPLACE INTO rides
SELECT ride, 'zone' || (n % 9), hex(zeroblob(9900)) FROM under_way WHERE n <= 300;

-- A table takes twice its previous peak, from half an hour after it. The peak is the minute with the highest average.
-- So from 7:32 on there are 7,600.
SELECT dynamo_clock('2026-02-02 07:32:00') AS now;
INSERT OR REPLACE INTO rides
SELECT ride, 'zone' || (n % 9), hex(zeroblob(9900)) FROM under_way WHERE n <= 300;
SELECT changes() AS rides, dynamo_cost() ->> 'write_units' AS write_units;

-- The ceiling is never lowered: it is there the next morning, too.
SELECT dynamo_clock('2026-02-03 07:00:00') AS now;
INSERT OR REPLACE INTO rides
SELECT ride, 'zone' || (n % 9), hex(zeroblob(9900)) FROM under_way WHERE n <= 300;
SELECT changes() AS rides;

-- A table may also have a maximum of its own, which keeps the bill small. Passing it has another reason.
SELECT dynamo_alter('rides', 'max_write_units = 1000');
INSERT OR REPLACE INTO rides
SELECT ride, 'zone' || (n % 9), hex(zeroblob(9900)) FROM under_way WHERE n <= 60;
SELECT minute, read_units, write_units FROM dynamo_capacity('rides');
