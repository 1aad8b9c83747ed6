-- A shop that reads what it has just written: a test that fails on a stale read, and its repair by a strong one.
--
--   sqlite3 < sql/examples/stale_reads.sql          (from the project's folder)
.load ./build/dynamo
.headers on
.mode column
.echo on

-- The clock stands still here, so that the example can move it.
SELECT dynamo_clock('2026-03-01 09:00:00');

CREATE VIRTUAL TABLE stock USING dynamo(
  Article TEXT PARTITION KEY,
  Shelf   TEXT,
  Pieces  NUMBER,
  GLOBAL INDEX by_shelf (Shelf, Pieces)
);
INSERT INTO stock VALUES('lamp', 'A', 3), ('chair', 'A', 1), ('table', 'B', 2);
SELECT dynamo_clock('+1 minute');

-- The shop sells the chair, and looks up what is left. In a test of the application this has always worked.
UPDATE stock SET Pieces = Pieces - 1 WHERE Article = 'chair';
SELECT iif(Pieces = 0, 'passed', 'FAILED: ' || Pieces || ' left') AS test FROM stock WHERE Article = 'chair';

-- But that is an eventually consistent read: of DynamoDB's three copies, two may not have heard of the sale yet.
-- With a delay they have not: the test fails, and fails in the same way each time that it runs.
SELECT dynamo_alter('stock', 'replica_delay_ms = 1000');
UPDATE stock SET Pieces = Pieces - 1 WHERE Article = 'lamp';
SELECT iif(Pieces = 2, 'passed', 'FAILED: ' || Pieces || ' left') AS test FROM stock WHERE Article = 'lamp';
SELECT value ->> '$.served_by' AS copy, value ->> '$.lag_ms' AS lag_ms FROM json_each(dynamo_cost(), '$.tables');

-- The repair: what must not be stale is read strongly, for twice the units.
SELECT iif(Pieces = 2, 'passed', 'FAILED: ' || Pieces || ' left') AS test FROM stock('strong') WHERE Article = 'lamp';
SELECT dynamo_cost() ->> 'read_units' AS read_units;

-- Copies take turns: follower 2 is as late as the delay says, follower 1 half of it, and the third one is the primary.
SELECT Pieces FROM stock WHERE Article = 'lamp';      -- follower 1
SELECT Pieces FROM stock WHERE Article = 'lamp';      -- the primary
SELECT dynamo_clock('+0.5 seconds');
SELECT Pieces FROM stock WHERE Article = 'lamp';      -- follower 2 is still late,
SELECT Pieces FROM stock WHERE Article = 'lamp';      -- follower 1 is not

-- What decides about a write need not be read before: a condition is checked where the item is written. The last chair
-- is gone, and this is refused.
INSERT OR REPLACE INTO stock(Article, Shelf, Pieces, condition) VALUES('chair', 'A', -1, 'Pieces > 0');

-- Global indexes have a delay of their own, and cannot be read strongly. So a sale that was found by an index is checked
-- again in the table.
SELECT dynamo_alter('stock', 'index_delay_ms = 300');
UPDATE stock SET Pieces = 0 WHERE Article = 'lamp';
SELECT Article, Pieces FROM stock WHERE Shelf = 'A' AND Pieces > 0;
SELECT s.Article, s.Pieces FROM (SELECT Article FROM stock WHERE Shelf = 'A' AND Pieces > 0) found
  CROSS JOIN stock('strong') s ON s.Article = found.Article WHERE s.Pieces > 0;

-- A transaction reads what it has written, and an UPDATE finds what is there now.
BEGIN;
UPDATE stock SET Pieces = Pieces - 1 WHERE Article = 'table';
SELECT Pieces FROM stock WHERE Article = 'table';
COMMIT;
