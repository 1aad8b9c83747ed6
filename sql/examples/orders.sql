-- The orders of a shop: every query is cheap, or it is refused.
--
--   sqlite3 < sql/examples/orders.sql          (from the project's folder)
.load ./build/dynamo
.headers on
.mode column
.echo on

-- The orders of a customer are stored together, in the order of their dates.
CREATE VIRTUAL TABLE orders USING dynamo(
  CustomerId TEXT PARTITION KEY,
  OrderDate  TEXT SORT KEY,
  Amount NUMBER,
  Status TEXT,
  LOCAL INDEX by_amount (Amount),
  GLOBAL INDEX by_status (Status, OrderDate) PROJECT (Amount)
);

INSERT INTO orders VALUES
  ('alice', '2025-03-14', 120,   'delivered'),
  ('alice', '2025-11-02', 35.5,  'delivered'),
  ('alice', '2026-01-20', 80,    'paid'),
  ('bob',   '2025-12-24', 19.99, 'delivered');

-- An item may also have attributes that are not columns.
INSERT INTO orders(item) VALUES('{
  "CustomerId": "bob", "OrderDate": "2026-02-01", "Amount": 250, "Status": "new",
  "Address": {"City": "Berlin", "Lines": ["Hauptstr. 1"]}}');

-- The orders of a customer in a year: a range of one partition key.
SELECT OrderDate, Amount, Status FROM orders
 WHERE CustomerId = 'alice' AND OrderDate BETWEEN '2025-01-01' AND '2025-12-31';

-- What that cost: one eventually consistent read of at most 4 KB.
SELECT dynamo_cost() ->> 'read_units' AS read_units;

-- The newest order. LIMIT 1 reads one item.
SELECT OrderDate, Amount FROM orders
 WHERE CustomerId = 'alice' ORDER BY OrderDate DESC LIMIT 1;

-- How SQLite will find the rows.
EXPLAIN QUERY PLAN
SELECT * FROM orders WHERE CustomerId = 'alice' AND OrderDate >= '2026';

-- All paid orders of the shop, in the order of their dates. The global index has
-- the orders under another partition key, their status.
SELECT CustomerId, OrderDate, Amount FROM orders
 WHERE Status = 'paid' ORDER BY OrderDate;

-- The largest order of a customer. The local index has the orders of a customer
-- together, as the table does, but in the order of their amounts.
SELECT OrderDate, Amount FROM orders
 WHERE CustomerId = 'alice' AND Amount > 0 ORDER BY Amount DESC LIMIT 1;

-- No key or index finds all large orders. So this query is refused.
SELECT * FROM orders WHERE Amount > 100;

-- To read the whole table, say so. Every item that is read is paid for.
SELECT CustomerId, OrderDate FROM orders('scan') WHERE Amount > 100;

-- An attribute that is not a column.
SELECT item ->> '$.Address.City' AS City FROM orders
 WHERE CustomerId = 'bob' AND OrderDate = '2026-02-01';

-- A conditional write: the order is changed only if it is still paid. It costs a
-- unit for each KB of the item, and the same for each index entry that it changes.
UPDATE orders SET Status = 'delivered', condition = 'Status = ''paid'''
 WHERE CustomerId = 'alice' AND OrderDate = '2026-01-20';
SELECT dynamo_cost() ->> 'write_units' AS write_units;

-- Orders and ordinary tables are in one database. They can be joined, and they
-- share transactions.
CREATE TABLE customers(id TEXT PRIMARY KEY, name TEXT);
INSERT INTO customers VALUES('alice', 'Alice Archer'), ('bob', 'Bob Baker');
SELECT name, count(*) AS orders, sum(Amount) AS total
  FROM customers JOIN orders ON orders.CustomerId = customers.id
 GROUP BY id;

BEGIN;
DELETE FROM orders WHERE CustomerId = 'alice';
UPDATE customers SET name = 'gone' WHERE id = 'alice';
ROLLBACK;
SELECT count(*) AS alices_orders FROM orders WHERE CustomerId = 'alice';

-- Which partitions hold the items, and whether everything stored is sound.
SELECT partition, index_name, items, bytes FROM dynamo_partitions('orders');
SELECT dynamo_check('orders');
