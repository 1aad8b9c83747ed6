-- A query fixes the partition key; the sort key may have a range or a prefix.
CREATE VIRTUAL TABLE orders USING dynamo(
  CustomerId TEXT PARTITION KEY, OrderDate TEXT SORT KEY, Amount NUMBER, Status TEXT);
INSERT INTO orders VALUES
  ('alice', '2025-03-14', 120, 'paid'), ('alice', '2025-11-02', 35.5, 'new'),
  ('alice', '2026-01-20', 80, 'paid'), ('alice', 'Draft', NULL, NULL),
  ('bob', '2025-12-24', 19.99, 'paid'), ('carol', '2026-02-02', 5, 'new');

SELECT * FROM orders WHERE CustomerId = 'alice';
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND OrderDate = '2025-11-02';
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND OrderDate > '2025-03-14' AND OrderDate < '2026-01-20';
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND OrderDate >= '2025-03-14' AND OrderDate <= '2026-01-20';
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND OrderDate BETWEEN '2025-11' AND '2026-12';
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND OrderDate BETWEEN '2026-12' AND '2025-11';

-- Prefixes. LIKE ignores case, GLOB and begins_with do not.
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND OrderDate LIKE '2025-%';
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND OrderDate LIKE 'dRA%';
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND OrderDate GLOB '2025-1*';
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND OrderDate GLOB 'draft*';
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND begins_with(OrderDate, '2026');

-- Both ways, and no more than LIMIT is evaluated.
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' ORDER BY OrderDate DESC;
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' ORDER BY OrderDate LIMIT 1 OFFSET 1;
SELECT OrderDate, Amount FROM orders WHERE CustomerId = 'alice' ORDER BY Amount DESC;

-- Other conditions are filters: paid for, evaluated after reading.
SELECT OrderDate FROM orders WHERE CustomerId = 'alice' AND Status = 'paid';
SELECT dynamo_cost();

-- IN, OR and joins: each lookup fixes the partition key.
SELECT CustomerId, OrderDate FROM orders WHERE CustomerId IN ('bob', 'carol', 'dave');
SELECT dynamo_cost();
SELECT CustomerId, OrderDate FROM orders WHERE CustomerId = 'bob' OR (CustomerId = 'alice' AND OrderDate < '2025-06');
CREATE TABLE people(id, city);
INSERT INTO people VALUES('bob', 'Berlin'), ('carol', 'Cairo');
SELECT city, OrderDate FROM people JOIN orders ON CustomerId = id;
SELECT city, (SELECT max(OrderDate) FROM orders WHERE CustomerId = id) AS newest FROM people;
SELECT id FROM people WHERE EXISTS (SELECT 1 FROM orders WHERE CustomerId = id AND Amount > 10);

-- Plans read like a sentence.
EXPLAIN QUERY PLAN SELECT * FROM orders WHERE CustomerId = 'alice' AND OrderDate = '2025-11-02';
EXPLAIN QUERY PLAN SELECT * FROM orders('strong') WHERE CustomerId = 'alice' AND begins_with(OrderDate, '2025');
EXPLAIN QUERY PLAN SELECT * FROM orders WHERE CustomerId = 'alice' AND OrderDate > '2025' ORDER BY OrderDate DESC LIMIT 3;
EXPLAIN QUERY PLAN SELECT * FROM orders('scan');
EXPLAIN QUERY PLAN SELECT city FROM people JOIN orders ON CustomerId = id;

-- NULL and other types equal no key; a number is compared as text.
SELECT count(*) FROM orders WHERE CustomerId = NULL;
SELECT count(*) FROM orders WHERE CustomerId = x'616C696365';
SELECT count(*) FROM orders WHERE CustomerId IS 'alice';
SELECT count(*) FROM orders WHERE CustomerId = 'alice' AND OrderDate > 2025;
SELECT count(*) FROM orders WHERE CustomerId = 'alice' AND OrderDate < x'00';
SELECT count(*) FROM orders WHERE CustomerId = 'alice' AND OrderDate > x'00';

-- Another collation is no equality of keys.
SELECT count(*) FROM orders WHERE CustomerId = 'ALICE' COLLATE NOCASE;
SELECT count(*) FROM orders('scan') WHERE CustomerId = 'ALICE' COLLATE NOCASE;
