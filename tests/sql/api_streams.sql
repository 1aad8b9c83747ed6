-- A table is made with a stream, or given one.
SELECT dynamo_clock('2026-01-01 00:00:00');
SELECT json_extract(dynamo_api('CreateTable', '{"TableName": "rides", "BillingMode": "PAY_PER_REQUEST",
  "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
  "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}}'),
  '$.TableDescription.StreamSpecification', '$.TableDescription.LatestStreamLabel', '$.TableDescription.LatestStreamArn') AS made;
SELECT json_extract(dynamo_api('CreateTable', '{"TableName": "other", "BillingMode": "PAY_PER_REQUEST",
  "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
  "StreamSpecification": {"StreamEnabled": false}}'), '$.TableDescription.LatestStreamArn') AS none;
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "other", "StreamSpecification": {"StreamEnabled": false}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "other", "StreamSpecification": {"StreamEnabled": true}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "other", "StreamSpecification": {"StreamEnabled": false, "StreamViewType": "KEYS_ONLY"}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "other", "StreamSpecification": {"StreamViewType": "ALL"}}');
SELECT dynamo_clock('+1.5 seconds');
SELECT json_extract(dynamo_api('UpdateTable', '{"TableName": "other", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}}'),
  '$.TableDescription.StreamSpecification', '$.TableDescription.LatestStreamLabel') AS begun;
