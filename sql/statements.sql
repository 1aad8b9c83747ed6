-- Every statement the engine runs. Each becomes DYN_SQL_<NAME> in the
-- generated sql.h and is prepared at most once per store.

-- name: page_size
PRAGMA "{schema}".page_size;

-- name: meta_get
SELECT value FROM "{schema}"."{table}_meta" WHERE name = ?1;

-- name: meta_put
INSERT OR REPLACE INTO "{schema}"."{table}_meta"(name, value) VALUES(?1, ?2);

-- name: item_get
SELECT item FROM "{schema}"."{table}_items" WHERE key = ?1;

-- name: item_insert
INSERT INTO "{schema}"."{table}_items"(key, item) VALUES(?1, ?2);

-- name: item_update
UPDATE "{schema}"."{table}_items" SET item = ?2 WHERE key = ?1;

-- name: item_delete
DELETE FROM "{schema}"."{table}_items" WHERE key = ?1;

-- name: item_range
SELECT key, item FROM "{schema}"."{table}_items"
 WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3;

-- name: item_range_down
SELECT key, item FROM "{schema}"."{table}_items"
 WHERE key >= ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3;

-- name: large_get
SELECT item FROM "{schema}"."{table}_large" WHERE id = ?1;

-- name: large_insert
INSERT INTO "{schema}"."{table}_large"(item) VALUES(?1);

-- name: large_update
UPDATE "{schema}"."{table}_large" SET item = ?2 WHERE id = ?1;

-- name: large_delete
DELETE FROM "{schema}"."{table}_large" WHERE id = ?1;

-- name: row_count
SELECT (SELECT count(*) FROM "{schema}"."{table}_items"),
       (SELECT count(*) FROM "{schema}"."{table}_large");

-- name: partition_list
SELECT partition, low, items, bytes, walked, left_items, left_bytes,
       give_up_bytes
  FROM "{schema}"."{table}_partitions" ORDER BY low;

-- name: partition_insert
INSERT INTO "{schema}"."{table}_partitions"(
    low, items, bytes, walked, left_items, left_bytes, give_up_bytes)
VALUES(?1, ?2, ?3, NULL, 0, 0, 0);

-- name: partition_add
UPDATE "{schema}"."{table}_partitions"
   SET items = items + ?2, bytes = bytes + ?3,
       left_items = left_items + ?4, left_bytes = left_bytes + ?5
 WHERE partition = ?1;

-- name: partition_set
UPDATE "{schema}"."{table}_partitions"
   SET items = ?2, bytes = ?3, walked = ?4, left_items = ?5, left_bytes = ?6,
       give_up_bytes = ?7
 WHERE partition = ?1;

-- name: usage_add
INSERT INTO "{schema}"."{table}_usage"(minute, name, read_halves, write_units)
VALUES(?1, ?2, ?3, ?4)
ON CONFLICT(minute, name) DO UPDATE
   SET read_halves = read_halves + excluded.read_halves,
       write_units = write_units + excluded.write_units;

-- name: usage_list
SELECT minute, name, read_halves, write_units
  FROM "{schema}"."{table}_usage" ORDER BY minute, name;

-- name: usage_prune
DELETE FROM "{schema}"."{table}_usage" WHERE minute < ?1;
