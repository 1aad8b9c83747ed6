-- A flash sale: everybody wants the same thing, and one partition has to serve them all.
--
--   sqlite3 < sql/examples/flash_sale.sql      (from the project's folder)
.load ./build/dynamo
.headers on
.mode column
.echo on

-- Time stands still, and goes on when we say so: two minutes of load take a second to run.
SELECT dynamo_clock('2026-11-27 09:00:00') AS now;

-- Baskets of 5 KB, so that each costs 5 write units. The shop pays for 4,000 units a second: 800 baskets.
CREATE TABLE click(n INTEGER PRIMARY KEY);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 21780)
INSERT INTO click SELECT n FROM c;
CREATE VIRTUAL TABLE sales USING dynamo(
  Product TEXT PARTITION KEY,
  Basket  NUMBER SORT KEY,
  Content TEXT,
  billing = 'provisioned', read_units = 100, write_units = 4000
);
SELECT count(*) AS partitions FROM dynamo_partitions('sales');

-- The sale begins, and 300 people buy the lamp in its first second. That is 1,500 units, which the table has. But all
-- baskets of a product lie in one partition, and a partition gives 1,000 units a second. So they are refused.
INSERT INTO sales SELECT 'lamp', n, hex(zeroblob(2500)) FROM click WHERE n <= 300;

-- The refused statement has done nothing, but it has consumed what it did. A second later, 200 baskets are let in. A
-- program would send them one by one, and try those that are refused again.
SELECT dynamo_clock('+1 second') AS now;
INSERT INTO sales SELECT 'lamp', n, hex(zeroblob(2500)) FROM click WHERE n <= 200;
SELECT changes() AS baskets;
SELECT key, write_units FROM dynamo_hot_keys('sales') WHERE kind = 'throttled';

-- Does a split help? A partition that is hot for two minutes in a row is split. Here are two tables of one partition,
-- each with 180 baskets a second for two minutes. In one of them they are of a hundred products …
CREATE VIRTUAL TABLE many USING dynamo(Product TEXT PARTITION KEY, Basket NUMBER SORT KEY, Content TEXT,
  billing = 'provisioned', read_units = 5, write_units = 985);
INSERT OR REPLACE INTO many SELECT 'product' || (n % 100), n % 7,
  iif(n % 180 = 0, dynamo_clock('+1 second'), '') || hex(zeroblob(2500)) FROM click;
SELECT dynamo_maintain() > 0 AS work_done;
SELECT low_hash, items FROM dynamo_partitions('many');

-- … and in the other one they are all of the lamp. A partition key is never divided, so a split would leave all of the
-- load in one of the halves. That is why there is none.
CREATE VIRTUAL TABLE one USING dynamo(Product TEXT PARTITION KEY, Basket NUMBER SORT KEY, Content TEXT,
  billing = 'provisioned', read_units = 5, write_units = 985);
INSERT OR REPLACE INTO one SELECT 'lamp', n % 7,
  iif(n % 180 = 0, dynamo_clock('+1 second'), '') || hex(zeroblob(2500)) FROM click;
SELECT dynamo_maintain() > 0 AS work_done;
SELECT low_hash, items FROM dynamo_partitions('one');
SELECT key, share FROM dynamo_hot_keys('one') WHERE kind = 'consumed';

-- What helps is another key. Write sharding adds one of twenty numbers to it, so the lamp is twenty partition keys, in
-- all five partitions. Now 500 people can buy it within a second.
INSERT INTO sales SELECT 'lamp#' || (n % 20), n, hex(zeroblob(2500)) FROM click WHERE n <= 500;
SELECT changes() AS baskets;

-- The price is paid by readers. All baskets of the lamp are twenty queries …
CREATE TABLE shard(name TEXT);
INSERT INTO shard SELECT 'lamp#' || (n - 1) FROM click WHERE n <= 20;
SELECT count(Basket) AS baskets FROM shard CROSS JOIN sales ON sales.Product = shard.name;
SELECT dynamo_cost() ->> 'read_units' AS read_units;

-- … but those of one shard are still one.
SELECT count(Basket) AS baskets FROM sales WHERE Product = 'lamp#7';
SELECT dynamo_cost() ->> 'read_units' AS read_units;
