-- Shadow tables of one virtual table. {schema} and {table} are replaced when
-- the text is prepared. The byte layout of each BLOB is in docs/format.md.

-- name: create
CREATE TABLE "{schema}"."{table}_meta"(
  name  TEXT PRIMARY KEY,               -- format, generation, argument 0001 ..
  value
) WITHOUT ROWID;
INSERT INTO "{schema}"."{table}_meta" VALUES('id', lower(hex(randomblob(16))));
CREATE TABLE "{schema}"."{table}_directory"(
  tree INTEGER NOT NULL,                -- 0: of the items; else an index
  low  BLOB NOT NULL,                   -- the keys of the leaf are at least
  leaf INTEGER NOT NULL,                -- this; that of the first one is empty
  PRIMARY KEY(tree, low)
) WITHOUT ROWID;
CREATE TABLE "{schema}"."{table}_leaves"(
  id   INTEGER PRIMARY KEY,
  data BLOB NOT NULL                    -- engine/leaf.h
);
CREATE TABLE "{schema}"."{table}_large"(
  id   INTEGER PRIMARY KEY,
  data BLOB NOT NULL                    -- engine/large.h
);
CREATE TABLE "{schema}"."{table}_indexes"(
  tree        INTEGER PRIMARY KEY,      -- of its entries
  declaration TEXT NOT NULL,
  position    BLOB,                     -- being filled: only items whose key is
                                        -- less are in it
  skipped     INTEGER NOT NULL          -- items that it cannot hold
);
CREATE TABLE "{schema}"."{table}_partitions"(
  partition  INTEGER PRIMARY KEY,
  tree       INTEGER NOT NULL,          -- as in _directory
  low        BLOB NOT NULL,             -- the least hash, 8 bytes
  items      INTEGER NOT NULL,
  bytes      INTEGER NOT NULL,          -- DynamoDB's sizes
  walked     BLOB,                      -- a split is prepared: what lies below
  left_items INTEGER NOT NULL,          -- this hash has been counted here
  left_bytes INTEGER NOT NULL,
  give_up_bytes INTEGER NOT NULL,       -- one key alone: no split below this
  minute     INTEGER NOT NULL,          -- the last units that were charged here,
  uses      BLOB NOT NULL,             -- and are not in _usage yet
  parent     INTEGER NOT NULL,          -- whose upper part it was; 0: none
  reason     INTEGER NOT NULL,          -- why it was split off: catalogue.h
  since_ms   INTEGER NOT NULL,          -- when, since 1970
  gates      TEXT,                      -- of the first one of a tree: what that
                                        -- may still consume
  UNIQUE(tree, low)
);
CREATE TABLE "{schema}"."{table}_usage"(
  minute      INTEGER NOT NULL,         -- since 1970
  name        TEXT NOT NULL,            -- '' for the table
  use         INTEGER NOT NULL,         -- the operation: uses.h
  read_halves INTEGER NOT NULL,         -- half read units
  write_units INTEGER NOT NULL,
  throttled   INTEGER NOT NULL,         -- requests
  PRIMARY KEY(minute, name, use)
) WITHOUT ROWID;
CREATE TABLE "{schema}"."{table}_loads"(
  minute      INTEGER NOT NULL,         -- since 1970
  partition   INTEGER NOT NULL,
  read_halves INTEGER NOT NULL,
  write_units INTEGER NOT NULL,
  throttled   INTEGER NOT NULL,         -- requests
  PRIMARY KEY(minute, partition)
) WITHOUT ROWID;
CREATE TABLE "{schema}"."{table}_provisioned"(
  minute      INTEGER NOT NULL,         -- from which on, since 1970
  name        TEXT NOT NULL,            -- '' for the table
  read_units  INTEGER,                  -- a second; NULL: on demand
  write_units INTEGER,
  PRIMARY KEY(name, minute)
) WITHOUT ROWID;
CREATE TABLE "{schema}"."{table}_log"(
  sequence INTEGER PRIMARY KEY,         -- of changes: engine/log.h
  event    INTEGER NOT NULL,
  actor    INTEGER NOT NULL,
  key      BLOB NOT NULL,
  old      BLOB,                        -- stored items, or not kept
  new      BLOB,
  sum      INTEGER NOT NULL             -- over what stands before it
);
CREATE TABLE "{schema}"."{table}_shards"(
  shard  INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,              -- its label, in ms since 1970
  low    BLOB NOT NULL,                 -- the least hash and the last one
  high   BLOB NOT NULL,
  parent INTEGER NOT NULL,              -- 0: none
  first  INTEGER NOT NULL,              -- sequence
  last   INTEGER                        -- of a shard that is closed
);
CREATE TABLE "{schema}"."{table}_readers"(
  kind     INTEGER NOT NULL,            -- engine/readers.h
  name     BLOB NOT NULL,               -- UTF-8
  position INTEGER NOT NULL,            -- the last sequence that it has read
  settings BLOB NOT NULL,               -- of its owner
  state    BLOB NOT NULL,
  PRIMARY KEY(kind, name)
) WITHOUT ROWID;
CREATE TABLE "{schema}"."{table}_versions"(
  key      BLOB PRIMARY KEY,            -- of an item of a replicated table
  sequence INTEGER NOT NULL,            -- of its last change, in the log of the
  region   BLOB NOT NULL,               -- region where that was made; UTF-8
  deleted  INTEGER,                     -- there is no item since, in ms of 1970
  UNIQUE(deleted, key)
) WITHOUT ROWID;

-- name: drop
DROP TABLE IF EXISTS "{schema}"."{table}_directory";
DROP TABLE IF EXISTS "{schema}"."{table}_leaves";
DROP TABLE IF EXISTS "{schema}"."{table}_large";
DROP TABLE IF EXISTS "{schema}"."{table}_indexes";
DROP TABLE IF EXISTS "{schema}"."{table}_partitions";
DROP TABLE IF EXISTS "{schema}"."{table}_usage";
DROP TABLE IF EXISTS "{schema}"."{table}_loads";
DROP TABLE IF EXISTS "{schema}"."{table}_provisioned";
DROP TABLE IF EXISTS "{schema}"."{table}_log";
DROP TABLE IF EXISTS "{schema}"."{table}_shards";
DROP TABLE IF EXISTS "{schema}"."{table}_readers";
DROP TABLE IF EXISTS "{schema}"."{table}_versions";
DROP TABLE IF EXISTS "{schema}"."{table}_meta";

-- name: rename
ALTER TABLE "{schema}"."{table}_directory" RENAME TO "{new}_directory";
ALTER TABLE "{schema}"."{table}_leaves" RENAME TO "{new}_leaves";
ALTER TABLE "{schema}"."{table}_large" RENAME TO "{new}_large";
ALTER TABLE "{schema}"."{table}_indexes" RENAME TO "{new}_indexes";
ALTER TABLE "{schema}"."{table}_partitions" RENAME TO "{new}_partitions";
ALTER TABLE "{schema}"."{table}_usage" RENAME TO "{new}_usage";
ALTER TABLE "{schema}"."{table}_loads" RENAME TO "{new}_loads";
ALTER TABLE "{schema}"."{table}_provisioned" RENAME TO "{new}_provisioned";
ALTER TABLE "{schema}"."{table}_log" RENAME TO "{new}_log";
ALTER TABLE "{schema}"."{table}_shards" RENAME TO "{new}_shards";
ALTER TABLE "{schema}"."{table}_readers" RENAME TO "{new}_readers";
ALTER TABLE "{schema}"."{table}_versions" RENAME TO "{new}_versions";
ALTER TABLE "{schema}"."{table}_meta" RENAME TO "{new}_meta";

-- Backups of the tables of a schema: ordinary tables, made when the first
-- backup is. {table} is the same for all of them (engine/backup.h).

-- name: backup_create
CREATE TABLE IF NOT EXISTS "{schema}"."{table}_backups"(
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  format      INTEGER NOT NULL,         -- docs/format.md
  name        TEXT NOT NULL,
  created_ms  INTEGER NOT NULL,         -- since 1970
  table_name  TEXT NOT NULL,            -- what was copied
  table_id    TEXT NOT NULL,
  table_created_ms INTEGER NOT NULL,
  declaration BLOB NOT NULL,            -- JSON: the arguments of CREATE VIRTUAL
                                        -- TABLE
  items       INTEGER NOT NULL,
  bytes       INTEGER NOT NULL,         -- DynamoDB's sizes
  parts       INTEGER NOT NULL,
  sum         INTEGER NOT NULL          -- over what stands before it
);
CREATE TABLE IF NOT EXISTS "{schema}"."{table}_backup_items"(
  backup INTEGER NOT NULL,
  part   INTEGER NOT NULL,              -- counted from 0
  data   BLOB NOT NULL,                 -- keys and stored items
  sum    INTEGER NOT NULL,              -- over what stands before it
  PRIMARY KEY(backup, part)
);

-- name: change_schema
-- SQLite prepares statements anew, those of all connections, when the schema
-- has changed. It has then; what is in it is as before.
CREATE VIEW "{schema}"."{table}_indexes_changed" AS SELECT 1;
DROP VIEW "{schema}"."{table}_indexes_changed";

-- name: schema_version
PRAGMA "{schema}".schema_version;

-- name: set_schema_version
-- What SQLite has in memory is then older, in this connection, too: it reads
-- the schema again, and opens its virtual tables anew, with other columns.
PRAGMA "{schema}".schema_version = {new};
