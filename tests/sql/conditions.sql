-- Conditions of writes, and expressions on any item.
CREATE VIRTUAL TABLE accounts USING dynamo(id TEXT PARTITION KEY, balance NUMBER, version NUMBER, owner TEXT);
INSERT INTO accounts VALUES('a', 100, 3, 'ann'), ('b', 20, 1, NULL);

-- Optimistic locking: the write counts only if the version is the one that was read.
INSERT OR REPLACE INTO accounts(id, balance, version, condition) VALUES('a', 90, 4, 'version = 3');
SELECT id, balance, version FROM accounts WHERE id = 'a';
INSERT OR REPLACE INTO accounts(id, balance, version, condition) VALUES('a', 0, 4, 'version = 3');
SELECT dynamo_cost();
SELECT id, balance, version FROM accounts WHERE id = 'a';
UPDATE accounts SET balance = 80, version = 5, condition = 'version = 4 AND balance >= 80' WHERE id = 'a';
UPDATE accounts SET balance = 70, condition = 'version = 4' WHERE id = 'a';
SELECT id, balance, version FROM accounts WHERE id = 'a';

-- Text in single quotes, doubled as SQL demands; or bound.
UPDATE accounts SET owner = 'bob', condition = 'attribute_not_exists(owner)' WHERE id = 'b';
UPDATE accounts SET owner = 'eve', condition = 'owner = ''bob''' WHERE id = 'b';
UPDATE accounts SET owner = 'mallory', condition = 'owner = ''bob''' WHERE id = 'b';
.parameter set ?1 "'owner = ''eve'' AND version BETWEEN 1 AND 2'"
UPDATE accounts SET version = 2, condition = ?1 WHERE id = 'b';
.parameter clear
SELECT * FROM accounts WHERE id = 'b';

-- All functions and operators.
UPDATE accounts SET balance = 1, condition = 'attribute_type(owner, ''S'') AND begins_with(owner, ''e'') AND contains(owner, ''v'') AND size(owner) = 3 AND version IN (1, 2) AND NOT (balance < 0 OR balance > 1000)' WHERE id = 'b';
SELECT balance FROM accounts WHERE id = 'b';

-- An item that is not there has no attributes; an UPDATE of nothing does nothing.
INSERT INTO accounts(id, balance, condition) VALUES('c', 5, 'attribute_not_exists(id)');
INSERT INTO accounts(id, balance, condition) VALUES('d', 5, 'attribute_exists(id)');
INSERT OR REPLACE INTO accounts(id, balance, condition) VALUES('c', 6, 'attribute_not_exists(id)');
UPDATE accounts SET balance = 7, condition = 'balance = 1' WHERE id = 'nobody';
SELECT id, balance FROM accounts('scan') ORDER BY id;

-- Many rows: each has its item checked, and one that fails undoes them all.
UPDATE accounts SET version = 9, condition = 'balance < 50' WHERE mode = 'scan';
SELECT id, version FROM accounts('scan') ORDER BY id;
UPDATE accounts SET version = 9, condition = 'balance < 500' WHERE mode = 'scan';
SELECT id, version FROM accounts('scan') ORDER BY id;
UPDATE OR IGNORE accounts SET version = 10, condition = 'balance < 50' WHERE mode = 'scan';
SELECT id, version FROM accounts('scan') ORDER BY id;
BEGIN;
UPDATE accounts SET balance = 1000 WHERE id = 'a';
UPDATE accounts SET balance = 2000, condition = 'balance = 1' WHERE id = 'a';
SELECT balance FROM accounts WHERE id = 'a';
ROLLBACK;

-- What is no condition.
UPDATE accounts SET balance = 1, condition = 'balance =' WHERE id = 'a';
UPDATE accounts SET balance = 1, condition = 'balance = 1 AND' WHERE id = 'a';
UPDATE accounts SET balance = 1, condition = 'nothing(balance)' WHERE id = 'a';
UPDATE accounts SET balance = 1, condition = '' WHERE id = 'a';
UPDATE accounts SET balance = 1, condition = 5 WHERE id = 'a';
UPDATE accounts SET balance = 80, condition = NULL WHERE id = 'a';
SELECT condition FROM accounts WHERE id = 'a';

-- On any item: does it match, a part of it, and what an update makes of it.
SELECT dynamo_matches('{"a":{"b":[1,2]},"tags":{"SS":["x"]}}', 'a.b[1] = 2 AND contains(tags, ''x'')') AS yes, dynamo_matches('{"a":1}', 'a > 1') AS no, dynamo_matches(NULL, 'a > 1') AS unknown;
SELECT dynamo_matches('{"name":"x"}', '#n = :v', '{"#n":"name"}', '{":v":{"S":"x"}}') AS yes;
SELECT dynamo_matches('{"name":"x"}', '#n = :v', '{"#n":"name","#m":"more"}', '{":v":"x"}');
SELECT dynamo_matches('{"name":"x"}', 'name = :v', NULL, '{":v":"x"}');
SELECT dynamo_project('{"a":{"b":1,"c":2},"d":[1,2,3],"e":5}', 'a.b, d[2]') AS part;
SELECT dynamo_project('{"size":1,"e":5}', '#s', '{"#s":"size"}') AS part;
SELECT dynamo_updated('{"n":1,"l":[1],"s":{"SS":["a"]},"x":0}', 'SET n = n + :one, l = list_append(l, :l), y = if_not_exists(y, :one) REMOVE x ADD s :s', NULL, '{":one":1,":l":[2],":s":{"SS":["b"]}}') AS item;
SELECT dynamo_updated('{"n":1}', 'SET n = n + :one', NULL, '{":one":"x"}');
SELECT dynamo_updated('{"n":1}', 'REMOVE n, n');
SELECT dynamo_matches('{"a":1}', 7);
SELECT dynamo_matches('no item', 'a = 1');

-- In a statement that has it for many rows, an expression is read once; names, values and the text itself may still change.
SELECT value, dynamo_matches('{"a":1,"b":2}', '#x = :v', iif(value < 3, '{"#x":"a"}', '{"#x":"b"}'), iif(value % 2, '{":v":1}', '{":v":2}')) AS matches FROM json_each('[1,1,2,3,4,4]');
SELECT value, dynamo_matches('{"a":1,"b":2}', value) AS matches FROM json_each('["a = 1","a = 1","b = 1","b > a","b > a"]');
SELECT value, dynamo_project('{"a":1,"b":2}', 'a', iif(value < 3, NULL, '{"#x":"a"}')) AS part FROM json_each('[1,2,3]');
SELECT value, dynamo_updated('{"n":1}', 'SET n = n + :v', NULL, iif(value = 3, '{":w":1}', '{":v":' || value || '}')) AS item FROM json_each('[1,2,2,3]');
SELECT value, dynamo_updated(iif(value = 2, '{"n":"x"}', '{"n":1}'), 'SET n = n + :v', NULL, '{":v":1}') AS item FROM json_each('[1,2]');
SELECT dynamo_check('accounts');
