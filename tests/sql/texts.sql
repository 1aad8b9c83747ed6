-- Texts of all characters, and their order, which is that of their UTF-8
-- whatever the encoding of the database is.
CREATE VIRTUAL TABLE words USING dynamo(lang TEXT PARTITION KEY, word TEXT SORT KEY, "größe" TEXT, GLOBAL INDEX by_size ("größe", word));
INSERT INTO words VALUES('ж', 'a', 'é'), ('ж', 'é', 'é'), ('ж', 'Ā', '😀'), ('ж', char(0xe000), '😀'), ('ж', '😀', '😀');
SELECT word FROM words WHERE lang = 'ж' ORDER BY word;
SELECT word FROM words WHERE lang = 'ж' AND word > 'é' ORDER BY word DESC;
SELECT word FROM words WHERE "größe" = '😀' AND begins_with(word, '😀');
SELECT word FROM words WHERE lang = 'ж' UNION SELECT word FROM words WHERE "größe" = '😀' ORDER BY word;
SELECT item FROM words WHERE lang = 'ж' AND word = 'é';
UPDATE words SET "größe" = 'ü' WHERE lang = 'ж' AND word = '😀';
SELECT dynamo_matches(item, '"größe" = ''ü''') FROM words WHERE lang = 'ж' AND word >= '😀';

-- JSON can bring characters that SQLite does not take over into UTF-16, and
-- they come back.
SELECT dynamo_json('{"a":"\ufffe"}');
INSERT INTO words(item) VALUES('{"lang":"x","word":"\uffff\ud83d\ude00"}');
SELECT word FROM words WHERE lang = 'x';
SELECT dynamo_matches(item, 'word = :w', NULL, '{":w":"\uffff\ud83d\ude00"}') FROM words WHERE lang = 'x';

-- What is kept beside the items.
SELECT dynamo_alter('words', 'ADD GLOBAL INDEX later ("größe")');
SELECT dynamo_api('TagResource', '{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/words","Tags":[{"Key":"😀","Value":"é"},{"Key":"Ā","Value":"ж"}]}');
SELECT dynamo_api('ListTagsOfResource', '{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/words"}');
SELECT dynamo_api('TransactWriteItems', '{"ClientRequestToken":"é😀","TransactItems":[{"Delete":{"TableName":"words","Key":{"lang":{"S":"ж"},"word":{"S":"a"}}}}]}');
SELECT name FROM words_meta WHERE name LIKE 'tag %' OR name LIKE 'token %' ORDER BY name COLLATE dynamo;
SELECT dynamo_check('words');
