-- Time stands still where it is set, and moves when it is told.
SELECT dynamo_clock('2026-01-01 00:00:00');
SELECT dynamo_clock();
SELECT dynamo_clock('+5 minutes');
SELECT dynamo_clock('-1 day');
SELECT dynamo_clock('+0.250 seconds');
SELECT dynamo_clock('2026-03-01T12:30:15.125Z');
SELECT dynamo_clock('2026-03-01 12:30:15+02:00');
SELECT dynamo_clock('1969-12-31 23:59:59.500');

-- A month is as long as SQLite says.
SELECT dynamo_clock('2024-01-31');
SELECT dynamo_clock('+1 month');

-- What is no time changes nothing.
SELECT dynamo_clock('2026-05-05 05:05:05');
SELECT dynamo_clock('tomorrow');
SELECT dynamo_clock('2026-13-01 00:00:00');
SELECT dynamo_clock('+5 fortnights');
SELECT dynamo_clock('');
SELECT dynamo_clock('2026-02-30');
SELECT dynamo_clock('2026-02-29 23:00:00-02:00');
SELECT dynamo_clock('2026-04-31T10:00Z');
SELECT dynamo_clock(1767225600);
SELECT dynamo_clock(5);
SELECT dynamo_clock('5');
SELECT dynamo_clock('-900000 days');
SELECT dynamo_clock('0000-01-01 00:00+00:01');
SELECT dynamo_clock();

-- A number is a Julian day, as in SQLite; years have four digits.
SELECT dynamo_clock(2461041.5);
SELECT dynamo_clock('2024-02-29 23:30:00-02:00');
SELECT dynamo_clock('0000-01-01');
SELECT dynamo_clock('9999-12-31 23:59:59.999');
SELECT dynamo_clock('2026-05-05 05:05:05');

-- Units are counted in the minute of the clock.
CREATE VIRTUAL TABLE notes USING dynamo(id TEXT PARTITION KEY);
INSERT INTO notes VALUES('a');
SELECT dynamo_clock('+1 minute');
INSERT INTO notes VALUES('b');
INSERT INTO notes VALUES('c');
SELECT table_name, minute, read_units, write_units FROM dynamo_capacity('notes');

-- Also where it is set back, and of an index that is no longer there.
SELECT dynamo_alter('notes', 'ADD GLOBAL INDEX by_tag (tag TEXT)');
INSERT INTO notes(item) VALUES('{"id":"d","tag":"x"}');
SELECT dynamo_clock('-1 minute');
INSERT INTO notes(item) VALUES('{"id":"e","tag":"y"}');
SELECT dynamo_alter('notes', 'DROP INDEX by_tag');
BEGIN;
INSERT INTO notes VALUES('f');
SELECT dynamo_clock('+1 minute');
INSERT INTO notes VALUES('g');
ROLLBACK;
SELECT index_name, minute, read_units, write_units FROM dynamo_capacity('notes');
INSERT INTO notes VALUES('h');
SELECT index_name, minute, read_units, write_units FROM dynamo_capacity('notes');

-- NULL gives the clock back to the system.
SELECT dynamo_clock(NULL) > '2026-06';
SELECT abs(julianday(dynamo_clock()) - julianday('now')) < 1.0 / 86400;
