-- Every statement the engine runs. Each becomes DYN_SQL_<NAME> in the
-- generated sql.h and is prepared at most once per store.

-- name: page_size
PRAGMA "{schema}".page_size;

-- name: meta_get
SELECT value FROM "{schema}"."{table}_meta" WHERE name = ?1;

-- name: meta_put
INSERT OR REPLACE INTO "{schema}"."{table}_meta"(name, value) VALUES(?1, ?2);

-- name: meta_list
SELECT substr(name, length(?1) + 2), value FROM "{schema}"."{table}_meta"
 WHERE name >= ?1 || ' ' AND name < ?1 || '!' ORDER BY name;

-- name: meta_prune
DELETE FROM "{schema}"."{table}_meta"
 WHERE name >= ?1 || ' ' AND name < ?1 || '!'
   AND CAST(value AS INTEGER) < ?2;

-- name: meta_delete
DELETE FROM "{schema}"."{table}_meta" WHERE name = ?1;

-- name: row_get
SELECT item FROM "{schema}"."{table}_{tree}" WHERE key = ?1;

-- name: row_insert
INSERT INTO "{schema}"."{table}_{tree}"(key, item) VALUES(?1, ?2);

-- name: row_update
UPDATE "{schema}"."{table}_{tree}" SET item = ?2 WHERE key = ?1;

-- name: row_delete
DELETE FROM "{schema}"."{table}_{tree}" WHERE key = ?1;

-- name: row_range
SELECT key, item FROM "{schema}"."{table}_{tree}"
 WHERE key >= ?1 AND key < ?2 ORDER BY key;

-- name: row_range_down
SELECT key, item FROM "{schema}"."{table}_{tree}"
 WHERE key >= ?1 AND key < ?2 ORDER BY key DESC;

-- name: row_clear
DELETE FROM "{schema}"."{table}_{tree}";

-- name: row_count
SELECT count(*) FROM "{schema}"."{table}_{tree}";

-- name: tree_list
SELECT substr(name, length(?1) + 1)
  FROM "{schema}".sqlite_schema
 WHERE type = 'table' AND lower(substr(name, 1, length(?1))) = lower(?1)
   AND (substr(name, length(?1) + 1) GLOB '[1-9]'
        OR substr(name, length(?1) + 1) GLOB '[1-9][0-9]');

-- name: large_get
SELECT item FROM "{schema}"."{table}_large" WHERE id = ?1;

-- name: large_insert
INSERT INTO "{schema}"."{table}_large"(item) VALUES(?1);

-- name: large_update
UPDATE "{schema}"."{table}_large" SET item = ?2 WHERE id = ?1;

-- name: large_delete
DELETE FROM "{schema}"."{table}_large" WHERE id = ?1;

-- name: large_count
SELECT count(*) FROM "{schema}"."{table}_large";

-- name: index_list
SELECT tree, declaration, position, skipped
  FROM "{schema}"."{table}_indexes" ORDER BY tree;

-- name: index_insert
INSERT INTO "{schema}"."{table}_indexes"(tree, declaration, position, skipped)
VALUES(?1, ?2, ?3, 0);

-- name: index_set
UPDATE "{schema}"."{table}_indexes" SET position = ?2, skipped = ?3
 WHERE tree = ?1;

-- name: index_declare
UPDATE "{schema}"."{table}_indexes" SET declaration = ?2 WHERE tree = ?1;

-- name: index_delete
DELETE FROM "{schema}"."{table}_indexes" WHERE tree = ?1;

-- name: partition_list
SELECT partition, low, items, bytes, walked, left_items, left_bytes,
       give_up_bytes, minute, read_halves, write_units
  FROM "{schema}"."{table}_partitions" WHERE tree = ?1 ORDER BY low;

-- name: partition_insert
INSERT INTO "{schema}"."{table}_partitions"(
    tree, low, items, bytes, walked, left_items, left_bytes, give_up_bytes,
    minute, read_halves, write_units)
VALUES(?1, ?2, ?3, ?4, NULL, 0, 0, 0, 0, 0, 0);

-- name: partition_add
UPDATE "{schema}"."{table}_partitions"
   SET items = items + ?2, bytes = bytes + ?3,
       left_items = left_items + ?4, left_bytes = left_bytes + ?5,
       minute = coalesce(?6, minute), read_halves = read_halves + ?7,
       write_units = write_units + ?8
 WHERE partition = ?1;

-- name: partition_set
UPDATE "{schema}"."{table}_partitions"
   SET items = ?2, bytes = ?3, walked = ?4, left_items = ?5, left_bytes = ?6,
       give_up_bytes = ?7
 WHERE partition = ?1;

-- name: partition_delete
DELETE FROM "{schema}"."{table}_partitions" WHERE tree = ?1;

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
