-- Stale reads: what followers show, who is served by which copy, what is kept.
SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE orders USING dynamo(
  customer TEXT PARTITION KEY, n NUMBER SORT KEY, status TEXT, amount NUMBER,
  LOCAL INDEX by_amount (amount) PROJECT KEYS,
  GLOBAL INDEX by_status (status, n) PROJECT (amount),
  replica_delay_ms = 1000, index_delay_ms = 200);
CREATE VIEW served AS
  SELECT value ->> '$.index' AS "index", value ->> '$.served_by' AS copy, value ->> '$.lag_ms' AS lag_ms
  FROM json_each(dynamo_cost(), '$.tables') WHERE copy IS NOT NULL;
INSERT INTO orders VALUES('ann', 1, 'new', 10), ('ann', 2, 'new', 20), ('bob', 1, 'new', 30);
SELECT dynamo_clock('+5 seconds');

-- A change is seen by follower 1 after half of the delay, by follower 2 after all of it.
UPDATE orders SET status = 'paid' WHERE customer = 'ann' AND n = 1;
SELECT status FROM orders WHERE customer = 'ann' AND n = 1;
SELECT * FROM served;
SELECT status FROM orders WHERE customer = 'ann' AND n = 1;
SELECT * FROM served;
SELECT status FROM orders WHERE customer = 'ann' AND n = 1;
SELECT * FROM served;
SELECT dynamo_clock('+0.5 seconds');
SELECT status FROM orders WHERE customer = 'ann' AND n = 1;
SELECT status FROM orders WHERE customer = 'ann' AND n = 1;
SELECT * FROM served;
SELECT status FROM orders WHERE customer = 'ann' AND n = 1;
SELECT dynamo_clock('+0.499 seconds');
SELECT status FROM orders WHERE customer = 'ann' AND n = 1;
SELECT dynamo_clock('+0.001 seconds');
SELECT status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann' AND n = 1;
SELECT status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann' AND n = 1;
SELECT status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann' AND n = 1;

-- A strong read is always exact, and leaves the turn as it is.
DELETE FROM orders WHERE customer = 'ann' AND n = 2;
INSERT INTO orders VALUES('ann', 3, 'new', 15);
SELECT group_concat(n) FROM orders('strong') WHERE customer = 'ann';
SELECT * FROM served;
-- A query in each direction, a scan and its parts: each reads one copy to its end.
SELECT n, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann';
SELECT n, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann' ORDER BY n DESC;
SELECT n, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann' ORDER BY n DESC LIMIT 1;
SELECT customer, n, (SELECT copy FROM served) AS copy FROM orders('scan');
SELECT count(*), (SELECT copy FROM served) AS copy FROM orders('scan');
SELECT count(*), (SELECT copy FROM served) AS copy FROM orders('scan segment 0 of 2');
SELECT count(*), (SELECT copy FROM served) AS copy FROM orders('scan segment 1 of 2');
SELECT count(*), (SELECT copy FROM served) AS copy FROM orders('scan segment 0 of 2');

-- A local index is served by the copy that serves its table: entries and items are of one time.
SELECT n, status, (SELECT copy FROM served) AS copy FROM orders('index by_amount') WHERE customer = 'ann' AND amount > 0;
SELECT * FROM served;
SELECT n, status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann' AND amount BETWEEN 12 AND 50 ORDER BY amount DESC;
SELECT n, status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann' AND amount BETWEEN 12 AND 50 ORDER BY amount DESC;
-- A global one has a delay of its own, and copies that take turns of their own.
SELECT customer, n, amount, (SELECT copy FROM served) AS copy FROM orders WHERE status = 'new' ORDER BY n;
SELECT * FROM served;
SELECT customer, n, amount, (SELECT copy FROM served) AS copy FROM orders WHERE status = 'new' ORDER BY n;
SELECT * FROM served;
SELECT customer, n, amount, (SELECT copy FROM served) AS copy FROM orders WHERE status = 'new' ORDER BY n;
SELECT dynamo_clock('+0.2 seconds');
SELECT customer, n, amount, (SELECT copy FROM served) AS copy FROM orders WHERE status = 'new' ORDER BY n DESC;
SELECT count(*), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann';
-- In a join each inner read is a read by itself.
CREATE TABLE wanted(customer TEXT, n INT);
INSERT INTO wanted VALUES('ann', 3), ('ann', 3), ('ann', 3);
SELECT o.status FROM wanted CROSS JOIN orders o USING(customer, n);

-- A transaction reads what it writes to, and so does the statement that writes.
BEGIN;
SELECT count(*), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann';
UPDATE orders SET amount = amount + 1 WHERE customer = 'ann' AND n = 3;
SELECT n, amount FROM orders WHERE customer = 'ann';
SELECT * FROM served;
SAVEPOINT s;
DELETE FROM orders WHERE customer = 'ann';
SELECT count(*) FROM orders WHERE customer = 'ann';
ROLLBACK TO s;
SELECT n, amount FROM orders WHERE customer = 'ann';
SELECT * FROM served;
ROLLBACK;
SELECT n, amount, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann';
SELECT n, amount, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'ann';
UPDATE orders SET amount = 16 WHERE customer = 'ann' AND amount = 15;
INSERT INTO orders SELECT 'cat', n, status, amount FROM orders WHERE customer = 'ann';
DELETE FROM orders WHERE status = 'paid' AND n = 1;
UPDATE orders SET status = 'sent' WHERE mode = 'scan' AND n = 3;
SELECT * FROM orders('scan strong');
-- A table that is made in a transaction, and one that has been changed before a savepoint.
BEGIN;
CREATE VIRTUAL TABLE made USING dynamo(id TEXT PARTITION KEY, replica_delay_ms = 1000);
INSERT INTO made VALUES('a');
SELECT * FROM made WHERE id = 'a';
SAVEPOINT s;
ALTER TABLE made RENAME TO other;
SELECT * FROM other WHERE id = 'a';
ROLLBACK TO s;
SELECT * FROM made WHERE id = 'a';
COMMIT;
SELECT count(*), (SELECT copy FROM served) AS copy FROM made WHERE id = 'a';
DROP TABLE made;
BEGIN;
DELETE FROM orders WHERE customer = 'bob';
SAVEPOINT s;
CREATE TABLE x(y);
ROLLBACK TO s;
SELECT count(*) FROM orders WHERE customer = 'bob';
ROLLBACK;

-- Many items, some of them large: of those an index has references, which are read as of the same time.
SELECT dynamo_clock('+10 seconds');
WITH RECURSIVE numbers(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM numbers WHERE i < 100)
  INSERT INTO orders(item) SELECT json_object('customer', 'eve', 'n', i, 'amount', 100 - i,
    'note', printf('%.*c', iif(i % 10 = 0, 3000, 10), 'x')) FROM numbers;
UPDATE orders SET amount = -1 WHERE customer = 'eve';
SELECT count(*), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'eve';
SELECT dynamo_clock('+2 seconds');
DELETE FROM orders WHERE customer = 'eve' AND n % 2 = 0;
SELECT count(*), sum(amount), sum(length(item)), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'eve';
SELECT count(*), sum(amount), sum(length(item)), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'eve';
SELECT count(*), sum(length(item ->> '$.note')), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'eve' AND amount < 0;
SELECT count(*), sum(length(item ->> '$.note')), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'eve' AND amount < 0;
SELECT count(*), sum(length(item ->> '$.note')), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'eve' AND amount < 0;

-- The API reads by the same copies.
SELECT dynamo_clock('+5 seconds');
DELETE FROM orders WHERE customer = 'eve';
SELECT dynamo_api('PutItem', '{"TableName":"orders","Item":{"customer":{"S":"fay"},"n":{"N":"1"}}}');
SELECT dynamo_api('GetItem', '{"TableName":"orders","Key":{"customer":{"S":"fay"},"n":{"N":"1"}}}');
SELECT * FROM served;
SELECT dynamo_api('GetItem', '{"TableName":"orders","Key":{"customer":{"S":"fay"},"n":{"N":"1"}},"ConsistentRead":true}');
SELECT dynamo_api('Query', '{"TableName":"orders","KeyConditionExpression":"customer = :c","ExpressionAttributeValues":{":c":{"S":"eve"}},"Select":"COUNT"}');
SELECT dynamo_api('Query', '{"TableName":"orders","KeyConditionExpression":"customer = :c","ExpressionAttributeValues":{":c":{"S":"eve"}},"Select":"COUNT"}');
SELECT dynamo_api('Scan', '{"TableName":"orders","Limit":5,"Select":"COUNT"}') ->> '$.ScannedCount';
SELECT dynamo_api('Scan', '{"TableName":"orders","Select":"COUNT"}');
SELECT dynamo_api('Scan', '{"TableName":"orders","Select":"COUNT"}');
SELECT dynamo_api('BatchGetItem', '{"RequestItems":{"orders":{"Keys":[{"customer":{"S":"fay"},"n":{"N":"1"}},{"customer":{"S":"eve"},"n":{"N":"1"}},{"customer":{"S":"eve"},"n":{"N":"3"}}]}}}');
SELECT dynamo_api('ExecuteStatement', '{"Statement":"SELECT n FROM orders WHERE customer = ''fay'' AND n = 1"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement":"SELECT n FROM orders WHERE customer = ''fay''"}');
SELECT dynamo_api('TransactGetItems', '{"TransactItems":[{"Get":{"TableName":"orders","Key":{"customer":{"S":"fay"},"n":{"N":"1"}}}}]}');
SELECT dynamo_api('UpdateItem', '{"TableName":"orders","Key":{"customer":{"S":"fay"},"n":{"N":"1"}},"UpdateExpression":"SET amount = :a","ConditionExpression":"attribute_exists(n)","ExpressionAttributeValues":{":a":{"N":"7"}},"ReturnValues":"ALL_NEW"}');

-- An estimate leaves the turn as it is.
SELECT dynamo_estimate('SELECT * FROM orders WHERE customer = ''fay''');
SELECT dynamo_estimate('SELECT * FROM orders WHERE customer = ''fay''');
SELECT count(*), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'fay';
SELECT * FROM served;

-- An item that has expired is there until a follower hears of it.
SELECT dynamo_alter('orders', 'ttl = ''until''');
INSERT INTO orders(item) VALUES('{"customer":"gil","n":1,"until":1767225700}');
SELECT dynamo_clock('2026-01-01 00:01:50');
SELECT dynamo_maintain() > 0;
SELECT count(*), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'gil';
SELECT count(*), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'gil';
SELECT count(*), (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'gil';

-- Items that were changed more than once, in one millisecond too.
INSERT INTO orders VALUES('hal', 1, 'a', 1);
UPDATE orders SET status = 'b' WHERE customer = 'hal' AND n = 1;
SELECT dynamo_clock('+1 seconds');
UPDATE orders SET status = 'c' WHERE customer = 'hal' AND n = 1;
UPDATE orders SET status = 'd' WHERE customer = 'hal' AND n = 1;
DELETE FROM orders WHERE customer = 'hal' AND n = 1;
INSERT INTO orders VALUES('hal', 1, 'e', 1);
SELECT status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'hal';
SELECT status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'hal';
SELECT status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'hal';
SELECT customer, (SELECT copy FROM served) AS copy FROM orders WHERE status = 'b';
SELECT customer, (SELECT copy FROM served) AS copy FROM orders WHERE status = 'e';
SELECT customer, (SELECT copy FROM served) AS copy FROM orders WHERE status = 'b';
SELECT customer, (SELECT copy FROM served) AS copy FROM orders WHERE status = 'e';

-- The log is kept as long as followers want it and a minute more.
SELECT dynamo_maintain() >= 0;
SELECT count(*) > 0 FROM orders_log;
SELECT dynamo_clock('+61 seconds');
SELECT dynamo_maintain() >= 0, count(*) > 0 FROM orders_log;
SELECT dynamo_clock('+0.001 seconds');
SELECT dynamo_maintain() >= 0;
SELECT count(*) FROM orders_log;
SELECT status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'hal';

-- Without a delay there is one copy, and no log. A follower begins when the delay does.
UPDATE orders SET status = 'f' WHERE customer = 'hal' AND n = 1;
SELECT dynamo_alter('orders', 'replica_delay_ms = NULL');
SELECT dynamo_alter('orders', 'index_delay_ms = 0');
UPDATE orders SET status = 'g' WHERE customer = 'hal' AND n = 1;
SELECT status FROM orders WHERE customer = 'hal';
SELECT * FROM served;
SELECT dynamo_maintain() >= 0;
SELECT count(*) FROM orders_log;
SELECT dynamo_alter('orders', 'replica_delay_ms = 5000');
SELECT status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'hal';
SELECT status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'hal';
UPDATE orders SET status = 'h' WHERE customer = 'hal' AND n = 1;
SELECT status, (SELECT copy FROM served) AS copy FROM orders WHERE customer = 'hal';
SELECT customer, status FROM orders WHERE status = 'h';
SELECT dynamo_check('orders');

-- What cannot be.
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, replica_delay_ms = 3600001);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, index_delay_ms = 'soon');
SELECT dynamo_alter('orders', 'index_delay_ms = -1');
SELECT n FROM orders('strong index by_status') WHERE status = 'h';
DROP TABLE orders;
SELECT dynamo_clock(NULL) > 0;
