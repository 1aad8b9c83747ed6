.headers off
-- ExecuteStatement: PartiQL, one statement at a time.
CREATE VIRTUAL TABLE Music USING dynamo(
  Artist TEXT PARTITION KEY, Song TEXT SORT KEY, Year NUMBER,
  LOCAL INDEX by_year (Year) PROJECT KEYS,
  GLOBAL INDEX by_genre (Genre TEXT, Year) PROJECT (Label));

-- INSERT makes a new item, of literals and parameters.
SELECT dynamo_api('ExecuteStatement', '{"Statement": "INSERT INTO \"Music\" VALUE {''Artist'': ''Nina'', ''Song'': ''Sinnerman'', ''Year'': 1965, ''Genre'': ?, ''Live'': false, ''Note'': null, ''Tags'': <<''b'', ''a''>>, ''Deep'': {''l'': [1, -2.50, {''it''''s'': []}]}}",
  "Parameters": [{"S": "jazz"}], "ReturnConsumedCapacity": "INDEXES"}');
SELECT item FROM Music WHERE Artist = 'Nina';
SELECT dynamo_api('ExecuteStatement', '{"Statement": "INSERT INTO Music VALUE {''Artist'': ''Nina'', ''Song'': ''Sinnerman''}"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "INSERT INTO Music VALUE ?", "Parameters": [{"M": {"Artist": {"S": "Nina"}, "Song": {"S": "Four Women"}, "Year": {"N": "1966"}, "Genre": {"S": "jazz"}, "Label": {"S": "Philips"}}}]}');
INSERT INTO Music(Artist, Song, Year) VALUES('Nina', 'Lilac Wine', 1966), ('Otis', 'Respect', 1965), ('Otis', 'Shake', 1965), ('Bill', 'Spring', NULL);

-- With the whole key by equality, SELECT costs what GetItem does.
SELECT dynamo_api('ExecuteStatement', '{"Statement": "SELECT Song, Deep.l[1], \"Tags\" FROM \"Music\" WHERE Artist = ? AND Song = ''Sinnerman''", "Parameters": [{"S": "Nina"}], "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "select * from Music where ''Nope'' = Artist and Song = ''x''", "ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "SELECT Song FROM Music WHERE Artist = ''Nina'' AND Song = ''Sinnerman'' AND Year > 1965"}');

-- With the partition key it is a query, and the rest filters what has been paid for.
SELECT dynamo_api('ExecuteStatement', '{"Statement": "SELECT Song FROM Music WHERE Artist = ''Nina'' ORDER BY Song DESC", "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "SELECT Song FROM Music WHERE Artist = ''Nina'' AND Song BETWEEN ''F'' AND ''M'' AND (Year = 1966 OR contains(Tags, ''a''))"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "SELECT Song FROM Music WHERE begins_with(Song, ''S'') AND Artist IN (''Otis'', ''Nina'', ''Otis'', ''Nobody'')", "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "SELECT * FROM \"Music\".\"by_genre\" WHERE Genre = ''jazz'' AND Year >= 1960 ORDER BY Year DESC", "ReturnConsumedCapacity": "INDEXES"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "SELECT Song, Label FROM Music.by_year WHERE Artist = ''Nina'' AND Year = 1966", "ReturnConsumedCapacity": "TOTAL"}');

-- Without it, a scan.
SELECT dynamo_api('ExecuteStatement', '{"Statement": "SELECT Artist FROM Music WHERE Year IS MISSING -- of all"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "SELECT Song FROM Music WHERE Note IS NULL AND Label IS MISSING AND Tags IS NOT MISSING AND NOT size(Tags) <> 2 AND Year IN [1964, 1965]"}');

-- Pages: NextToken goes with the statement and its parameters.
CREATE TABLE page AS SELECT dynamo_api('ExecuteStatement', '{"Statement": "SELECT Artist, Song FROM Music WHERE Artist IN [?, ?]", "Parameters": [{"S": "Otis"}, {"S": "Nina"}], "Limit": 2}') AS answer;
SELECT answer -> '$.Items', answer -> '$.LastEvaluatedKey' FROM page;
UPDATE page SET answer = dynamo_api('ExecuteStatement', json_set('{"Statement": "SELECT Artist, Song FROM Music WHERE Artist IN [?, ?]", "Parameters": [{"S": "Otis"}, {"S": "Nina"}], "Limit": 2}', '$.NextToken', answer ->> '$.NextToken'));
SELECT answer -> '$.Items', answer -> '$.LastEvaluatedKey' FROM page;
SELECT dynamo_api('ExecuteStatement', json_set('{"Statement": "SELECT Artist, Song FROM Music WHERE Artist IN [?, ?]", "Parameters": [{"S": "Otis"}, {"S": "Bill"}]}', '$.NextToken', answer ->> '$.NextToken')) FROM page;
UPDATE page SET answer = dynamo_api('ExecuteStatement', json_set('{"Statement": "SELECT Artist, Song FROM Music WHERE Artist IN [?, ?]", "Parameters": [{"S": "Otis"}, {"S": "Nina"}], "Limit": 2}', '$.NextToken', answer ->> '$.NextToken'));
SELECT answer FROM page;

-- UPDATE of the item with that key: there must be one.
SELECT dynamo_api('ExecuteStatement', '{"Statement": "UPDATE Music SET Plays = if_not_exists(Plays, 0) + 1, Deep.l[0] = ''one'' SET Tags = set_add(Tags, <<''c''>>) REMOVE Note, Live WHERE Artist = ''Nina'' AND Song = ''Sinnerman'' RETURNING ALL NEW *", "ReturnConsumedCapacity": "TOTAL"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "UPDATE Music SET Tags = set_delete(Tags, <<''a''>>) SET Deep.l = list_append(Deep.l, [''two'']) SET Plays = Plays - 1 WHERE Artist = ''Nina'' AND Song = ''Sinnerman'' AND Plays = 1 RETURNING MODIFIED OLD *"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "UPDATE Music SET Plays = 5 WHERE Artist = ''Nina'' AND Song = ''Sinnerman'' AND Plays = 1", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "UPDATE Music SET Plays = 5 WHERE Artist = ''Nina'' AND Song = ''Nope''"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "UPDATE Music SET Plays = 5 WHERE Artist = ''Nina'' AND Song > ''Nope''"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "UPDATE Music SET Song = ''x'' WHERE Artist = ''Nina'' AND Song = ''Sinnerman''"}');

-- DELETE; deleting nothing is none of its failures.
SELECT dynamo_api('ExecuteStatement', '{"Statement": "DELETE FROM Music WHERE Artist = ''Otis'' AND Song = ''Shake'' AND Year = 1966"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "DELETE FROM Music WHERE Artist = ''Otis'' AND Song = ''Shake'' AND Year = 1965 RETURNING ALL OLD *"}');
SELECT dynamo_api('ExecuteStatement', '{"Statement": "DELETE FROM Music WHERE Artist = ''Otis'' AND Song = ''Shake'' AND Year = 1965 RETURNING ALL OLD *", "ReturnConsumedCapacity": "TOTAL"}');

-- BatchExecuteStatement: each for itself, reads or writes.
SELECT dynamo_api('BatchExecuteStatement', '{"ReturnConsumedCapacity": "TOTAL", "Statements": [
  {"Statement": "INSERT INTO Music VALUE {''Artist'': ''Otis'', ''Song'': ''Shake''}"},
  {"Statement": "INSERT INTO Music VALUE {''Artist'': ''Otis'', ''Song'': ''Respect''}"},
  {"Statement": "UPDATE Music SET Plays = ? WHERE Artist = ''Nina'' AND Song = ''Four Women'' RETURNING MODIFIED NEW *", "Parameters": [{"N": "7"}]},
  {"Statement": "DELETE FROM Music WHERE Artist = ''Nina'' AND Song = ''Lilac Wine'' AND Plays = 1", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"},
  {"Statement": "DELETE FROM Nope WHERE a = 1"},
  {"Statement": "DELETE FROM Music"},
  {"Statement": "DELETE Music"}]}');
SELECT dynamo_api('BatchExecuteStatement', '{"ReturnConsumedCapacity": "TOTAL", "Statements": [
  {"Statement": "SELECT Plays FROM Music WHERE Artist = ''Nina'' AND Song = ''Four Women''", "ConsistentRead": true},
  {"Statement": "SELECT * FROM Music WHERE Artist = ''Nina'' AND Song = ''Nope''"},
  {"Statement": "SELECT * FROM Music WHERE Artist = ''Nina''"}]}');
SELECT dynamo_api('BatchExecuteStatement', '{"Statements": [{"Statement": "SELECT * FROM Music WHERE Artist = ''a'' AND Song = ''b''"}, {"Statement": "DELETE FROM Music WHERE Artist = ''a'' AND Song = ''b''"}]}');
SELECT dynamo_api('BatchExecuteStatement', '{"Statements": [{"Statement": "DELETE FROM Music WHERE Song = ''b'' AND Artist = ''a''"}, {"Statement": "INSERT INTO Music VALUE {''Artist'': ''a'', ''Song'': ''b''}"}]}');
SELECT Artist, Song FROM Music('scan') ORDER BY 1, 2;
SELECT dynamo_check('Music');

-- ExecuteTransaction: all of them, or none.
SELECT dynamo_api('ExecuteTransaction', '{"ReturnConsumedCapacity": "TOTAL", "ClientRequestToken": "t1", "TransactStatements": [
  {"Statement": "INSERT INTO Music VALUE {''Artist'': ''Aretha'', ''Song'': ''Respect''}"},
  {"Statement": "UPDATE Music SET Plays = 1 WHERE Artist = ''Bill'' AND Song = ''Spring''"},
  {"Statement": "DELETE FROM Music WHERE Artist = ''Otis'' AND Song = ''Shake''"},
  {"Statement": "EXISTS(SELECT * FROM Music WHERE Artist = ''Otis'' AND Song = ''Respect'' AND \"Year\" = ?)", "Parameters": [{"N": "1965"}]}]}');
SELECT dynamo_api('ExecuteTransaction', '{"TransactStatements": [
  {"Statement": "INSERT INTO Music VALUE {''Artist'': ''Aretha'', ''Song'': ''Respect''}", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"},
  {"Statement": "UPDATE Music SET Plays = 2 WHERE Artist = ''Bill'' AND Song = ''Spring''"},
  {"Statement": "EXISTS(SELECT * FROM Music WHERE Artist = ''Otis'' AND Song = ''Shake'')"},
  {"Statement": "DELETE FROM Music WHERE Artist = ''Otis''"}]}');
SELECT dynamo_api('ExecuteTransaction', '{"TransactStatements": [
  {"Statement": "INSERT INTO Music VALUE {''Artist'': ''Aretha'', ''Song'': ''Respect''}"},
  {"Statement": "EXISTS(SELECT * FROM Music WHERE Artist = ''Otis'' AND Song = ''Shake'')"}]}');
SELECT dynamo_api('ExecuteTransaction', '{"ReturnConsumedCapacity": "TOTAL", "TransactStatements": [
  {"Statement": "SELECT Plays FROM Music WHERE Artist = ''Bill'' AND Song = ''Spring''"},
  {"Statement": "SELECT * FROM Music WHERE Artist = ''Otis'' AND Song = ''Shake''"}]}');
SELECT dynamo_api('ExecuteTransaction', '{"TransactStatements": [
  {"Statement": "SELECT * FROM Music WHERE Artist = ''Bill'' AND Song = ''Spring''"},
  {"Statement": "DELETE FROM Music WHERE Artist = ''Otis'' AND Song = ''Shake''"}]}');
SELECT dynamo_api('ExecuteTransaction', '{"TransactStatements": [{"Statement": "SELECT * FROM Music WHERE Artist = ''Bill''"}]}');
SELECT dynamo_api('ExecuteTransaction', '{"TransactStatements": [{"Statement": "DELETE FROM Music WHERE Artist = ''Otis'' AND Song = ''Shake'' RETURNING ALL OLD *"}]}');
SELECT dynamo_check('Music');
