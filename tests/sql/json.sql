-- Items in plain JSON, in DynamoDB's typed form, or mixed.
CREATE VIRTUAL TABLE docs USING dynamo(id TEXT PARTITION KEY, v);
INSERT INTO docs(item) VALUES('{"id":"plain","s":"x","n":1.50,"t":true,"f":false,"z":null,"l":[1,"a",[]],"m":{"k":{"k":1}}}');
INSERT INTO docs(item) VALUES('{"id":{"S":"typed"},"s":{"S":"x"},"n":{"N":"1.50"},"t":{"BOOL":true},"z":{"NULL":true},"l":{"L":[{"N":"1"}]},"m":{"M":{"k":{"S":"v"}}}}');
INSERT INTO docs(item) VALUES('{"id":"sets","ss":{"SS":["b","a"]},"ns":{"NS":["10","9"]},"bs":{"BS":["/w==","AA=="]},"b":{"B":"AAH/"}}');
SELECT item FROM docs WHERE id IN ('plain', 'typed', 'sets');
SELECT dynamo_json(item) FROM docs WHERE id IN ('plain', 'typed', 'sets');

-- An object is typed only when it is exactly of typed form.
INSERT INTO docs(item) VALUES('{"id":"maps","a":{"S":1},"b":{"S":"x","N":"1"},"c":{"s":"x"},"d":{"L":[1]},"e":{"NULL":false}}');
INSERT INTO docs(item) VALUES('{"id":"looks","a":{"M":{"S":{"S":"x"}}},"b":{"M":{"BOOL":{"BOOL":true}}},"c":{"M":{"L":{"L":[]}}}}');
SELECT item FROM docs WHERE id IN ('maps', 'looks');
SELECT dynamo_json(item) FROM docs WHERE id IN ('maps', 'looks');
SELECT count(*) FROM docs('scan') WHERE dynamo_json(dynamo_json(item)) <> dynamo_json(item);

-- A column shows a scalar as SQLite's type, and the rest as JSON.
INSERT INTO docs(item) VALUES('{"id":"v-s","v":"x"}'), ('{"id":"v-n","v":1.5}'), ('{"id":"v-t","v":true}'), ('{"id":"v-z","v":null}'), ('{"id":"v-b","v":{"B":"AAH/"}}'), ('{"id":"v-l","v":[1,{"a":2}]}'), ('{"id":"v-m","v":{"a":1}}'), ('{"id":"v-ss","v":{"SS":["a"]}}'), ('{"id":"v-none"}');
SELECT id, typeof(v), quote(v) FROM docs('scan') WHERE id GLOB 'v-*' ORDER BY id;
SELECT id, item ->> '$.m.k.k' AS k, item -> 'l' AS l FROM docs WHERE id = 'plain';

-- Escapes and Unicode.
INSERT INTO docs(item) VALUES('{"id":"text","a":"\u00e4\ud83d\ude00\n\t\"\\\/","b":"ä😀","c":"\u0001\u007f"}');
SELECT item FROM docs WHERE id = 'text';
SELECT dynamo_item_size('{"ä":"😀"}');

-- Size of an item (docs/semantics.md 1).
SELECT dynamo_item_size('{"shirt-color":{"S":"R"},"shirt-size":{"S":"M"}}');
SELECT dynamo_item_size('{"l":[1,"a"],"m":{"k":null},"s":{"SS":["ab","c"]}}');
SELECT dynamo_item_size(NULL), dynamo_json(NULL);

-- What is no item.
SELECT dynamo_json('');
SELECT dynamo_json('null');
SELECT dynamo_json('[]');
SELECT dynamo_json('{"a":1,}');
SELECT dynamo_json('{"a":01}');
SELECT dynamo_json('{"a":.5}');
SELECT dynamo_json('{"a":NaN}');
SELECT dynamo_json('{''a'':1}');
SELECT dynamo_json('{"a":1} x');
SELECT dynamo_json('{"a":"');
SELECT dynamo_json('{"a":"\x"}');
SELECT dynamo_json('{"a":"\ud800"}');
SELECT dynamo_json('{"a":1,"b":2,"a":3}');
SELECT dynamo_json('{"a":{"x":1,"x":2}}');
SELECT dynamo_json(x'7b2261223a22ff227d');
SELECT dynamo_json(x'7b2261223a22c080227d');
SELECT dynamo_json(x'7b2261223a22eda080227d');
SELECT dynamo_json(x'7b7d');
SELECT dynamo_json('{"a":{"SS":[]}}');
SELECT dynamo_json('{"a":{"SS":["x","x"]}}');
SELECT dynamo_json('{"a":{"B":"AAH"}}');
SELECT dynamo_json('{"a":{"N":"one"}}');

-- Nesting: 32 levels are stored, 33 are refused; JSON itself ends at 100.
INSERT INTO docs(item) VALUES('{"id":"deep","v":' || replace(hex(zeroblob(16)), '0', '[') || replace(hex(zeroblob(16)), '0', ']') || '}');
INSERT INTO docs(item) VALUES('{"id":"deeper","v":[' || replace(hex(zeroblob(16)), '0', '[') || replace(hex(zeroblob(16)), '0', ']') || ']}');
SELECT length(dynamo_json('{"v":' || replace(printf('%.*c', 99, 'x'), 'x', '[') || replace(printf('%.*c', 99, 'x'), 'x', ']') || '}'));
SELECT dynamo_json('{"v":' || replace(printf('%.*c', 100, 'x'), 'x', '[') || replace(printf('%.*c', 100, 'x'), 'x', ']') || '}');
SELECT id, length(item) FROM docs WHERE id IN ('deep', 'deeper');

-- json_set on an item.
UPDATE docs SET item = json_set(item, '$.n', 2, '$.new', json('[1]')), v = 'both' WHERE id = 'typed';
SELECT item FROM docs WHERE id = 'typed';
SELECT dynamo_check('docs');
