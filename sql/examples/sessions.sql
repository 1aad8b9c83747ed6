-- The sessions of a web site: each ends by itself, half an hour after it was used.
--
--   sqlite3 < sql/examples/sessions.sql          (from the project's folder)
.load ./build/dynamo
.headers on
.mode column
.echo on

-- The clock stands still here, so that the example can move it.
SELECT dynamo_clock('2026-03-01 09:00:00');

-- ttl names the attribute that says when an item expires: a number, the second since 1970.
CREATE VIRTUAL TABLE sessions USING dynamo(
  Token     TEXT PARTITION KEY,
  User      TEXT,
  ExpiresAt NUMBER,
  GLOBAL INDEX by_user (User) PROJECT (ExpiresAt),
  ttl = 'ExpiresAt'
);

-- Three people log in.
INSERT INTO sessions
SELECT value ->> 0, value ->> 1, strftime('%s', dynamo_clock(), '+30 minutes')
  FROM json_each('[["t1", "alice"], ["t2", "alice"], ["t3", "bob"]]');

-- Twenty minutes later alice comes back with t1: an update moves the time. bob asks to be remembered: without
-- the attribute an item does not expire.
SELECT dynamo_clock('+20 minutes');
UPDATE sessions SET ExpiresAt = strftime('%s', dynamo_clock(), '+30 minutes') WHERE Token = 't1';
UPDATE sessions SET ExpiresAt = NULL WHERE Token = 't3';

-- Twenty minutes later t2 has expired. It is still there, until it is swept; the word live hides it.
SELECT dynamo_clock('+20 minutes');
SELECT Token FROM sessions WHERE User = 'alice';
SELECT Token FROM sessions('live') WHERE User = 'alice';
SELECT Token FROM sessions('live') WHERE Token = 't2';

-- Any write sweeps a few expired items, and dynamo_maintain() all of them. That costs no units.
INSERT INTO sessions VALUES('t4', 'carol', strftime('%s', dynamo_clock(), '+30 minutes'));
SELECT dynamo_cost() ->> 'write_units' AS write_units;     -- the item and its entry in the index
SELECT Token, User FROM sessions('scan') ORDER BY Token;

-- An hour later only bob's session is left.
SELECT dynamo_clock('+1 hour');
SELECT dynamo_maintain() > 0 AS did_something;
SELECT Token, User FROM sessions('scan') ORDER BY Token;

-- The same through the API.
SELECT dynamo_api('DescribeTimeToLive', '{"TableName": "sessions"}');
