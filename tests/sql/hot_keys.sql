-- Which keys take the load. Time stands still.
SELECT dynamo_clock('2026-01-01 00:00:00');

-- Nobody counts on demand, unless asked to.
CREATE VIRTUAL TABLE notes USING dynamo(id TEXT PARTITION KEY);
INSERT INTO notes VALUES('a');
SELECT count(*) FROM dynamo_hot_keys('notes');
SELECT dynamo_alter('notes', 'hot_keys = ''on''');
INSERT INTO notes VALUES('b');
SELECT key, write_units FROM dynamo_hot_keys('notes');

-- A limited table counts. Items of one partition key count together, and a query of it counts for it.
CREATE VIRTUAL TABLE orders USING dynamo(shop NUMBER PARTITION KEY, day TEXT SORT KEY, state TEXT, GLOBAL INDEX by_state (state, day), billing = 'provisioned', read_units = 5, write_units = 6);
INSERT INTO orders VALUES(7, 'mon', 'open'), (7, 'tue', 'open'), (7, 'wed', 'done'), (8, 'mon', 'open');
SELECT count(*) FROM orders WHERE shop = 7;
SELECT count(*) FROM orders WHERE shop = 7 AND day > 'mon';
SELECT count(*) FROM orders WHERE shop = 8 AND day = 'mon';
SELECT count(*) FROM orders('scan');
SELECT index_name, kind, key, typeof(key), read_units, write_units, round(share, 3), error, since FROM dynamo_hot_keys('orders');

-- What is refused counts with what it would have taken, where it was refused.
INSERT INTO orders(shop, day) VALUES(9, 'a'), (9, 'b'), (9, 'c');
INSERT INTO orders(shop, day) VALUES(9, 'd');
INSERT INTO orders(shop, day) VALUES(9, 'd');
SELECT index_name, kind, key, read_units, write_units, share FROM dynamo_hot_keys('orders') WHERE kind = 'throttled';

-- Load fades after ten minutes.
SELECT dynamo_clock('+5 minutes');
INSERT INTO orders VALUES(1, 'mon', 'open');
SELECT index_name, kind, key, write_units, since FROM dynamo_hot_keys('orders');
SELECT dynamo_clock('+5 minutes');
SELECT index_name, kind, key, write_units, since FROM dynamo_hot_keys('orders');

-- Only what is refused; and nothing.
SELECT dynamo_alter('orders', 'hot_keys = ''throttled''');
SELECT dynamo_declaration('orders') LIKE '%hot_keys = ''throttled''%';
INSERT INTO orders VALUES(2, 'mon', 'open');
SELECT count(*) FROM dynamo_hot_keys('orders');
SELECT dynamo_alter('orders', 'hot_keys = ''off''');
SELECT count(*) FROM dynamo_hot_keys('orders');
SELECT dynamo_alter('orders', 'hot_keys = ''loud''');

-- Keys of several attributes are lists; of a long one there is the beginning.
CREATE VIRTUAL TABLE wide USING dynamo(id BLOB PARTITION KEY, a TEXT, b NUMBER, hot_keys = 'on', GLOBAL INDEX pairs PARTITION KEY (a, b));
INSERT INTO wide VALUES(x'00ff', 'left', 2);
SELECT index_name, typeof(key), CASE typeof(key) WHEN 'blob' THEN hex(key) ELSE key END FROM dynamo_hot_keys('wide');
CREATE VIRTUAL TABLE long USING dynamo(id TEXT PARTITION KEY, hot_keys = 'on');
INSERT INTO long VALUES('x' || replace(hex(zeroblob(200)), '00', 'ü'));
SELECT length(key), substr(key, 1, 3), substr(key, -2) FROM dynamo_hot_keys('long');

-- The same by the API.
SELECT dynamo_api('DescribeContributorInsights', '{"TableName": "orders"}');
SELECT dynamo_api('UpdateContributorInsights', '{"TableName": "orders", "ContributorInsightsAction": "ENABLE", "ContributorInsightsMode": "THROTTLED_KEYS"}');
SELECT dynamo_api('DescribeContributorInsights', '{"TableName": "orders", "IndexName": "by_state"}');
SELECT dynamo_api('UpdateContributorInsights', '{"TableName": "orders", "IndexName": "by_state", "ContributorInsightsAction": "ENABLE"}');
SELECT dynamo_api('ListContributorInsights', '{"TableName": "orders"}');
SELECT dynamo_api('ListContributorInsights', '{"MaxResults": 3}');
SELECT dynamo_api('ListContributorInsights', '{"MaxResults": 3, "NextToken": "orders"}');
SELECT dynamo_api('UpdateContributorInsights', '{"TableName": "orders", "ContributorInsightsAction": "DISABLE"}');
SELECT dynamo_declaration('orders') LIKE '%hot_keys = ''off''%';

-- What is wrong.
SELECT dynamo_api('DescribeContributorInsights', '{"TableName": "missing"}');
SELECT dynamo_api('DescribeContributorInsights', '{"TableName": "orders", "IndexName": "missing"}');
SELECT dynamo_api('UpdateContributorInsights', '{"TableName": "orders", "ContributorInsightsAction": "START", "ContributorInsightsMode": "ALL"}');
SELECT dynamo_api('UpdateContributorInsights', '{"TableName": "orders"}');
SELECT dynamo_api('ListContributorInsights', '{"MaxResults": 101}');
SELECT dynamo_api('ListContributorInsights', '{"MaxResults": 0}');
SELECT dynamo_api('ListContributorInsights', '{"NextToken": "orders/none"}');
