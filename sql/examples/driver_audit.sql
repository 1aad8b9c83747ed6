-- A ride service keeps an eye on its drivers: a handler runs SQL for each change of a ride.
--
--   sqlite3 < sql/examples/driver_audit.sql          (from the project's folder)
.load ./build/dynamo
.headers on
.mode column
.echo on

-- The clock stands still here, so that the example can move it.
SELECT dynamo_clock('2026-03-01 09:00:00');

CREATE VIRTUAL TABLE rides USING dynamo(Id TEXT PARTITION KEY, Driver TEXT, Fare NUMBER);
CREATE TABLE audit(Time, Ride, Old REAL, New REAL);
CREATE TABLE drivers(Driver TEXT PRIMARY KEY, Rides INTEGER, CHECK(Driver <> ''));

-- Who raises a fare afterwards is written down. The filter is a condition over the change.
SELECT dynamo_on_change('rides', 'raises',
  'INSERT INTO audit VALUES(:time, :keys ->> ''Id'', :old ->> ''Fare'', :new ->> ''Fare'')',
  'filter = ''event = ''''MODIFY'''' AND new.Fare > old.Fare''');

-- How many rides a driver has is always up to date: sync runs in the statement that writes.
SELECT dynamo_on_change('rides', 'count',
  'INSERT INTO drivers VALUES(:new ->> ''Driver'', 1) ON CONFLICT DO UPDATE SET Rides = Rides + 1',
  'sync = ''on'', filter = ''event = ''''INSERT'''''', retries = 1');

INSERT INTO rides VALUES('r1', 'ann', 12), ('r2', 'bob', 30), ('r3', 'ann', 8);
SELECT * FROM drivers;

-- The other handler runs when there is time for it.
UPDATE rides SET Fare = 10 WHERE Id = 'r1';
UPDATE rides SET Fare = 55 WHERE Id = 'r2';
SELECT name, behind FROM dynamo_handlers('rides');
SELECT dynamo_maintain();
SELECT * FROM audit;

-- Together with other writes, all of it is one transaction.
BEGIN;
INSERT INTO rides VALUES('r4', 'carol', 20);
ROLLBACK;
SELECT * FROM drivers;

-- A ride without a driver breaks a rule of the table of drivers. The ride is written, and the change is tried again;
-- after its last retry it is a dead letter, and what came after it is handled.
INSERT INTO rides VALUES('r5', '', 7), ('r6', 'bob', 9);
SELECT * FROM drivers;
SELECT name, behind, failures, next_attempt, error FROM dynamo_handlers('rides') WHERE name = 'count';
SELECT dynamo_clock('+1 second'), dynamo_maintain();
SELECT * FROM drivers;
SELECT handler, keys, error FROM rides_dead_letters;
