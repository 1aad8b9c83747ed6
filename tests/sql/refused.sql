-- What is not cheap is refused when it would start.
CREATE VIRTUAL TABLE orders USING dynamo(
  CustomerId TEXT PARTITION KEY, OrderDate TEXT SORT KEY, Status TEXT);
INSERT INTO orders VALUES('alice', '2025-03-14', 'paid'), ('bob', '2025-03-14', 'new');

SELECT * FROM orders;
SELECT * FROM orders WHERE Status = 'paid';
SELECT * FROM orders WHERE OrderDate = '2025-03-14';
SELECT * FROM orders WHERE CustomerId > 'alice';
SELECT * FROM orders WHERE CustomerId = 'alice' OR Status = 'new';
SELECT * FROM orders WHERE +CustomerId = 'alice';
DELETE FROM orders;
UPDATE orders SET Status = 'paid';
EXPLAIN QUERY PLAN SELECT * FROM orders WHERE Status = 'paid';

-- The whole table, on purpose.
SELECT * FROM orders('scan') ORDER BY CustomerId;
SELECT CustomerId FROM orders WHERE mode = 'scan' AND Status = 'new';
SELECT dynamo_cost();
SELECT count(*) FROM orders('scan segment 0 of 2') UNION ALL SELECT count(*) FROM orders('scan segment 1 of 2');
UPDATE orders SET Status = 'done' WHERE mode = 'scan' AND Status = 'paid';
SELECT CustomerId, Status FROM orders('strong scan') ORDER BY 1;
SELECT dynamo_cost();
DELETE FROM orders WHERE mode = 'scan' AND Status = 'done';
SELECT CustomerId FROM orders('scan');

-- Words that are none.
SELECT * FROM orders('sacn');
SELECT * FROM orders('segment 0 of 4');
SELECT * FROM orders('scan segment 4 of 4');
SELECT * FROM orders('scan segment one of 4');
SELECT * FROM orders('scan segment 0 of 1000001');

-- strict = 'plan' refuses at prepare time.
CREATE VIRTUAL TABLE strict_orders USING dynamo(id TEXT PARTITION KEY, Status TEXT, strict = 'plan');
SELECT * FROM strict_orders WHERE Status = 'paid';
SELECT count(*) FROM strict_orders WHERE id = 'x';
SELECT count(*) FROM strict_orders('scan');

-- The hidden column item is the key of no index, whatever keys the indexes have
-- that are hidden, too.
CREATE VIRTUAL TABLE coded USING dynamo(id TEXT PARTITION KEY, GLOBAL INDEX by_code (code TEXT), GLOBAL INDEX by_place (place TEXT));
INSERT INTO coded(item) VALUES('{"id":"a","code":"x","place":"y"}');
SELECT id FROM coded WHERE item = 'y';
-- What is set when writing is not compared with; and a mode is one text.
DELETE FROM orders WHERE CustomerId = 'alice' AND OrderDate = '2025-03-14' AND condition = 'Status = 1';
SELECT * FROM orders WHERE CustomerId = 'alice' AND OrderDate = '2025-03-14' AND condition = 'Status = 1';
SELECT * FROM orders('scan', 'strong');
SELECT count(*) FROM orders('scan strong');
DELETE FROM orders;
