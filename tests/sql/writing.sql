-- INSERT, OR REPLACE, OR IGNORE.
CREATE VIRTUAL TABLE accounts USING dynamo(id TEXT PARTITION KEY, balance NUMBER, owner TEXT);
INSERT INTO accounts VALUES('a', 100, 'Ann');
INSERT INTO accounts VALUES('a', 1, 'Bob');
INSERT OR IGNORE INTO accounts VALUES('a', 2, 'Bob'), ('b', 50, 'Bob');
INSERT OR REPLACE INTO accounts VALUES('a', 90, 'Ann');
SELECT * FROM accounts WHERE id IN ('a', 'b');
INSERT INTO accounts(id, balance) VALUES('c', 7) RETURNING id, balance;
INSERT INTO accounts SELECT id || '2', balance * 2, owner FROM accounts('scan');
SELECT * FROM accounts('scan') ORDER BY id;

-- Columns, the item, or both: columns win.
INSERT INTO accounts(item) VALUES('{"id":"j","balance":1.50,"tags":{"SS":["x","y"]}}');
INSERT INTO accounts(id, item) VALUES('k', '{"id":"no","balance":3}');
SELECT item FROM accounts WHERE id IN ('j', 'k');

-- UPDATE changes attributes; NULL removes one; an attribute that is not named stays.
UPDATE accounts SET balance = balance + 1, owner = NULL WHERE id = 'a';
UPDATE accounts SET item = json_set(item, '$.note', 'hi', '$.balance', 9) WHERE id = 'j';
UPDATE accounts SET owner = 'Joe' WHERE id = 'j';
UPDATE accounts SET item = '{"balance":4}', owner = 'Kim' WHERE id = 'k';
SELECT item FROM accounts WHERE id IN ('a', 'j', 'k');
UPDATE accounts SET balance = 1 WHERE id = 'nobody';
SELECT changes();

-- A key cannot be changed.
UPDATE accounts SET id = 'z' WHERE id = 'a';
UPDATE accounts SET id = NULL WHERE id = 'a';
UPDATE accounts SET item = '{"id":"z"}' WHERE id = 'a';

-- What is no item.
INSERT INTO accounts(balance) VALUES(1);
INSERT INTO accounts(id) VALUES('');
INSERT INTO accounts(id) VALUES(x'61');
INSERT INTO accounts(id, balance) VALUES('x', 9e999);
INSERT INTO accounts(item) VALUES('[1]');
INSERT INTO accounts(item) VALUES('{"id":"x",}');
INSERT INTO accounts(item) VALUES('{"id":"x","s":{"SS":[]}}');
INSERT INTO accounts(item) VALUES('{"id":"x","s":{"NS":["1","1.0"]}}');
INSERT INTO accounts(item) VALUES(x'00');
UPDATE accounts SET item = json_patch(item, NULL), owner = 'Al' WHERE id = 'a';
SELECT owner FROM accounts WHERE id = 'a';
INSERT INTO accounts(id, condition) VALUES('x', 'attribute_exists(id)');
INSERT INTO accounts(id, mode) VALUES('x', 'strong');
SELECT count(*) FROM accounts WHERE id = 'x';

-- A statement that fails half-way leaves nothing; neither does a transaction.
INSERT INTO accounts(id) VALUES('m1'), ('m2'), ('a'), ('m3');
SELECT count(*) FROM accounts WHERE id IN ('m1', 'm2', 'm3');
BEGIN;
INSERT INTO accounts(id) VALUES('t1');
SAVEPOINT s;
INSERT INTO accounts(id) VALUES('t2');
DELETE FROM accounts WHERE id = 'a';
ROLLBACK TO s;
INSERT INTO accounts(id) VALUES('t3'), ('a');
COMMIT;
SELECT id FROM accounts WHERE id IN ('a', 't1', 't2', 't3') ORDER BY id;
DELETE FROM accounts WHERE id = 't1';
SELECT sum(items) FROM dynamo_partitions('accounts');
SELECT dynamo_check('accounts');

-- Attributes with the names of hidden columns.
CREATE VIRTUAL TABLE odd USING dynamo(id NUMBER PARTITION KEY, item TEXT, "two words" TEXT, mode TEXT);
INSERT INTO odd VALUES(1, 'an attribute', 'spaces', 'fast');
SELECT *, item_ FROM odd WHERE id = 1;
SELECT count(*) FROM odd WHERE mode_ = 'scan';

-- Which attribute of the key cannot be changed is told.
CREATE VIRTUAL TABLE two USING dynamo(p TEXT PARTITION KEY, s TEXT SORT KEY, v);
INSERT INTO two VALUES('a', 'b', 1);
UPDATE two SET item = '{"p":"x","s":"b"}' WHERE p = 'a' AND s = 'b';
UPDATE two SET item = '{"p":"a","s":"x"}' WHERE p = 'a' AND s = 'b';
