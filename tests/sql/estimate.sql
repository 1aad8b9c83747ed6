-- What a statement or a request would cost, without running it.
CREATE VIRTUAL TABLE orders USING dynamo(CustomerId TEXT PARTITION KEY, OrderDate TEXT SORT KEY, Amount NUMBER, Status TEXT,
  GLOBAL INDEX by_status (Status, OrderDate) PROJECT (Amount));
INSERT INTO orders VALUES('alice', '2026-01-20', 80, 'paid'), ('alice', '2026-02-01', 15, 'open');

-- Moving an entry of the index to another key costs both.
SELECT dynamo_estimate('UPDATE orders SET Status = ''shipped'' WHERE CustomerId = ''alice''');
SELECT Status FROM orders WHERE CustomerId = 'alice';
UPDATE orders SET Status = 'shipped' WHERE CustomerId = 'alice';
SELECT dynamo_cost();

-- dynamo_cost() stays that of the last statement that was run, and so does the rest.
SELECT dynamo_estimate('SELECT count(*) FROM orders(''scan strong'')') ->> 'read_units';
SELECT dynamo_cost() ->> 'write_units';
SELECT dynamo_estimate('INSERT INTO orders VALUES(''bob'', ''2026-03-01'', 1, ''open'')') ->> 'write_units';
SELECT index_name, sum(read_units), sum(write_units) FROM dynamo_capacity('orders') GROUP BY index_name;

-- A request of the API, of several writes too.
SELECT dynamo_estimate('PutItem', '{"TableName": "orders", "Item": {"CustomerId": {"S": "bob"}, "OrderDate": {"S": "2026-01-01"}}}');
SELECT dynamo_estimate('TransactWriteItems', '{"ClientRequestToken": "one", "TransactItems": [
  {"Put": {"TableName": "orders", "Item": {"CustomerId": {"S": "bob"}, "OrderDate": {"S": "2026-01-01"}, "Status": {"S": "open"}}}},
  {"Delete": {"TableName": "orders", "Key": {"CustomerId": {"S": "alice"}, "OrderDate": {"S": "2026-01-20"}}}}]}');
SELECT dynamo_estimate('Query', '{"TableName": "orders", "IndexName": "by_status", "KeyConditionExpression": "#s = :s",
  "ExpressionAttributeNames": {"#s": "Status"}, "ExpressionAttributeValues": {":s": {"S": "shipped"}}}');

-- Within a transaction it sees what that has written, and leaves it.
BEGIN;
INSERT INTO orders VALUES('carol', '2026-01-01', 5, 'new');
SELECT dynamo_estimate('DELETE FROM orders WHERE CustomerId = ''carol''') ->> 'write_units';
SELECT CustomerId FROM orders WHERE CustomerId = 'carol';
ROLLBACK;

-- By row of a query.
SELECT OrderDate, dynamo_estimate('DELETE FROM orders WHERE CustomerId = ''alice'' AND OrderDate > ' || quote(OrderDate)) ->> 'write_units' AS units
  FROM orders WHERE CustomerId = 'alice';

-- A table that throttles does not throttle an estimate.
SELECT dynamo_clock('2026-01-01 10:00:00');
CREATE VIRTUAL TABLE busy USING dynamo(id TEXT PARTITION KEY, billing = 'provisioned', read_units = 1, write_units = 1);
INSERT INTO busy VALUES('a');
INSERT INTO busy VALUES('b');
SELECT dynamo_estimate('INSERT INTO busy VALUES(''b''), (''c'')') ->> 'write_units';
SELECT dynamo_clock(NULL) > '2026';

-- What would fail fails.
SELECT dynamo_estimate('INSERT INTO orders VALUES(''alice'', ''2026-01-20'', 1, ''x'')');
SELECT dynamo_estimate('SELECT * FROM orders WHERE Amount = 1');
SELECT dynamo_estimate('DeleteItem', '{"TableName": "orders", "Key": {"CustomerId": {"S": "alice"}}}');
SELECT dynamo_estimate('PutItems', '{}');
-- What is no statement of items is not run.
SELECT dynamo_estimate('COMMIT');
SELECT dynamo_estimate('PRAGMA user_version = 7');
SELECT dynamo_estimate('SELECT 1; /* and */ DELETE FROM orders');
SELECT dynamo_estimate('; -- nothing');
SELECT dynamo_estimate('SELECT * FROM orders WHERE CustomerId = ?');
SELECT dynamo_estimate('SELECT dynamo_alter(''orders'', ''DROP INDEX by_status'')');
SELECT dynamo_estimate('SELECT dynamo_clock(''+1 day'')');
SELECT dynamo_estimate('DeleteTable', '{"TableName": "orders"}');
INSERT INTO orders(item) SELECT dynamo_estimate('DELETE FROM orders WHERE CustomerId = ''alice''');

-- Nothing of that has happened.
SELECT CustomerId, OrderDate, Status FROM orders('scan');
SELECT name FROM dynamo_indexes('orders');
SELECT dynamo_check('orders'), dynamo_check('busy');
