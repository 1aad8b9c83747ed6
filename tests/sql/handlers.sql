-- A handler runs SQL for each change, in the transaction that moves it on.
SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE rides USING dynamo(id TEXT PARTITION KEY, driver TEXT, fare NUMBER);
CREATE TABLE audit(sequence INTEGER PRIMARY KEY, event, keys, old, new, time, actor);
INSERT INTO rides VALUES('r0', 'ann', 1);
SELECT dynamo_on_change('rides', 'audit',
  'INSERT INTO audit VALUES(:sequence, :event, :keys, :old, :new, :time, :actor)');
INSERT INTO rides VALUES('r1', 'ann', 10), ('r2', 'bob', 20);
UPDATE rides SET driver = 'eve' WHERE id = 'r1';
DELETE FROM rides WHERE id = 'r2';
SELECT count(*) FROM audit;
SELECT name, behind, lag_ms, handled FROM dynamo_handlers('rides');
SELECT dynamo_clock('+2 seconds');
SELECT behind, lag_ms FROM dynamo_handlers('rides');
SELECT dynamo_maintain();
SELECT event, keys, old, new, time, actor FROM audit;
SELECT behind, lag_ms, handled, error FROM dynamo_handlers('rides');
SELECT dynamo_maintain();

-- With sync it runs in the statement that writes.
CREATE TABLE totals(driver TEXT PRIMARY KEY, rides INTEGER, fares);
SELECT dynamo_on_change('rides', 'totals', '
  -- two statements; ";" and :old in a comment are no part of them
  INSERT OR IGNORE INTO totals VALUES(:new ->> ''driver'', 0, 0);
  UPDATE totals SET rides = rides + 1, fares = fares + (:new ->> ''fare'')
   WHERE driver = :new ->> ''driver'';',
  'sync = ''on'', filter = ''event = ''''INSERT'''' AND new.fare > 5''');
INSERT INTO rides VALUES('r3', 'ann', 30), ('r4', 'ann', 12), ('r5', 'bob', 5);
SELECT * FROM totals;
BEGIN;
INSERT INTO rides VALUES('r6', 'bob', 100);
SELECT * FROM totals;
ROLLBACK;
SELECT * FROM totals;
SELECT dynamo_api('PutItem', '{"TableName": "rides", "Item": {"id": {"S": "r7"}, "driver": {"S": "bob"}, "fare": {"N": "7"}}}');
SELECT * FROM totals;
SELECT name, sync, filter, behind, handled FROM dynamo_handlers ORDER BY name;

-- What a handler does to a dynamo table is handled in its turn.
CREATE TABLE greetings(text);
CREATE VIRTUAL TABLE drivers USING dynamo(driver TEXT PARTITION KEY);
SELECT dynamo_on_change('rides', 'drivers',
  'INSERT OR IGNORE INTO drivers(driver) VALUES(:new ->> ''driver'')',
  'sync = ''on'', filter = ''attribute_exists(new.driver)''');
SELECT dynamo_on_change('drivers', 'greet',
  'INSERT INTO greetings VALUES(''hello '' || (:keys ->> ''driver''))');
INSERT INTO rides VALUES('r8', 'dan', 1), ('r9', 'ann', 1);
SELECT * FROM drivers('scan') ORDER BY driver;
SELECT dynamo_maintain() > 0;
SELECT * FROM greetings ORDER BY 1;
SELECT dynamo_on_change('rides', 'again',
  'UPDATE rides SET fare = fare + 1 WHERE id = :keys ->> ''id''', 'sync = ''on''');
UPDATE rides SET fare = 1 WHERE id = 'r1';
SELECT fare FROM rides WHERE id = 'r1';
SELECT dynamo_on_change('rides', 'again',
  'UPDATE rides SET fare = min(fare + 1, 5) WHERE id = :keys ->> ''id''', 'sync = ''on''');
UPDATE rides SET fare = 1 WHERE id = 'r1';
SELECT fare FROM rides WHERE id = 'r1';
SELECT dynamo_on_change('rides', 'again', NULL);
SELECT dynamo_on_change('rides', 'totals', NULL);
SELECT dynamo_on_change('rides', 'drivers', NULL);
SELECT dynamo_maintain() > 0;

-- A record that fails is tried again, and then kept as a dead letter. The
-- others before and behind it, and the other handlers, are handled.
CREATE TABLE fares(id, fare CHECK(fare < 1000), seen);
SELECT dynamo_on_change('rides', 'fares',
  'INSERT INTO fares VALUES(:keys ->> ''id'', 0, ''half''); INSERT INTO fares VALUES(:keys ->> ''id'', :new ->> ''fare'', :time)',
  'retries = 2, retry_ms = 1000, batch = 4');
DELETE FROM audit;
INSERT INTO rides VALUES('f1', 'x', 1), ('f2', 'x', 2), ('f3', 'x', 5000), ('f4', 'x', 4), ('f5', 'x', 5);
SELECT dynamo_maintain();
SELECT id, fare FROM fares;
SELECT count(*) FROM audit;
SELECT behind, failures, next_attempt, error FROM dynamo_handlers('rides') WHERE name = 'fares';
SELECT dynamo_clock('+1 second');
SELECT dynamo_maintain();
SELECT behind, failures, next_attempt FROM dynamo_handlers('rides') WHERE name = 'fares';
SELECT dynamo_clock('+1 second'), dynamo_maintain();
SELECT dynamo_clock('+1 second'), dynamo_maintain();
SELECT id, fare FROM fares WHERE fare > 0;
SELECT * FROM rides_dead_letters;
SELECT behind, handled, dead, failures, error FROM dynamo_handlers('rides') WHERE name = 'fares';
-- with sync a failure does not fail the write, and is tried again later
SELECT dynamo_on_change('rides', 'fares',
  'INSERT INTO fares VALUES(:keys ->> ''id'', :new ->> ''fare'', :time)', 'sync = ''on'', retries = 1');
DELETE FROM fares;
INSERT INTO rides VALUES('g1', 'x', 1), ('g2', 'x', 2000), ('g3', 'x', 3);
SELECT id FROM fares;
SELECT behind, failures FROM dynamo_handlers('rides') WHERE name = 'fares';
SELECT dynamo_clock('+1 second'), dynamo_maintain();
SELECT id FROM fares;
SELECT keys FROM rides_dead_letters;

-- A commit that fails makes batches shorter until the record is found.
CREATE TABLE parents(id PRIMARY KEY);
CREATE TABLE children(id REFERENCES parents(id) DEFERRABLE INITIALLY DEFERRED);
PRAGMA foreign_keys = ON;
INSERT INTO parents VALUES('k1'), ('k2'), ('k4');
SELECT dynamo_on_change('rides', 'children', 'INSERT INTO children VALUES(:keys ->> ''id'')', 'retries = 0');
INSERT INTO rides VALUES('k1', 'x', 1), ('k2', 'x', 1), ('k3', 'x', 1), ('k4', 'x', 1);
SELECT dynamo_maintain() > 0;
SELECT id FROM children;
SELECT handler, keys, error FROM rides_dead_letters WHERE handler = 'children';
PRAGMA foreign_keys = OFF;

-- A table that a handler writes to is gone: the others go on.
DROP TABLE children;
INSERT INTO rides VALUES('l1', 'x', 1);
SELECT dynamo_maintain() > 0;
SELECT name, behind, error FROM dynamo_handlers('rides') ORDER BY name;
SELECT dynamo_on_change('rides', 'children', NULL);

-- New SQL goes on where the old one was; a new handler may begin at the oldest.
SELECT dynamo_on_change('rides', 'audit', 'INSERT INTO audit(sequence, event) VALUES(:sequence, ''new '' || :event)');
INSERT INTO rides VALUES('m1', 'x', 1);
SELECT dynamo_maintain() > 0;
SELECT event FROM audit ORDER BY sequence DESC LIMIT 1;
SELECT dynamo_alter('rides', 'stream = ''NEW_AND_OLD_IMAGES''');
CREATE TABLE copies(keys);
SELECT dynamo_on_change('rides', 'copy', 'INSERT INTO copies VALUES(:keys)', 'start = ''oldest''');
SELECT dynamo_maintain() > 0;
SELECT count(*) > 3 FROM copies;
SELECT dynamo_check('rides');

-- The time of expiry has its changes handled, too.
SELECT dynamo_alter('rides', 'ttl = ''until''');
INSERT INTO rides(id, item) VALUES('t1', json_object('until', unixepoch(dynamo_clock()) + 10));
SELECT dynamo_clock('+1 minute'), dynamo_maintain() > 0;
SELECT dynamo_maintain() >= 0;
SELECT count(*) FROM copies WHERE keys = '{"id":"t1"}';

-- What is no handler.
SELECT dynamo_on_change('rides', 'bad', 'INSERT INTO copies VALUES(:other)');
SELECT dynamo_on_change('rides', 'bad', 'INSERT INTO copies VALUES(?1)');
SELECT dynamo_on_change('rides', 'bad', 'INSERT INTO copies VALUES(1); END; DROP TABLE copies');
SELECT dynamo_on_change('rides', 'bad', 'INSERT INTO nowhere VALUES(1)');
SELECT dynamo_on_change('rides', 'bad', 'DROP TABLE copies');
SELECT dynamo_on_change('rides', 'bad', ' -- nothing');
SELECT dynamo_on_change('rides', 'bad', ';');
SELECT dynamo_on_change('rides', '', 'SELECT 1');
SELECT dynamo_on_change('rides', 'bad', 'SELECT dynamo_alter(''rides'', ''stream = NULL'')');
SELECT dynamo_on_change('rides', 'bad', 'SELECT 1', 'bath = 1');
SELECT dynamo_on_change('rides', 'bad', 'SELECT 1', 'batch = 0');
SELECT dynamo_on_change('rides', 'bad', 'SELECT 1', 'sync = ''yes''');
SELECT dynamo_on_change('rides', 'bad', 'SELECT 1', 'filter = ''event =''');
SELECT dynamo_on_change('rides', 'bad', 'SELECT 1', 'batch = 1 retries = 2');
SELECT dynamo_on_change('rides', 'bad', NULL);
SELECT dynamo_on_change('nowhere', 'bad', 'SELECT 1');
SELECT name FROM dynamo_handlers ORDER BY name;

-- They go with the table, under its new name, too.
ALTER TABLE rides RENAME TO trips;
INSERT INTO trips VALUES('n1', 'x', 1);
SELECT dynamo_maintain() > 0;
SELECT table_name, name, behind FROM dynamo_handlers('trips') ORDER BY name;
DROP TABLE trips;
DROP TABLE drivers;
SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger');

-- One that rolls back the transaction takes the statement that writes with it, which says so.
CREATE VIRTUAL TABLE taken USING dynamo(id TEXT PARTITION KEY, v NUMBER);
CREATE TABLE other(v);
SELECT dynamo_on_change('taken', 'strict', 'SELECT RAISE(ROLLBACK, ''thirteen'') WHERE :new ->> ''v'' = 13', 'sync = ''on''');
INSERT INTO taken VALUES('a', 1);
INSERT INTO taken VALUES('b', 13);
BEGIN;
INSERT INTO other VALUES(1);
INSERT INTO taken VALUES('c', 13);
INSERT INTO other VALUES(2);
COMMIT;
SELECT dynamo_api('PutItem', '{"TableName": "taken", "Item": {"id": {"S": "d"}, "v": {"N": "13"}}}');
INSERT INTO taken VALUES('e', 1);
SELECT id FROM taken('scan') ORDER BY id;
SELECT v FROM other;
SELECT dynamo_check('taken');

-- The oldest that a handler can begin at has to be there.
CREATE VIRTUAL TABLE quiet USING dynamo(id TEXT PARTITION KEY);
SELECT dynamo_on_change('quiet', 'h', 'SELECT 1', 'start = ''oldest''');
SELECT name FROM dynamo_handlers('quiet');

-- A record is tried as often as the one before it, which was given up.
CREATE TABLE tried(id, at);
SELECT dynamo_on_change('quiet', 'fail', 'INSERT INTO tried SELECT :keys ->> ''id'', abs(-9223372036854775808)', 'retries = 1, retry_ms = 1000');
INSERT INTO quiet VALUES('a'), ('b');
SELECT dynamo_maintain();
SELECT dynamo_clock('+1 second'), dynamo_maintain();
SELECT behind, failures, dead FROM dynamo_handlers('quiet');
SELECT dynamo_clock('+1 second'), dynamo_maintain();
SELECT behind, failures, dead FROM dynamo_handlers('quiet');
-- With sync, a later write does not try again what has failed: that is for maintenance.
SELECT dynamo_on_change('quiet', 'fail', 'INSERT INTO tried SELECT :keys ->> ''id'', abs(-9223372036854775808)', 'retries = 1, retry_ms = 1000, sync = ''on''');
INSERT INTO quiet VALUES('c');
SELECT dynamo_clock('+2 seconds');
INSERT INTO quiet VALUES('d');
SELECT behind, failures, dead FROM dynamo_handlers('quiet');
