-- What a table may consume, and what happens when a statement asks for more. Time stands still, so nothing waits.
SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE rides USING dynamo(id TEXT PARTITION KEY, state TEXT, billing = 'provisioned', read_units = 2, write_units = 3);

-- A new table has what one second gives it: three writes of up to 1 KB.
INSERT INTO rides VALUES('a', 'new'), ('b', 'new'), ('c', 'new');
INSERT INTO rides VALUES('d', 'new');
SELECT dynamo_cost() ->> 'write_units';

-- Each second gives three more.
SELECT dynamo_clock('+1 second');
INSERT INTO rides VALUES('d', 'new');
SELECT dynamo_cost() ->> 'write_units';

-- Reading has units of its own. An eventually consistent read of up to 4 KB takes half of one, so in its
-- second second the table serves four of these and two that are strongly consistent.
SELECT state FROM rides WHERE id = 'a';
SELECT state FROM rides WHERE id = 'b';
SELECT state FROM rides('strong') WHERE id = 'a';
SELECT state FROM rides('strong') WHERE id = 'b';
SELECT state FROM rides WHERE id = 'c';
SELECT state FROM rides WHERE id = 'd';
SELECT state FROM rides WHERE id = 'a';

-- A throttled statement has done nothing, and its transaction goes on.
SELECT dynamo_clock('+1 second');
BEGIN;
UPDATE rides SET state = 'paid' WHERE id = 'a';
INSERT INTO rides VALUES('e', 'new'), ('f', 'new'), ('g', 'new'), ('h', 'new');
INSERT INTO rides VALUES('i', 'new');
SELECT dynamo_clock('+1 second');
INSERT INTO rides VALUES('i', 'new');
COMMIT;
SELECT id, state FROM rides('scan') ORDER BY id;

-- What is rolled back has been consumed all the same.
SELECT dynamo_clock('+1 second');
BEGIN;
DELETE FROM rides WHERE id = 'a';
DELETE FROM rides WHERE id = 'b';
DELETE FROM rides WHERE id = 'c';
ROLLBACK;
SELECT dynamo_clock('+0.001 seconds');
INSERT OR REPLACE INTO rides VALUES('i', 'late');
INSERT OR REPLACE INTO rides VALUES('i', 'later');
SELECT minute, sum(write_units) FROM dynamo_capacity('rides') GROUP BY minute;

-- What is not used is kept, for up to 300 seconds: here 300 write units. A statement that is refused half-way has
-- changed nothing, but it has consumed what it did until then.
CREATE VIRTUAL TABLE notes USING dynamo(id TEXT PARTITION KEY, text TEXT, billing = 'provisioned', read_units = 100, write_units = 1);
SELECT dynamo_clock('+1 hour');
INSERT INTO notes VALUES('large', hex(zeroblob(153500))), ('small', 'x');
SELECT count(*) FROM notes('scan');
SELECT minute, operation, write_units, throttled_writes FROM dynamo_capacity('notes');
SELECT dynamo_clock('+5 minutes');
INSERT INTO notes VALUES('large', hex(zeroblob(153500)));
SELECT dynamo_cost() ->> 'write_units';
INSERT INTO notes VALUES('small', 'x');

-- With throttle = 'off' units are counted, and nothing is refused.
SELECT dynamo_alter('notes', 'throttle = ''off''');
INSERT INTO notes VALUES('small', 'x'), ('other', 'y');
SELECT dynamo_cost() ->> 'write_units';
SELECT dynamo_alter('notes', 'throttle = ''on''');
INSERT INTO notes VALUES('third', 'z');

-- A statement may wait for what is missing. While time stands still, waiting would not help.
SELECT dynamo_alter('notes', 'throttle_wait_ms = 2000');
INSERT INTO notes VALUES('third', 'z');

-- Through the API the same is an exception. A batch gives back what it could not do.
SELECT dynamo_clock('+1 second');
SELECT dynamo_api('BatchWriteItem', '{"RequestItems": {"notes": [{"DeleteRequest": {"Key": {"id": {"S": "small"}}}}, {"DeleteRequest": {"Key": {"id": {"S": "other"}}}}]}}');
SELECT dynamo_api('PutItem', '{"TableName": "notes", "Item": {"id": {"S": "third"}}}');

-- A query is let in while anything is left, and then it pays all that it reads. So it may leave less than nothing.
CREATE VIRTUAL TABLE logs USING dynamo(day TEXT PARTITION KEY, n NUMBER SORT KEY, line TEXT, billing = 'provisioned', read_units = 2, write_units = 100);
WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) INSERT INTO logs SELECT 'mon', i, hex(zeroblob(8000)) FROM n;
SELECT count(*) FROM logs('strong') WHERE day = 'mon';
SELECT dynamo_cost() ->> 'read_units';
SELECT dynamo_clock('+9 seconds');
SELECT count(*) FROM logs WHERE day = 'tue';
SELECT dynamo_clock('+0.001 seconds');
SELECT count(*) FROM logs WHERE day = 'tue';

-- A page of a local index is one request, with the items that are fetched for it.
CREATE VIRTUAL TABLE stops USING dynamo(line TEXT PARTITION KEY, n NUMBER SORT KEY, name TEXT, zone TEXT, LOCAL INDEX by_name (name) PROJECT KEYS, billing = 'provisioned', read_units = 2, write_units = 100);
INSERT INTO stops VALUES('s1', 1, 'Ahorn', 'A'), ('s1', 2, 'Buche', 'A'), ('s1', 3, 'Erle', 'B'), ('s1', 4, 'Linde', 'B');
SELECT name, zone FROM stops('strong index by_name') WHERE line = 's1';
SELECT dynamo_cost() ->> 'read_units';
SELECT dynamo_clock('+1.5 seconds');
SELECT count(*) FROM stops WHERE line = 's2';
SELECT dynamo_clock('+0.001 seconds');
SELECT dynamo_api('Query', '{"TableName": "stops", "IndexName": "by_name", "KeyConditionExpression": "line = :l", "ExpressionAttributeValues": {":l": {"S": "s1"}}, "ProjectionExpression": "n, #z", "ExpressionAttributeNames": {"#z": "zone"}, "ReturnConsumedCapacity": "INDEXES"}');

-- A global index has units of its own. Where it has none left, it throttles the writes of its table that change it.
CREATE VIRTUAL TABLE orders USING dynamo(id TEXT PARTITION KEY, state TEXT, amount NUMBER, GLOBAL INDEX by_state (state) PROJECT KEYS READ UNITS 1 WRITE UNITS 2, billing = 'provisioned', read_units = 10, write_units = 10);
INSERT INTO orders VALUES('a', 'new', 1), ('b', 'new', 2);
INSERT INTO orders VALUES('c', 'new', 3);
INSERT INTO orders(id, amount) VALUES('c', 3);
UPDATE orders SET amount = 4 WHERE id = 'a';
UPDATE orders SET state = 'paid' WHERE id = 'a';
SELECT count(*) FROM orders WHERE state = 'new';
SELECT count(*) FROM orders WHERE state = 'new';
SELECT count(*) FROM orders WHERE state = 'new';

-- More units are there at once for what comes; those of a second are gained in that second.
SELECT dynamo_alter('orders', 'INDEX by_state READ UNITS 1 WRITE UNITS 20');
UPDATE orders SET state = 'paid' WHERE id = 'a';
SELECT dynamo_clock('+1 second');
UPDATE orders SET state = 'paid' WHERE id = 'a';

-- A partition gives 1,000 write units a second, whatever the table has. This one has ten of them.
CREATE VIRTUAL TABLE films USING dynamo(id TEXT PARTITION KEY, data TEXT, billing = 'provisioned', read_units = 5, write_units = 9000);
INSERT INTO films VALUES('one', hex(zeroblob(200000)));
INSERT OR REPLACE INTO films VALUES('one', hex(zeroblob(200001)));
INSERT OR REPLACE INTO films VALUES('one', hex(zeroblob(200002)));
INSERT OR REPLACE INTO films VALUES('one', hex(zeroblob(200003)));
INSERT INTO films VALUES('three', hex(zeroblob(200000)));
SELECT sum(write_units) FROM dynamo_capacity('films');

-- A table on demand has no limits, unless it is asked to keep them. Then it has its maximum, and the ceiling of
-- its previous peak.
CREATE VIRTUAL TABLE trips USING dynamo(id TEXT PARTITION KEY, state TEXT, GLOBAL INDEX by_state (state) PROJECT KEYS MAX WRITE UNITS 2, max_read_units = 1, max_write_units = 3);
INSERT INTO trips VALUES('a', 'new'), ('b', 'new'), ('c', 'new'), ('d', 'new');
SELECT dynamo_alter('trips', 'throttle = ''on''');
INSERT INTO trips VALUES('e', 'new'), ('f', 'new'), ('g', 'new'), ('h', 'new');
INSERT INTO trips(id) VALUES('i');
INSERT INTO trips(id) VALUES('j');
SELECT id FROM trips('strong') WHERE id = 'a';
SELECT id FROM trips WHERE id = 'a';

-- From one billing to the other, and back. What is left stays, up to what the new billing keeps: 300 seconds' worth. An
-- index keeps what it has under each billing.
SELECT dynamo_alter('trips', 'billing = ''provisioned'', read_units = 1, write_units = 1');
SELECT table_name, billing, read_units, write_units FROM dynamo_tables WHERE table_name = 'trips';
SELECT dynamo_declaration('trips');
INSERT INTO trips(item) VALUES(json_object('id', 'large', 'data', hex(zeroblob(153500))));
SELECT dynamo_cost() ->> 'write_units';
INSERT INTO trips(id) VALUES('k');
SELECT dynamo_alter('trips', 'billing = ''on_demand''');
SELECT dynamo_declaration('trips');
SELECT dynamo_clock('+1 second');
INSERT INTO trips(id) VALUES('k'), ('l'), ('m'), ('n');

-- Which keys were refused.
SELECT key, write_units FROM dynamo_hot_keys('films') WHERE kind = 'throttled';

-- A write that fails takes the units of one write, not of two.
CREATE VIRTUAL TABLE few USING dynamo(id TEXT PARTITION KEY, billing = 'provisioned', read_units = 1, write_units = 4);
INSERT INTO few VALUES('a');
INSERT INTO few VALUES('a');
INSERT INTO few VALUES('b');
INSERT INTO few VALUES('c');
INSERT INTO few VALUES('d');
SELECT count(*) FROM few('scan');
SELECT dynamo_clock(NULL) > '2026';
