-- A table is exported and imported as lines of DynamoDB JSON.
SELECT dynamo_clock('2026-01-01 00:00:00');
CREATE VIRTUAL TABLE drivers USING dynamo(
  Driver TEXT PARTITION KEY, Since NUMBER, City TEXT,
  GLOBAL INDEX by_city (City), stream = 'KEYS_ONLY');
SELECT dynamo_import('drivers', 'files/drivers.json');
SELECT dynamo_cost();
SELECT item FROM drivers('scan');
SELECT Driver FROM drivers WHERE City = 'Oslo';
SELECT event, key FROM dynamo_stream('drivers');
SELECT dynamo_export('drivers', 'drivers.json.gz', '{"overwrite": true}');
SELECT dynamo_cost();

-- What is there stays there, unless one says so.
SELECT dynamo_export('drivers', 'drivers.json.gz');
SELECT dynamo_export('drivers', 'no/such/folder/drivers.json');
SELECT dynamo_export('drivers', '');
SELECT dynamo_export('nobody', 'nobody.json');
SELECT dynamo_export('drivers', 'drivers.json', '{"overwrit": true}');
SELECT dynamo_export('drivers', 'drivers.json', '{"file_bytes": 0}');
SELECT dynamo_export('drivers', 'drivers.json', '[]');

-- A folder gets the layout of an export of AWS, in files of a bounded size.
SELECT json_remove(dynamo_export('drivers', 'exports/', '{"file_bytes": 100}'), '$.manifest');

-- Either is read again. Where an item is there already, it is replaced.
CREATE VIRTUAL TABLE copy USING dynamo(Driver TEXT PARTITION KEY, Since NUMBER);
SELECT dynamo_import('copy', 'drivers.json.gz');
SELECT dynamo_import('copy', 'exports');
SELECT count(*) FROM copy('scan');
SELECT a.item = b.item FROM drivers('scan') a, copy b WHERE b.Driver = a.Driver;

-- An export of changes: items are put and deleted.
SELECT dynamo_import('copy', 'files/changes.json');
SELECT item FROM copy('scan');

-- CSV: the header names attributes. Keys and columns have the types that the
-- table declares, all else is text.
CREATE VIRTUAL TABLE people USING dynamo(Driver TEXT PARTITION KEY, Since NUMBER);
SELECT dynamo_import('people', 'files/drivers.csv');
SELECT item FROM people('scan');
SELECT dynamo_import('people', 'files/no_header.txt',
  '{"format": "csv", "delimiter": ";", "header": ["Driver", "Since", "City"]}');
SELECT item FROM people('scan') WHERE Driver IN ('dora', 'emil', 'fay');
SELECT dynamo_import('people', 'files/no_header.txt');
SELECT dynamo_import('people', 'files/drivers.csv', '{"header": ["Driver", "Driver"]}');
SELECT dynamo_import('people', 'files/drivers.csv', '{"delimiter": "x"}');
SELECT dynamo_import('people', 'files/drivers.csv', '{"header": [1]}');

-- A line that is wrong ends the import, and is named. What is before it stays.
CREATE VIRTUAL TABLE strict USING dynamo(
  Driver TEXT PARTITION KEY, Since NUMBER SORT KEY);
SELECT dynamo_import('strict', 'files/broken.json');
SELECT item FROM strict('scan');
SELECT dynamo_import('strict', 'files/broken.json', '{"errors_max": 1}');
SELECT dynamo_import('strict', 'files/broken.json', '{"errors_max": 3}');
SELECT item FROM strict('scan');

-- Within a transaction, it is all or nothing.
DELETE FROM strict WHERE Driver = 'ana' AND Since = 2019;
BEGIN;
SELECT dynamo_import('strict', 'files/broken.json', '{"errors_max": 1}');
SELECT count(*) FROM strict('scan');
SELECT dynamo_import('strict', 'files/broken.json', '{"errors_max": 3}');
SELECT count(*) FROM strict('scan');
ROLLBACK;
SELECT count(*) FROM strict('scan');

-- What cannot be read.
SELECT dynamo_import('strict', 'files/drivers.ion');
SELECT dynamo_import('strict', 'files/drivers.json', '{"format": "ion"}');
SELECT dynamo_import('strict', 'files/none.json');
SELECT dynamo_import('strict', '/dev/null');
SELECT dynamo_import('nobody', 'files/drivers.json');

-- No units are consumed, whatever is provisioned.
CREATE VIRTUAL TABLE slow USING dynamo(Driver TEXT PARTITION KEY,
  billing = 'provisioned', read_units = 1, write_units = 1);
SELECT dynamo_import('slow', 'files/drivers.json');
SELECT count(*) FROM dynamo_capacity('slow');

-- What was done. The table of jobs is an ordinary one.
SELECT kind, table_name, path, state, items, deletes, errors, message
  FROM dynamo_jobs;
SELECT kind, state, started, updated, ended FROM dynamo_jobs('slow');
SELECT count(*) FROM _dynamo_jobs;

-- Files are opened for those alone who name them: not by a view or a trigger.
CREATE VIEW leak AS SELECT dynamo_export('drivers', 'leak.json');
SELECT * FROM leak;
CREATE TABLE plain(a);
INSERT INTO plain SELECT dynamo_export('drivers', 'leak.json');
SELECT dynamo_estimate('SELECT dynamo_export(''drivers'', ''leak.json'')');

-- The API: S3Bucket is a folder.
SELECT dynamo_api('ExportTableToPointInTime', '{"TableArn": "drivers", "S3Bucket": "none"}');
SELECT json_remove(dynamo_api('ExportTableToPointInTime',
  '{"TableArn": "drivers", "S3Bucket": "exports", "S3Prefix": "api", "ClientToken": "one"}'),
  '$.ExportDescription.ExportArn', '$.ExportDescription.TableId', '$.ExportDescription.ExportManifest');
SELECT dynamo_api('ExportTableToPointInTime', '{"TableArn": "drivers", "S3Bucket": "exports", "ClientToken": "one"}');
SELECT dynamo_api('ExportTableToPointInTime', '{"TableArn": "drivers", "S3Bucket": "exports", "ExportFormat": "ION"}');
SELECT dynamo_api('ExportTableToPointInTime', '{"TableArn": "drivers", "S3Bucket": "exports", "ExportTime": 1000000000}');
SELECT dynamo_api('ExportTableToPointInTime', '{"TableArn": "nobody", "S3Bucket": "exports"}');
SELECT json_remove(dynamo_api('ImportTable', '{
  "S3BucketSource": {"S3Bucket": "exports", "S3KeyPrefix": "api"},
  "InputFormat": "DYNAMODB_JSON", "InputCompressionType": "GZIP",
  "TableCreationParameters": {"TableName": "imported", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "Driver", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "Driver", "KeyType": "HASH"}]}}'),
  '$.ImportTableDescription.ImportArn', '$.ImportTableDescription.TableId');
SELECT item FROM imported('scan');
SELECT json_extract(dynamo_api('ImportTable', '{
  "S3BucketSource": {"S3Bucket": "files", "S3KeyPrefix": "no_header.txt"},
  "InputFormat": "CSV", "InputFormatOptions": {"Csv": {"Delimiter": ";", "HeaderList": ["Driver", "Since", "City"]}},
  "TableCreationParameters": {"TableName": "byyear", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "Driver", "AttributeType": "S"}, {"AttributeName": "Since", "AttributeType": "N"}],
    "KeySchema": [{"AttributeName": "Driver", "KeyType": "HASH"}, {"AttributeName": "Since", "KeyType": "RANGE"}]}}'),
  '$.ImportTableDescription.ImportStatus', '$.ImportTableDescription.FailureCode',
  '$.ImportTableDescription.FailureMessage', '$.ImportTableDescription.ErrorCount');
SELECT item FROM byyear('scan');
SELECT dynamo_api('ImportTable', '{"S3BucketSource": {"S3Bucket": "files"}, "InputFormat": "ION",  "TableCreationParameters": {"TableName": "another",
    "AttributeDefinitions": [{"AttributeName": "Driver", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "Driver", "KeyType": "HASH"}]}}');
SELECT dynamo_api('ImportTable', '{"S3BucketSource": {"S3Bucket": "files", "S3KeyPrefix": "drivers.json"}, "InputFormat": "DYNAMODB_JSON", "InputCompressionType": "GZIP",
  "TableCreationParameters": {"TableName": "another", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "Driver", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "Driver", "KeyType": "HASH"}]}}');

-- An export of what has changed: each item once, as it was and as it is.
SELECT dynamo_clock('+1 hour');
CREATE VIRTUAL TABLE trips USING dynamo(id TEXT PARTITION KEY, n NUMBER, stream = 'NEW_AND_OLD_IMAGES');
INSERT INTO trips VALUES('kept', 1), ('changed', 1), ('gone', 1);
SELECT dynamo_clock('+1 hour');
UPDATE trips SET n = 2 WHERE id = 'changed';
UPDATE trips SET n = 3 WHERE id = 'changed';
DELETE FROM trips WHERE id = 'gone';
INSERT INTO trips VALUES('new', 1), ('brief', 1);
DELETE FROM trips WHERE id = 'brief';
SELECT dynamo_clock('+20 minutes');
UPDATE trips SET n = 4 WHERE id = 'changed';
SELECT dynamo_clock('+20 minutes');
SELECT json_remove(dynamo_api('ExportTableToPointInTime', '{"TableArn": "trips", "S3Bucket": "exports", "S3Prefix": "changes",
  "ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": {"ExportFromTime": 1767231000, "ExportToTime": 1767233400}}'),
  '$.ExportDescription.ExportArn', '$.ExportDescription.TableId', '$.ExportDescription.ExportManifest');
CREATE VIRTUAL TABLE trips_then USING dynamo(id TEXT PARTITION KEY, n NUMBER);
INSERT INTO trips_then VALUES('kept', 1), ('changed', 1), ('gone', 1), ('brief', 0);
SELECT dynamo_import('trips_then', 'exports/changes');
SELECT id, n FROM trips_then('scan') ORDER BY id;
-- A period has the changes of its first moment, and not those of its end.
SELECT json_extract(dynamo_api('ExportTableToPointInTime', '{"TableArn": "trips", "S3Bucket": "exports", "S3Prefix": "edges",
  "ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": {"ExportFromTime": 1767232800, "ExportToTime": 1767234000}}'),
  '$.ExportDescription.ItemCount');
CREATE VIRTUAL TABLE trips_edges USING dynamo(id TEXT PARTITION KEY, n NUMBER);
SELECT dynamo_import('trips_edges', 'exports/edges') ->> 'items';
SELECT id, n FROM trips_edges('scan') ORDER BY id;
SELECT dynamo_api('ExportTableToPointInTime', '{"TableArn": "drivers", "S3Bucket": "exports",
  "ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": {"ExportFromTime": 1767231000}}');
SELECT dynamo_api('ExportTableToPointInTime', '{"TableArn": "trips", "S3Bucket": "exports",
  "ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": {"ExportFromTime": 1767225700}}');
SELECT dynamo_api('ExportTableToPointInTime', '{"TableArn": "trips", "S3Bucket": "exports",
  "ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": {"ExportFromTime": 1767231000, "ExportToTime": 1767231060}}');
SELECT dynamo_api('ExportTableToPointInTime', '{"TableArn": "trips", "S3Bucket": "exports", "IncrementalExportSpecification": {}}');

SELECT json_array_length(dynamo_api('ListExports', '{"TableArn": "drivers"}'), '$.ExportSummaries');
SELECT json_extract(dynamo_api('ListImports', '{}'), '$.ImportSummaryList[#-1].ImportStatus');
SELECT dynamo_api('ListImports', '{"NextToken": "none"}');
SELECT dynamo_api('DescribeExport', '{"ExportArn": "arn:aws:dynamodb:us-east-1:000000000000:table/drivers/export/none"}');
SELECT dynamo_api('DescribeImport', '{"ImportArn": "arn:aws:dynamodb:us-east-1:000000000000:table/drivers/import/none"}');
SELECT json_extract(dynamo_api('DescribeImport', json_object('ImportArn',
  json_extract(dynamo_api('ListImports', '{}'), '$.ImportSummaryList[#-1].ImportArn'))), '$.ImportTableDescription.ImportedItemCount');
SELECT dynamo_check('drivers'), dynamo_check('copy'), dynamo_check('strict'), dynamo_check('imported');

-- An earlier time: the items are those that there were.
SELECT dynamo_clock('2026-05-01 10:00:00');
CREATE VIRTUAL TABLE past USING dynamo(id TEXT PARTITION KEY, n NUMBER, point_in_time = 2);
INSERT INTO past VALUES('a', 1), ('b', 1), ('c', 1);
SELECT dynamo_clock('+1 hour');
UPDATE past SET n = 2 WHERE id = 'a';
DELETE FROM past WHERE id = 'b';
INSERT INTO past VALUES('d', 2);
SELECT dynamo_clock('+1 hour');
SELECT json_extract(dynamo_api('ExportTableToPointInTime', json_object('TableArn', 'past', 'S3Bucket', 'exports',
  'S3Prefix', 'past', 'ExportTime', unixepoch('2026-05-01 10:30:00'))),
  '$.ExportDescription.ExportStatus', '$.ExportDescription.ItemCount', '$.ExportDescription.ExportTime');
CREATE VIRTUAL TABLE then_ USING dynamo(id TEXT PARTITION KEY, n NUMBER);
SELECT dynamo_import('then_', 'exports/past') ->> 'items';
SELECT id, n FROM then_('scan') ORDER BY id;
SELECT dynamo_api('ExportTableToPointInTime', json_object('TableArn', 'past', 'S3Bucket', 'exports', 'ExportTime', unixepoch('2026-05-01 09:00:00')));
SELECT dynamo_api('ExportTableToPointInTime', json_object('TableArn', 'past', 'S3Bucket', 'exports', 'ExportTime', unixepoch('2026-05-01 13:00:00')));

-- A stream without old images is good for an export of new ones.
SELECT dynamo_clock('2026-06-01 10:00:00');
CREATE VIRTUAL TABLE only_new USING dynamo(id TEXT PARTITION KEY, stream = 'NEW_IMAGE');
SELECT dynamo_clock('+1 hour');
INSERT INTO only_new VALUES('a');
SELECT dynamo_clock('+1 hour');
SELECT dynamo_api('ExportTableToPointInTime', '{"TableArn": "only_new", "S3Bucket": "exports", "ExportType": "INCREMENTAL_EXPORT",
  "IncrementalExportSpecification": {"ExportFromTime": 1780308000}}');
SELECT json_extract(dynamo_api('ExportTableToPointInTime', '{"TableArn": "only_new", "S3Bucket": "exports", "ExportType": "INCREMENTAL_EXPORT",
  "IncrementalExportSpecification": {"ExportFromTime": 1780308000, "ExportViewType": "NEW_IMAGE"}}'), '$.ExportDescription.ItemCount');
-- It has to be there to the end of the period, whenever its last change was.
SELECT dynamo_alter('only_new', 'stream = NULL');
SELECT dynamo_clock('+1 hour');
SELECT json_extract(dynamo_api('ExportTableToPointInTime', '{"TableArn": "only_new", "S3Bucket": "exports", "ExportType": "INCREMENTAL_EXPORT",
  "IncrementalExportSpecification": {"ExportFromTime": 1780308000, "ExportToTime": 1780313400, "ExportViewType": "NEW_IMAGE"}}'), '$.ExportDescription.ItemCount');
SELECT dynamo_api('ExportTableToPointInTime', '{"TableArn": "only_new", "S3Bucket": "exports", "ExportType": "INCREMENTAL_EXPORT",
  "IncrementalExportSpecification": {"ExportFromTime": 1780308000, "ExportViewType": "NEW_IMAGE"}}');
-- A period that begins more than a day ago is not there any more.
CREATE VIRTUAL TABLE long_ago USING dynamo(id TEXT PARTITION KEY, stream = 'NEW_IMAGE');
INSERT INTO long_ago VALUES('a');
SELECT dynamo_clock('+30 hours');
SELECT dynamo_api('ExportTableToPointInTime', json_object('TableArn', 'long_ago', 'S3Bucket', 'exports', 'ExportType', 'INCREMENTAL_EXPORT',
  'IncrementalExportSpecification', json_object('ExportFromTime', unixepoch('2026-06-01 14:00:00'), 'ExportToTime', unixepoch('2026-06-02 14:00:00'), 'ExportViewType', 'NEW_IMAGE')));
-- Keys alone are no images.
CREATE VIRTUAL TABLE only_keys USING dynamo(id TEXT PARTITION KEY, stream = 'KEYS_ONLY');
SELECT dynamo_clock('+1 hour');
INSERT INTO only_keys VALUES('a');
SELECT dynamo_clock('+1 hour');
SELECT dynamo_api('ExportTableToPointInTime', json_object('TableArn', 'only_keys', 'S3Bucket', 'exports', 'ExportType', 'INCREMENTAL_EXPORT',
  'IncrementalExportSpecification', json_object('ExportFromTime', unixepoch('2026-06-02 19:30:00'), 'ExportViewType', 'NEW_IMAGE')));
