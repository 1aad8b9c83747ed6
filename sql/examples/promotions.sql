-- The promotions of a ride service: written a few times a day, read with every ride. A cache serves most of the reads.
--
--   sqlite3 < sql/examples/promotions.sql          (from the project's folder)
.load ./build/dynamo
.headers on
.mode column
.echo on

-- The clock stands still here, so that the example can move it.
SELECT dynamo_clock('2026-03-01 09:00:00');

CREATE VIRTUAL TABLE promotions USING dynamo(
  City    TEXT PARTITION KEY,
  Code    TEXT SORT KEY,
  Percent NUMBER,
  Terms   TEXT
);
INSERT INTO promotions
SELECT value ->> 0, value ->> 1, value ->> 2, printf('%5000c', '.')
  FROM json_each('[["rome", "spring", 10], ["rome", "airport", 25], ["oslo", "spring", 5]]');

-- promo is the same table, through a cache of its own: an item or the result of a query is kept for five minutes.
CREATE VIRTUAL TABLE temp.promo USING dynamo_dax(promotions, item_ttl = 300, query_ttl = 300);

-- The first ride reads the table, and pays for it. The next one is served by the cache.
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'spring';
SELECT dynamo_cost() ->> 'read_units' AS read_units;
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'spring';
SELECT dynamo_cost() ->> 'read_units' AS read_units, dynamo_cost() ->> '$.tables[0].cache_hits' AS cache_hits;

-- A thousand rides, each of which looks up its promotion, and that there is none is kept as well.
CREATE TABLE rides AS
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
  SELECT i AS id, iif(i % 3, 'rome', 'oslo') AS city, iif(i % 7, 'spring', 'autumn') AS code, 20.0 AS fare FROM n;
SELECT count(*) AS rides, sum(fare * coalesce(Percent, 0) / 100) AS discount
  FROM rides LEFT JOIN promo ON promo.City = rides.city AND promo.Code = rides.code;
SELECT dynamo_cost() ->> 'read_units' AS read_units;
SELECT count(*) AS rides, sum(fare * coalesce(Percent, 0) / 100) AS discount
  FROM rides LEFT JOIN promotions AS p ON p.City = rides.city AND p.Code = rides.code;
SELECT dynamo_cost() ->> 'read_units' AS read_units_without_it;

-- Somebody changes the table behind the cache: that is not seen until five minutes are over. A strong read passes through.
UPDATE promotions SET Percent = 15 WHERE City = 'rome' AND Code = 'spring';
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'spring';
SELECT Percent FROM promo('strong') WHERE City = 'rome' AND Code = 'spring';
SELECT dynamo_clock('+5 minutes');
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'spring';

-- A change through the cache is seen at once by reads of that item, and not by queries that are kept.
SELECT Code, Percent FROM promo WHERE City = 'rome';
UPDATE promo SET Percent = 20 WHERE City = 'rome' AND Code = 'spring';
SELECT Percent FROM promo WHERE City = 'rome' AND Code = 'spring';
SELECT Code, Percent FROM promo WHERE City = 'rome';

-- What the caches have, and what they have saved.
SELECT kind, entries, bytes, hits, misses, expired, units_saved FROM dynamo_caches('promo');
