-- Every statement the engine runs. Each becomes DYN_SQL_<NAME> in the
-- generated sql.h and is prepared at most once per store.

-- name: page_size
PRAGMA "{schema}".page_size;

-- name: hold
-- A row also where there are no tables. The first one comes before any table is
-- read, but after the transaction has begun.
SELECT 1 UNION ALL SELECT 1 FROM "{schema}".sqlite_schema;

-- name: meta_get
SELECT value FROM "{schema}"."{table}_meta" WHERE name = ?1;

-- name: meta_put
INSERT OR REPLACE INTO "{schema}"."{table}_meta"(name, value) VALUES(?1, ?2);

-- name: meta_list
SELECT substr(name, length(?1) + 2), value FROM "{schema}"."{table}_meta"
 WHERE name >= ?1 || ' ' AND name < ?1 || '!';

-- name: meta_prune
DELETE FROM "{schema}"."{table}_meta"
 WHERE name >= ?1 || ' ' AND name < ?1 || '!'
   AND CAST(value AS INTEGER) < ?2;

-- name: meta_delete
DELETE FROM "{schema}"."{table}_meta" WHERE name = ?1;

-- name: leaf_get
SELECT id, data FROM "{schema}"."{table}_leaves" WHERE id = ?1;

-- name: leaf_up
SELECT d.leaf, l.data, d.low
  FROM "{schema}"."{table}_directory" d
  LEFT JOIN "{schema}"."{table}_leaves" l ON l.id = d.leaf
 WHERE d.tree = ?1 AND d.low >= ?2 ORDER BY d.low;

-- name: leaf_down
SELECT d.leaf, l.data, d.low
  FROM "{schema}"."{table}_directory" d
  LEFT JOIN "{schema}"."{table}_leaves" l ON l.id = d.leaf
 WHERE d.tree = ?1 AND d.low < ?2 ORDER BY d.low DESC;

-- name: leaf_last
SELECT max(id) FROM "{schema}"."{table}_leaves";

-- name: leaf_insert
INSERT OR REPLACE INTO "{schema}"."{table}_leaves"(id, data) VALUES(?1, ?2);

-- name: leaf_update
UPDATE "{schema}"."{table}_leaves" SET data = ?2 WHERE id = ?1;

-- name: leaf_delete
DELETE FROM "{schema}"."{table}_leaves" WHERE id = ?1;

-- name: leaf_count
SELECT count(*) FROM "{schema}"."{table}_leaves";

-- name: directory_find
SELECT leaf, low FROM "{schema}"."{table}_directory"
 WHERE tree = ?1 AND low <= ?2 ORDER BY low DESC;

-- name: directory_insert
INSERT INTO "{schema}"."{table}_directory"(tree, low, leaf)
VALUES(?1, ?2, ?3);

-- name: directory_delete
DELETE FROM "{schema}"."{table}_directory" WHERE tree = ?1 AND low = ?2;

-- name: directory_count
SELECT count(*) FROM "{schema}"."{table}_directory";

-- name: tree_leaves_delete
DELETE FROM "{schema}"."{table}_leaves"
 WHERE id IN (SELECT leaf FROM "{schema}"."{table}_directory" WHERE tree = ?1)
   AND id NOT IN (SELECT leaf FROM "{schema}"."{table}_directory"
                   WHERE leaf IS NOT NULL AND tree <> ?1
                     AND (tree = 0 OR tree IN (
                         SELECT tree FROM "{schema}"."{table}_indexes")));

-- name: tree_delete
DELETE FROM "{schema}"."{table}_directory" WHERE tree = ?1;

-- name: directory_sweep
DELETE FROM "{schema}"."{table}_directory"
 WHERE tree IS NULL OR tree <> 0 AND tree NOT IN (
       SELECT tree FROM "{schema}"."{table}_indexes");

-- name: leaves_sweep
DELETE FROM "{schema}"."{table}_leaves"
 WHERE id NOT IN (SELECT leaf FROM "{schema}"."{table}_directory"
                   WHERE leaf IS NOT NULL)
   AND typeof(data) = 'blob' AND length(data) > 7
   AND substr(data, 7, 1) <> x'00';

-- name: large_get
SELECT data FROM "{schema}"."{table}_large" WHERE id = ?1;

-- name: large_insert
INSERT INTO "{schema}"."{table}_large"(id, data) VALUES(?1, ?2);

-- name: large_update
UPDATE "{schema}"."{table}_large" SET data = ?2 WHERE id = ?1;

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
       give_up_bytes, minute, uses, parent, reason, since_ms
  FROM "{schema}"."{table}_partitions" WHERE tree = ?1 ORDER BY low;

-- name: partition_insert
INSERT INTO "{schema}"."{table}_partitions"(
    tree, low, items, bytes, walked, left_items, left_bytes, give_up_bytes,
    minute, uses, parent, reason, since_ms)
VALUES(?1, ?2, ?3, ?4, NULL, 0, 0, 0, 0, x'', ?5, ?6, ?7);

-- name: partition_add
UPDATE "{schema}"."{table}_partitions"
   SET items = items + ?2, bytes = bytes + ?3,
       left_items = left_items + ?4, left_bytes = left_bytes + ?5,
       minute = coalesce(?6, minute), uses = coalesce(?7, uses)
 WHERE partition = ?1;

-- name: partition_set
UPDATE "{schema}"."{table}_partitions"
   SET items = ?2, bytes = ?3, walked = ?4, left_items = ?5, left_bytes = ?6,
       give_up_bytes = ?7
 WHERE partition = ?1;

-- name: gates_get
SELECT gates FROM "{schema}"."{table}_partitions"
 WHERE tree = ?1 AND low = x'0000000000000000';

-- name: gates_set
UPDATE "{schema}"."{table}_partitions" SET gates = ?2
 WHERE tree = ?1 AND low = x'0000000000000000';

-- name: partition_delete
DELETE FROM "{schema}"."{table}_partitions" WHERE tree = ?1;

-- name: usage_add
INSERT INTO "{schema}"."{table}_usage"(
    minute, name, use, read_halves, write_units, throttled)
VALUES(?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT(minute, name, use) DO UPDATE
   SET read_halves = read_halves + excluded.read_halves,
       write_units = write_units + excluded.write_units,
       throttled = throttled + excluded.throttled;

-- name: usage_list
SELECT minute, name, use, read_halves, write_units, throttled
  FROM "{schema}"."{table}_usage" WHERE minute >= ?1
 ORDER BY minute, name, use;

-- name: usage_prune
DELETE FROM "{schema}"."{table}_usage"
 WHERE (minute, name, use) IN (
       SELECT minute, name, use FROM "{schema}"."{table}_usage"
        WHERE minute < ?1 ORDER BY minute LIMIT ?2);

-- name: load_add
INSERT INTO "{schema}"."{table}_loads"(
    minute, partition, read_halves, write_units, throttled)
VALUES(?1, ?2, ?3, ?4, ?5)
ON CONFLICT(minute, partition) DO UPDATE
   SET read_halves = read_halves + excluded.read_halves,
       write_units = write_units + excluded.write_units,
       throttled = throttled + excluded.throttled;

-- name: load_list
SELECT minute, partition, read_halves, write_units, throttled
  FROM "{schema}"."{table}_loads" WHERE minute >= ?1
 ORDER BY minute, partition;

-- name: load_prune
DELETE FROM "{schema}"."{table}_loads"
 WHERE (minute, partition) IN (
       SELECT minute, partition FROM "{schema}"."{table}_loads"
        WHERE minute < ?1 ORDER BY minute LIMIT ?2);

-- name: load_delete
DELETE FROM "{schema}"."{table}_loads"
 WHERE partition IN (
       SELECT partition FROM "{schema}"."{table}_partitions" WHERE tree = ?1);

-- name: provisioned_list
SELECT minute, name, read_units, write_units
  FROM "{schema}"."{table}_provisioned" ORDER BY name, minute;

-- name: provisioned_delete
DELETE FROM "{schema}"."{table}_provisioned" WHERE name = ?1 AND minute >= ?2;

-- name: provisioned_put
INSERT INTO "{schema}"."{table}_provisioned"(
    minute, name, read_units, write_units)
VALUES(?1, ?2, ?3, ?4);

-- name: provisioned_prune
DELETE FROM "{schema}"."{table}_provisioned" AS old
 WHERE minute < ?1 AND EXISTS (
       SELECT 1 FROM "{schema}"."{table}_provisioned" AS next
        WHERE next.name = old.name AND next.minute > old.minute
          AND next.minute <= ?1);

-- name: log_append
INSERT INTO "{schema}"."{table}_log"(sequence, event, actor, key, old, new, sum)
VALUES(max(?1, 1 + coalesce(
           (SELECT max(sequence) FROM "{schema}"."{table}_log"),
           (SELECT CAST(value AS INTEGER) FROM "{schema}"."{table}_meta"
             WHERE name = 'log_horizon'),
           0)),
       ?2, ?3, ?4, ?5, ?6, ?7);

-- name: log_bounds
SELECT (SELECT min(sequence) FROM "{schema}"."{table}_log"),
       coalesce((SELECT max(sequence) FROM "{schema}"."{table}_log"),
                (SELECT CAST(value AS INTEGER) FROM "{schema}"."{table}_meta"
                  WHERE name = 'log_horizon'),
                0);

-- name: log_up
SELECT sequence, event, actor, key, old, new, sum
  FROM "{schema}"."{table}_log"
 WHERE sequence >= ?1 AND sequence <= ?2 ORDER BY sequence;

-- name: log_down
SELECT sequence, event, actor, key, old, new, sum
  FROM "{schema}"."{table}_log"
 WHERE sequence >= ?1 AND sequence <= ?2 ORDER BY sequence DESC;

-- name: log_behind
SELECT count(*), min(sequence) FROM "{schema}"."{table}_log"
 WHERE sequence > ?1;

-- name: log_waiting
SELECT count(*), min(sequence) FROM "{schema}"."{table}_log"
 WHERE sequence > ?1 AND actor <> ?2;

-- name: log_trim_at
SELECT max(sequence) FROM (
    SELECT sequence FROM "{schema}"."{table}_log"
     WHERE sequence < ?1 ORDER BY sequence LIMIT ?2);

-- name: log_trim
DELETE FROM "{schema}"."{table}_log" WHERE sequence <= ?1;

-- name: shard_list
SELECT shard, stream, low, high, parent, first, last
  FROM "{schema}"."{table}_shards" ORDER BY shard;

-- name: shard_get
SELECT shard, stream, low, high, parent, first, last
  FROM "{schema}"."{table}_shards" WHERE shard = ?1;

-- name: shard_insert
INSERT INTO "{schema}"."{table}_shards"(stream, low, high, parent, first)
VALUES(?1, ?2, ?3, ?4, ?5);

-- name: shard_close
UPDATE "{schema}"."{table}_shards" SET last = ?2
 WHERE shard = ?1 AND last IS NULL;

-- name: shard_prune
DELETE FROM "{schema}"."{table}_shards" WHERE last < ?1;

-- name: schema_list
PRAGMA database_list;

-- name: backup_list
SELECT id, format, name, created_ms, table_name, table_id, table_created_ms,
       declaration, items, bytes, parts, sum
  FROM "{schema}"."{table}_backups" ORDER BY id;

-- name: backup_insert
INSERT INTO "{schema}"."{table}_backups"(
    format, name, created_ms, table_name, table_id, table_created_ms,
    declaration, items, bytes, parts, sum)
VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, 0, 0);

-- name: backup_finish
UPDATE "{schema}"."{table}_backups"
   SET items = ?2, bytes = ?3, parts = ?4, sum = ?5
 WHERE id = ?1;

-- name: backup_delete
DELETE FROM "{schema}"."{table}_backups" WHERE id = ?1;

-- name: backup_part_insert
INSERT INTO "{schema}"."{table}_backup_items"(backup, part, data, sum)
VALUES(?1, ?2, ?3, ?4);

-- name: backup_part_get
SELECT data, sum FROM "{schema}"."{table}_backup_items"
 WHERE backup = ?1 AND part = ?2;

-- name: backup_parts_delete
DELETE FROM "{schema}"."{table}_backup_items" WHERE backup = ?1;

-- name: reader_list
SELECT kind, name, position, settings, state
  FROM "{schema}"."{table}_readers" WHERE kind = ?1 ORDER BY name;

-- name: reader_summary
SELECT count(*), min(position), coalesce(max(kind = 3), 0),
       coalesce(max(kind IN (2, 4)), 0), coalesce(max(kind = 4), 0)
  FROM "{schema}"."{table}_readers";

-- name: reader_put
INSERT OR REPLACE INTO "{schema}"."{table}_readers"(
    kind, name, position, settings, state)
VALUES(?1, ?2, ?3, ?4, ?5);

-- name: reader_move
UPDATE "{schema}"."{table}_readers" SET position = ?3, state = ?4
 WHERE kind = ?1 AND name = ?2;

-- name: reader_delete
DELETE FROM "{schema}"."{table}_readers" WHERE kind = ?1 AND name = ?2;

-- name: version_get
SELECT sequence, region, deleted FROM "{schema}"."{table}_versions"
 WHERE key = ?1;

-- name: version_put
INSERT OR REPLACE INTO "{schema}"."{table}_versions"(
    key, sequence, region, deleted)
VALUES(?1, ?2, ?3, ?4);

-- name: version_list
SELECT sequence, region, deleted, key FROM "{schema}"."{table}_versions"
 WHERE key > ?1 ORDER BY key LIMIT ?2;

-- name: versions_prune
DELETE FROM "{schema}"."{table}_versions"
 WHERE key IN (SELECT key FROM "{schema}"."{table}_versions"
                WHERE deleted < ?1 ORDER BY deleted LIMIT ?2);

-- name: versions_first
SELECT min(deleted) FROM "{schema}"."{table}_versions";

-- name: versions_delete
DELETE FROM "{schema}"."{table}_versions";

-- name: conflicts_create
CREATE TABLE IF NOT EXISTS "{schema}"."{table}_conflicts"(
  time, keys, kept, kept_region, kept_time, lost, lost_region, lost_time);

-- name: conflict_insert
INSERT INTO "{schema}"."{table}_conflicts"(
    time, keys, kept, kept_region, kept_time, lost, lost_region, lost_time)
VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: handler_view
SELECT name FROM "{schema}".sqlite_schema
 WHERE type = 'view' AND substr(name, 1, length(?1)) = ?1
   AND sql LIKE '%(event, keys, old, new, sequence, time, actor) AS SELECT %'
 LIMIT 1;

-- name: dead_letters_create
CREATE TABLE IF NOT EXISTS "{schema}"."{table}_dead_letters"(
  event, keys, old, new, sequence, time, actor, failed_at, error, handler);

-- name: dead_letter_insert
INSERT INTO "{schema}"."{table}_dead_letters"(
    event, keys, old, new, sequence, time, actor, failed_at, error, handler)
VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);
