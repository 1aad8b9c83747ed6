-- Two regions and a conflict: a seat is sold twice, and one of the two sales is lost.
--
--   sqlite3 < sql/examples/two_regions.sql          (from the project's folder)
.load ./build/dynamo
.headers on
.mode column
.echo on

-- The clock stands still here, so that the example can move it.
SELECT dynamo_clock('2026-03-01 09:00:00');

CREATE VIRTUAL TABLE seats USING dynamo(Seat TEXT PARTITION KEY, Holder TEXT);
INSERT INTO seats(Seat) VALUES('12A'), ('12B');

-- A region is a database file; here they are in memory. ADD REPLICA attaches one under the name of the region,
-- makes the table there, and copies the items.
SELECT dynamo_alter('seats', 'ADD REPLICA eu-west-1 IN '':memory:''');
SELECT schema_name, region, state FROM dynamo_replicas;

-- A sale in one region. dynamo_maintain() carries changes over, in both directions.
UPDATE seats SET Holder = 'ann' WHERE Seat = '12A';
SELECT behind FROM dynamo_replicas('seats');
SELECT dynamo_maintain() > 0 AS moved;
SELECT * FROM "eu-west-1".seats WHERE Seat = '12A';

-- 12B is sold in both before either has heard of the other. Each condition holds: it sees its own region alone.
UPDATE seats SET Holder = 'bob', condition = 'attribute_not_exists(Holder)' WHERE Seat = '12B';
SELECT dynamo_clock('+1 second');
UPDATE "eu-west-1".seats SET Holder = 'eve', condition = 'attribute_not_exists(Holder)' WHERE Seat = '12B';

-- The last writer wins, in both regions.
SELECT dynamo_maintain() > 0 AS moved;
SELECT * FROM seats WHERE Seat = '12B';
SELECT * FROM "eu-west-1".seats WHERE Seat = '12B';

-- The service would not say so, but bob has no seat. Here the lost sale is a row.
SELECT kept, kept_region, lost, lost_region FROM seats_conflicts;

-- A table that cannot lose a sale has strong replicas: a write is in every region, or it fails.
CREATE VIRTUAL TABLE cabins USING dynamo(Cabin TEXT PARTITION KEY, Holder TEXT);
INSERT INTO cabins(Cabin) VALUES('C1');
SELECT dynamo_alter('cabins', 'ADD REPLICA eu-west-1 STRONG');
UPDATE cabins SET Holder = 'bob', condition = 'attribute_not_exists(Holder)' WHERE Cabin = 'C1';

-- This is refused: the condition sees what has been sold in the other region.
UPDATE "eu-west-1".cabins SET Holder = 'eve', condition = 'attribute_not_exists(Holder)' WHERE Cabin = 'C1';
SELECT * FROM "eu-west-1".cabins WHERE Cabin = 'C1';
