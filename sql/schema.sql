-- Shadow tables of one virtual table. {schema} and {table} are replaced when
-- the text is prepared. The byte layout of each BLOB is in docs/format.md.

-- name: create
CREATE TABLE "{schema}"."{table}_meta"(
  name  TEXT PRIMARY KEY,               -- format, generation, argument 0001 ..
  value
) WITHOUT ROWID;
INSERT INTO "{schema}"."{table}_meta" VALUES('id', lower(hex(randomblob(16))));
CREATE TABLE "{schema}"."{table}_items"(
  key  BLOB PRIMARY KEY,                -- item/key.h
  item NOT NULL                         -- BLOB: item/codec.h and a checksum;
) WITHOUT ROWID;                        -- INTEGER: a row of _large has that
CREATE TABLE "{schema}"."{table}_large"(
  id   INTEGER PRIMARY KEY,
  item BLOB NOT NULL
);
CREATE TABLE "{schema}"."{table}_indexes"(
  tree        INTEGER PRIMARY KEY,      -- its entries are in _index<tree>
  declaration TEXT NOT NULL,
  position    BLOB,                     -- being filled: only items whose key is
                                        -- less are in it
  skipped     INTEGER NOT NULL          -- items that it cannot hold
);
CREATE TABLE "{schema}"."{table}_partitions"(
  partition  INTEGER PRIMARY KEY,
  tree       INTEGER NOT NULL,          -- 0: _items; else an index
  low        BLOB NOT NULL,             -- the least hash, 8 bytes
  items      INTEGER NOT NULL,
  bytes      INTEGER NOT NULL,          -- DynamoDB's sizes
  walked     BLOB,                      -- a split is prepared: what lies below
  left_items INTEGER NOT NULL,          -- this hash has been counted here
  left_bytes INTEGER NOT NULL,
  give_up_bytes INTEGER NOT NULL,       -- one key alone: no split below this
  minute      INTEGER NOT NULL,         -- the last units that were charged here,
  read_halves INTEGER NOT NULL,         -- and are not in _usage yet
  write_units INTEGER NOT NULL,
  UNIQUE(tree, low)
);
CREATE TABLE "{schema}"."{table}_usage"(
  minute      INTEGER NOT NULL,         -- since 1970
  name        TEXT NOT NULL,            -- '' for the table
  read_halves INTEGER NOT NULL,         -- half read units
  write_units INTEGER NOT NULL,
  PRIMARY KEY(minute, name)
) WITHOUT ROWID;

-- name: tree_create
CREATE TABLE "{schema}"."{table}_{tree}"(
  key  BLOB PRIMARY KEY,                -- item/key.h
  item BLOB NOT NULL                    -- item/codec.h: what is projected
) WITHOUT ROWID;

-- name: tree_drop
DROP TABLE IF EXISTS "{schema}"."{table}_{tree}";

-- name: tree_rename
ALTER TABLE "{schema}"."{table}_{tree}" RENAME TO "{new}_{tree}";

-- name: drop
DROP TABLE IF EXISTS "{schema}"."{table}_items";
DROP TABLE IF EXISTS "{schema}"."{table}_large";
DROP TABLE IF EXISTS "{schema}"."{table}_indexes";
DROP TABLE IF EXISTS "{schema}"."{table}_partitions";
DROP TABLE IF EXISTS "{schema}"."{table}_usage";
DROP TABLE IF EXISTS "{schema}"."{table}_meta";

-- name: rename
ALTER TABLE "{schema}"."{table}_items" RENAME TO "{new}_items";
ALTER TABLE "{schema}"."{table}_large" RENAME TO "{new}_large";
ALTER TABLE "{schema}"."{table}_indexes" RENAME TO "{new}_indexes";
ALTER TABLE "{schema}"."{table}_partitions" RENAME TO "{new}_partitions";
ALTER TABLE "{schema}"."{table}_usage" RENAME TO "{new}_usage";
ALTER TABLE "{schema}"."{table}_meta" RENAME TO "{new}_meta";
