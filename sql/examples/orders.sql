-- The orders table of a shop: what it is to have only cheap queries.
--
--   sqlite3 < sql/examples/orders.sql          (from the project's folder)
.load ./build/dynamo
.headers on
.mode column
.echo on

-- A customer's orders lie together, in the order of their dates.
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

-- An item may have any other attributes, too.
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

-- How SQLite will get there.
EXPLAIN QUERY PLAN
SELECT * FROM orders WHERE CustomerId = 'alice' AND OrderDate >= '2026';

-- All paid orders of the shop, in the order of their dates: a global index, which
-- has the orders under another partition key.
SELECT CustomerId, OrderDate, Amount FROM orders
 WHERE Status = 'paid' ORDER BY OrderDate;

-- The largest order of a customer: a local index, whose items lie together as
-- those of the table do, in another order.
SELECT OrderDate, Amount FROM orders
 WHERE CustomerId = 'alice' AND Amount > 0 ORDER BY Amount DESC LIMIT 1;

-- No key leads to all large orders. A slow query is refused, not run.
SELECT * FROM orders WHERE Amount > 100;

-- Who means it says so, and pays for every item that is read.
SELECT CustomerId, OrderDate FROM orders('scan') WHERE Amount > 100;

-- An attribute that is no column.
SELECT item ->> '$.Address.City' AS City FROM orders
 WHERE CustomerId = 'bob' AND OrderDate = '2026-02-01';

-- A write costs a unit for each KB that the item has or had, and the same for
-- each entry of an index that it changes. This one counts only if the order is
-- still paid.
UPDATE orders SET Status = 'delivered', condition = 'Status = ''paid'''
 WHERE CustomerId = 'alice' AND OrderDate = '2026-01-20';
SELECT dynamo_cost() ->> 'write_units' AS write_units;

-- Orders and ordinary tables are one database: joins, and one transaction.
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

-- Where the items are, and whether all is well.
SELECT partition, index_name, items, bytes FROM dynamo_partitions('orders');
SELECT dynamo_check('orders');
