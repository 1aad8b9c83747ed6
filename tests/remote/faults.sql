CREATE VIRTUAL TABLE temp.orders USING dynamo_remote(
  table = 'Orders', endpoint = '@ENDPOINT@', attempts = 1, Amount NUMBER);
INSERT OR REPLACE INTO orders(Customer, Day, Amount) VALUES('a', 1, 5), ('a', 2, 6);
INSERT INTO orders(Customer, Day) VALUES('a', 1);
SELECT * FROM orders WHERE Customer = 'a' AND Day = 1;
SELECT item, mode FROM orders('live') WHERE Customer = 'a' AND Day > 0 ORDER BY Day DESC;
SELECT Amount FROM orders WHERE Customer IN ('a', 'b') AND Day IN (1, 2, 3);
SELECT Day FROM orders('strong scan segment 0 of 1') LIMIT 1;
UPDATE orders SET Amount = Amount + 1, Note = NULL, condition = 'Amount IN (5, 6) AND size(Customer) = 1'
 WHERE Customer = 'a';
UPDATE orders SET item = '{"Tags": {"SS": ["x"]}}' WHERE Customer = 'a' AND Day = 2;
SELECT item FROM orders WHERE Status = 'x';
DELETE FROM orders WHERE Customer = 'a' AND Day = 2;
SELECT dynamo_remote_cost();
SELECT * FROM orders WHERE Day = 1;
CREATE VIRTUAL TABLE temp.other USING dynamo_remote(table = 'Orders', endpoint = 'nowhere');
CREATE VIRTUAL TABLE temp.again USING dynamo_remote(table = 'Orders', endpoint = '@ENDPOINT@');
SELECT dynamo_copy('orders', 'temp.again', 1);
SELECT state, items FROM _dynamo_copies;
