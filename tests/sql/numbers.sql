-- Numbers have up to 38 digits. A column shows one as an INTEGER or a REAL where that
-- loses nothing, and as text where it would; the item always has every digit.
CREATE VIRTUAL TABLE n USING dynamo(id TEXT PARTITION KEY, v NUMBER, t TEXT);
INSERT INTO n(id, v) VALUES('integer', 42), ('real', 1.5), ('negative', -12345), ('zero', -0.0);
INSERT INTO n(id, v) VALUES('max int64', 9223372036854775807), ('min int64', -9223372036854775808);
INSERT INTO n(id, v) VALUES('a third', 1.0 / 3), ('0.1', 0.1), ('1e23', 1e23), ('2^53 + 1', 9007199254740993);
INSERT INTO n(id, v) VALUES('38 digits', '12345678901234567890123456789012345678'), ('38 nines', '-99999999999999999999999999999999999999');
INSERT INTO n(id, v) VALUES('trimmed', '0042.1200'), ('1e125', '1E125'), ('1e-130', '1e-130'), ('2^63', '9223372036854775808');
SELECT id, typeof(v), v FROM n('scan') ORDER BY v, id;
SELECT item FROM n WHERE id IN ('38 digits', 'trimmed', '1e125', '1e-130', '2^63', 'zero') ORDER BY id;

-- Text that is a number enters a NUMBER column as a number; other text stays text. A number enters a TEXT column as text.
INSERT INTO n(id, v, t) VALUES('text', '12.50', 12.5), ('blanks', ' 7 ', 7), ('no number', '12 apples', x'61');
INSERT INTO n(id, v, t) VALUES('exponent', '1e3', 1e3), ('plus', '+1', +1), ('hex', '0x10', 0x10), ('empty', '', '');
SELECT id, typeof(v), v, typeof(t), quote(t), item FROM n WHERE id IN ('text', 'blanks', 'no number', 'exponent', 'plus', 'hex', 'empty') ORDER BY id;

-- What is out of range.
INSERT INTO n(id, v) VALUES('x', '123456789012345678901234567890123456789');
INSERT INTO n(id, v) VALUES('x', '1e126');
INSERT INTO n(id, v) VALUES('x', '-1e126');
INSERT INTO n(id, v) VALUES('x', '1e-131');
INSERT INTO n(id, v) VALUES('x', 1e300);
INSERT INTO n(id, v) VALUES('x', 1e-300);
INSERT INTO n(id, v) VALUES('x', 9e999);
INSERT INTO n(id, item) VALUES('x', '{"v":1e126}');
INSERT INTO n(id, item) VALUES('x', '{"v":{"N":"1e-131"}}');
INSERT INTO n(id, item) VALUES('x', '{"v":{"NS":["1","x"]}}');
SELECT count(*) FROM n WHERE id = 'x';

-- A sort key is in the order of the numbers, with all their digits.
CREATE VIRTUAL TABLE s USING dynamo(id TEXT PARTITION KEY, n NUMBER SORT KEY, t TEXT);
INSERT INTO s(id, n) VALUES('a', 10), ('a', 9), ('a', -1), ('a', '-1.5'), ('a', 0), ('a', 1e-130), ('a', '1e125');
INSERT INTO s(id, n) VALUES('a', '12345678901234567890123456789012345678'), ('a', '12345678901234567890123456789012345677');
SELECT n FROM s WHERE id = 'a' ORDER BY n;
SELECT n FROM s WHERE id = 'a' AND n > -1 AND n <= '10' ORDER BY n DESC;
SELECT n FROM s WHERE id = 'a' AND n = '12345678901234567890123456789012345678';
SELECT n FROM s WHERE id = 'a' AND n < 'text' ORDER BY n LIMIT 2;
SELECT n FROM s WHERE id = 'a' AND n > 'text';
INSERT INTO s(id, n) VALUES('a', '10.0');
INSERT INTO s(id, n) VALUES('a', 'ten');
INSERT INTO s(id, n) VALUES('a', NULL);
INSERT INTO s(id, n) VALUES('a', x'31');

-- A TEXT key takes a number as text, and compares as text.
INSERT INTO s(id, n) VALUES(7, 1);
SELECT id, typeof(id) FROM s WHERE id = 7;
SELECT id FROM s WHERE id = '7';
SELECT id FROM s WHERE id = 7.0;

-- Sizes (docs/semantics.md 1): the name has one byte.
SELECT value, dynamo_item_size('{"a":' || value || '}') - 1 AS bytes
  FROM json_each('["0","1","12","123","1010","123456","100","1E125","1.5","3.14159","100.5","0.15","-42","-12345","12345678901234567890123456789012345678"]');
