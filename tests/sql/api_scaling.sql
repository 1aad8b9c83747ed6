-- Auto scaling and warm throughput through the API.

SELECT dynamo_clock('2026-01-01 00:00:00');
SELECT dynamo_api('CreateTable', '{"TableName": "rides", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "city", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
  "GlobalSecondaryIndexes": [{"IndexName": "by_city", "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"},
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}]}') ->> '$.TableDescription.WarmThroughput';
SELECT dynamo_api('DescribeTableReplicaAutoScaling', '{"TableName": "rides"}');

-- What is written is said for the table, and what is read for its one replica.
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "rides",
  "ProvisionedWriteCapacityAutoScalingUpdate": {"MinimumUnits": 5, "MaximumUnits": 100,
    "ScalingPolicyUpdate": {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 50.0, "ScaleInCooldown": 60, "ScaleOutCooldown": 30}}},
  "ReplicaUpdates": [{"RegionName": "us-east-1",
    "ReplicaProvisionedReadCapacityAutoScalingUpdate": {"MinimumUnits": 1, "MaximumUnits": 10},
    "ReplicaGlobalSecondaryIndexUpdates": [{"IndexName": "by_city", "ProvisionedReadCapacityAutoScalingUpdate": {"MinimumUnits": 2, "MaximumUnits": 20,
      "ScalingPolicyUpdate": {"PolicyName": "mine", "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 80, "DisableScaleIn": true}}}}]}],
  "GlobalSecondaryIndexUpdates": [{"IndexName": "by_city", "ProvisionedWriteCapacityAutoScalingUpdate": {"MinimumUnits": 3, "MaximumUnits": 30}}]}');
SELECT dynamo_declaration('rides');

-- What is not said stays.
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/rides",
  "ProvisionedWriteCapacityAutoScalingUpdate": {"MaximumUnits": 200}, "GlobalSecondaryIndexUpdates": [{"IndexName": "by_city",
  "ProvisionedWriteCapacityAutoScalingUpdate": {"AutoScalingDisabled": true}}]}') LIKE '%"MaximumUnits":200%';
SELECT dynamo_declaration('rides');
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "ProvisionedThroughput": {"ReadCapacityUnits": 6, "WriteCapacityUnits": 6}}') ->> '$.TableDescription.TableStatus';
SELECT dynamo_declaration('rides') LIKE '%write_scaling = ''5..200 at 50 up every 30 down every 60''%';

-- Mistakes; none of them changes anything.
SELECT dynamo_api('DescribeTableReplicaAutoScaling', '{}');
SELECT dynamo_api('DescribeTableReplicaAutoScaling', '{"TableName": "none"}');
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "rides"}');
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "rides", "ReplicaUpdates": []}');
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "rides", "ReplicaUpdates": [{"RegionName": "eu-west-1"}]}');
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "rides", "ProvisionedWriteCapacityAutoScalingUpdate": {"MinimumUnits": 0}}');
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "rides", "ProvisionedWriteCapacityAutoScalingUpdate": {"MinimumUnits": 500}}');
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "rides", "ProvisionedWriteCapacityAutoScalingUpdate": {"ScalingPolicyUpdate": {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 95}}}}');
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "rides", "ProvisionedWriteCapacityAutoScalingUpdate": {"ScalingPolicyUpdate": {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70.5}}}}');
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "rides", "ProvisionedWriteCapacityAutoScalingUpdate": {"ScalingPolicyUpdate": {"TargetTrackingScalingPolicyConfiguration": {"ScaleInCooldown": 5}}}}');
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "rides", "ProvisionedWriteCapacityAutoScalingUpdate": {"MaximumUnits": 300}, "GlobalSecondaryIndexUpdates": [{"IndexName": "none"}]}');
SELECT dynamo_api('UpdateTableReplicaAutoScaling', '{"TableName": "rides", "GlobalSecondaryIndexUpdates": [{"IndexName": "by_city", "ProvisionedWriteCapacityAutoScalingUpdate": {"MinimumUnits": 1}}]}');
SELECT dynamo_declaration('rides') LIKE '%write_scaling = ''5..200 at 50 up every 30 down every 60''%';

-- Warm throughput is what is provisioned, or the floor on demand, or what was asked for: more, and never less.
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "WarmThroughput": {"ReadUnitsPerSecond": 6000, "WriteUnitsPerSecond": 2000},
  "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "by_city", "WarmThroughput": {"ReadUnitsPerSecond": 3001}}}]}') ->> '$.TableDescription.WarmThroughput';
SELECT dynamo_maintain() > 0;
SELECT index_name, count(*) FROM dynamo_partitions('rides') GROUP BY 1;
SELECT dynamo_api('DescribeTable', '{"TableName": "rides"}') ->> '$.Table.GlobalSecondaryIndexes[0].WarmThroughput';
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "WarmThroughput": {"ReadUnitsPerSecond": 5999}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "WarmThroughput": {"WriteUnitsPerSecond": 40001}}');
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "by_city", "WarmThroughput": {"WriteUnitsPerSecond": 1}}}]}');
SELECT dynamo_api('UpdateTable', '{"TableName": "rides", "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "by_city"}}]}');
SELECT dynamo_api('CreateTable', '{"TableName": "warm", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "WarmThroughput": {"ReadUnitsPerSecond": 11999}}');
SELECT dynamo_api('CreateTable', '{"TableName": "warm", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "WarmThroughput": {"ReadUnitsPerSecond": 15000, "WriteUnitsPerSecond": 5000},
  "GlobalSecondaryIndexes": [{"IndexName": "again", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"},
    "WarmThroughput": {"WriteUnitsPerSecond": 6000}}]}') ->> '$.TableDescription.WarmThroughput';
SELECT dynamo_declaration('warm');
SELECT index_name, count(*) FROM dynamo_partitions('warm') GROUP BY 1;
