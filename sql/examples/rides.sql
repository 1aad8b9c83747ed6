-- A ride service: active rides, past rides and promotions, all in one table.
--
--   sqlite3 < sql/examples/rides.sql           (from the project's folder)
.load ./build/dynamo
.headers on
.mode column
.echo on

-- One table for everything about a user. The sort key says what an item is.
CREATE VIRTUAL TABLE rides USING dynamo(
  UserId TEXT PARTITION KEY,
  What   TEXT SORT KEY,                 -- RIDE#<start>, ACTIVE, PROMO#<code>
  Driver TEXT,
  Fare   NUMBER,
  GLOBAL INDEX of_driver (Driver, What) PROJECT (Fare)
);

INSERT INTO rides(UserId, What, Driver, Fare) VALUES
  ('u1', 'RIDE#2026-01-03T08:10', 'd7', 12.40),
  ('u1', 'RIDE#2026-01-17T19:45', 'd2', 23.10),
  ('u1', 'RIDE#2026-02-02T07:55', 'd7', 11.95),
  ('u2', 'RIDE#2026-01-05T22:30', 'd2', 31.00);
INSERT INTO rides(item) VALUES
  ('{"UserId":"u1","What":"ACTIVE","Driver":"d9","From":{"lat":40.75,"lon":-73.98}}'),
  ('{"UserId":"u1","What":"PROMO#SPRING","Percent":20}'),
  ('{"UserId":"u1","What":"PROMO#WELCOME","Percent":10,"Zones":{"SS":["JFK","LGA"]}}');

-- The active ride of a user is one item, found by its whole key. The program needs
-- the newest state, so the read is strongly consistent and costs twice as much.
SELECT Driver, item -> 'From' AS "from"
  FROM rides('strong') WHERE UserId = 'u1' AND What = 'ACTIVE';
SELECT dynamo_cost() ->> 'read_units' AS read_units;

-- The past rides of January: a range of the sort key.
SELECT What, Driver, Fare FROM rides
 WHERE UserId = 'u1'
   AND What BETWEEN 'RIDE#2026-01-01' AND 'RIDE#2026-01-31T23:59';

-- The last two rides. LIMIT reads no more than that.
SELECT What, Fare FROM rides
 WHERE UserId = 'u1' AND What BETWEEN 'RIDE#' AND 'RIDE#~'
 ORDER BY What DESC LIMIT 2;

-- The rides of a driver by date. The driver is another partition key, so this takes
-- a global index.
SELECT What, UserId, Fare FROM rides
 WHERE Driver = 'd7' AND What BETWEEN 'RIDE#2026-01-01' AND 'RIDE#2026-12-31';

-- The promotions: all sort keys with a prefix.
SELECT What, item ->> 'Percent' AS percent FROM rides
 WHERE UserId = 'u1' AND begins_with(What, 'PROMO#');

-- The ride ends. One transaction makes a past ride of it.
BEGIN;
DELETE FROM rides WHERE UserId = 'u1' AND What = 'ACTIVE';
INSERT INTO rides(UserId, What, Driver, Fare)
  VALUES('u1', 'RIDE#2026-02-20T09:00', 'd9', 17.50);
COMMIT;

-- What all this cost.
SELECT sum(read_units) AS read_units, sum(write_units) AS write_units
  FROM dynamo_capacity('rides');
