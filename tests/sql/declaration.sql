-- A table: declared attributes are its columns, in order; two more are hidden.
CREATE VIRTUAL TABLE orders USING dynamo(
  CustomerId TEXT PARTITION KEY,  -- a comment
  OrderDate  TEXT SORT KEY,
  Amount NUMBER, Picture BLOB, Anything /* no type */,
  billing = 'provisioned', read_units = 3000, write_units = 1000
);
SELECT name, type, hidden FROM pragma_table_xinfo('orders');
SELECT table_name, billing, read_units, write_units, partitions FROM dynamo_tables('orders');
SELECT partition, low_hash, high_hash FROM dynamo_partitions('orders');

-- Names may be quoted in any of SQLite's ways; a sort key may come first.
CREATE VIRTUAL TABLE [quoted.names-1] USING dynamo("a ""b""" NUMBER SORT KEY, `c` blob partition key, [select] text);
SELECT name, type, hidden FROM pragma_table_xinfo('quoted.names-1');

-- Hidden columns step aside for attributes of the same name.
CREATE VIRTUAL TABLE hidden USING dynamo(item TEXT PARTITION KEY, "mode", condition TEXT);
SELECT name, hidden FROM pragma_table_xinfo('hidden');

-- Shadow tables come and go with it, and follow its name.
SELECT name FROM sqlite_schema WHERE name LIKE 'hidden\_%' ESCAPE '\' AND type = 'table' ORDER BY name;
INSERT INTO hidden(item) VALUES('a');
ALTER TABLE hidden RENAME TO shown;
SELECT name FROM sqlite_schema WHERE name LIKE 'shown\_%' ESCAPE '\' AND type = 'table' ORDER BY name;
SELECT item_ FROM shown WHERE item = 'a';
SELECT dynamo_check('shown');
DROP TABLE shown;
SELECT count(*) FROM sqlite_schema WHERE name LIKE 'shown%' OR name LIKE 'hidden%';

-- Options.
CREATE VIRTUAL TABLE small USING dynamo(id TEXT PARTITION KEY, partition_bytes = 1000, strict = 'plan');
SELECT * FROM small;
CREATE VIRTUAL TABLE twice USING dynamo(id TEXT PARTITION KEY, strict = 'plan', strict = 'off');
CREATE VIRTUAL TABLE IF NOT EXISTS small USING dynamo(nothing);

-- No good keys.
CREATE VIRTUAL TABLE bad USING dynamo;
CREATE VIRTUAL TABLE bad USING dynamo();
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT SORT KEY);
CREATE VIRTUAL TABLE bad USING dynamo(id PARTITION KEY);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, s SORT KEY);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, id2 TEXT PARTITION KEY);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, s TEXT SORT KEY, s2 TEXT SORT KEY);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PRIMARY KEY);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITON KEY);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT, PRIMARY KEY(id));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION);

-- No good columns.
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, id NUMBER);
CREATE VIRTUAL TABLE bad USING dynamo(id INTEGER PARTITION KEY);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT NOT NULL);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, 'x' TEXT);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, "" TEXT);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, LOCAL INDEX by_x (x));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, GLOBAL INDEX by_x (x));

-- Indexes: a local one has the partition key of the table; what they name may
-- stand behind them, and a key that is no column has its type beside it.
CREATE VIRTUAL TABLE indexed USING dynamo(
  GLOBAL INDEX by_status (Status, day) PROJECT (amount, "the note"),
  id TEXT PARTITION KEY, day TEXT SORT KEY, amount NUMBER, Status TEXT,
  LOCAL INDEX by_amount (amount) PROJECT KEYS,
  GLOBAL INDEX by_place PARTITION KEY (country TEXT, city TEXT) SORT KEY (day, amount)
);
SELECT name, kind, state, partition_key, sort_key, projection FROM dynamo_indexes('indexed');
SELECT name FROM sqlite_schema WHERE name LIKE 'indexed%' ORDER BY name;
DROP TABLE indexed;
SELECT count(*) FROM sqlite_schema WHERE name LIKE 'indexed%';

-- No good indexes.
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT, INDEX by_x (x));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT, GLOBAL INDEX by_x);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT, GLOBAL INDEX by_x ());
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT, GLOBAL INDEX by_x (x, x));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT, y TEXT, GLOBAL INDEX by_x (x, y, id));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT, GLOBAL INDEX by_x (x) PROJECT SOME);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT, GLOBAL INDEX by_x (x) PROJECT (a, a));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT, GLOBAL INDEX by_x (x) PROJECT (id, x, id));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x, GLOBAL INDEX by_x (x));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT, GLOBAL INDEX by_x (x NUMBER));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, GLOBAL INDEX by_x (x TEXT), GLOBAL INDEX by_x2 (x NUMBER));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT, GLOBAL INDEX by_x (x), GLOBAL INDEX BY_X (x));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, x TEXT, GLOBAL INDEX "by x" (x));
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, s TEXT SORT KEY, x TEXT, LOCAL INDEX by_x (x, s));

-- No good options.
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, colour = 'red');
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, billing = 'free');
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, billing = 'provisioned');
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, read_units = 1, write_units = 1);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, billing = 'provisioned', read_units = 0, write_units = 1);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, billing = 'provisioned', read_units = -1, write_units = 1);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, billing = 'provisioned', read_units = 1.5, write_units = 1);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, billing = 'provisioned', read_units = 40001, write_units = 1);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, strict = 'yes');
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, partition_bytes = many);
CREATE VIRTUAL TABLE bad USING dynamo(id TEXT PARTITION KEY, partition_bytes = -5);

-- No good names; and none of these left anything behind.
CREATE VIRTUAL TABLE "bad name" USING dynamo(id TEXT PARTITION KEY);
CREATE VIRTUAL TABLE "bad""name" USING dynamo(id TEXT PARTITION KEY);
ALTER TABLE small RENAME TO "bad name";
CREATE TABLE taken_leaves(x);
CREATE VIRTUAL TABLE taken USING dynamo(id TEXT PARTITION KEY);
SELECT name FROM sqlite_schema WHERE name LIKE '%bad%' OR name LIKE 'taken%';
SELECT dynamo_check('small');
