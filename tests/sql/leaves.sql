-- Rows lie in leaves, which are cut when they grow out of a page, and joined
-- when little is left of them.
PRAGMA page_size = 512;
CREATE VIRTUAL TABLE logs USING dynamo(
  device TEXT PARTITION KEY,
  at     NUMBER SORT KEY,
  note   TEXT,
  GLOBAL INDEX by_note (note, at) PROJECT KEYS
);

-- Those of a partition key in their order fill leaves.
WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT value + 1 FROM n WHERE value < 32)
INSERT INTO logs(device, at, note) SELECT 'one', value, 'note ' || (value % 3) FROM n;
SELECT tree, count(*) AS leaves, max(length(data)) AS bytes FROM logs_directory JOIN logs_leaves ON id = leaf GROUP BY tree;
SELECT count(*) FROM logs WHERE device = 'one';
SELECT at FROM logs WHERE device = 'one' AND at BETWEEN 9 AND 14;
SELECT at FROM logs WHERE device = 'one' AND at < 13 ORDER BY at DESC LIMIT 4;
SELECT at FROM logs WHERE note = 'note 1' ORDER BY at DESC;

-- Others are left room. One item is too large for a leaf.
WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT value + 1 FROM n WHERE value < 12)
INSERT INTO logs(device, at, note) SELECT 'device ' || value, -value, 'note ' || value FROM n;
UPDATE logs SET note = 'note ' || at || printf('%.150c', '.') WHERE device = 'one' AND at = 7;
UPDATE logs SET note = printf('%.70c', 'n') WHERE device = 'one' AND at IN (11, 12);
SELECT tree, count(*) AS leaves FROM logs_directory GROUP BY tree;
SELECT count(*) FROM logs_large;
SELECT dynamo_check('logs');

DELETE FROM logs WHERE device = 'one' AND at <> 16;
SELECT tree, count(*) AS leaves FROM logs_directory GROUP BY tree;
SELECT count(*) FROM logs_large;
SELECT device, at, note FROM logs('scan') WHERE at > -3 ORDER BY device;
SELECT dynamo_check('logs');
