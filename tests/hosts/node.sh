#!/bin/sh
# better-sqlite3 as a host: a newer SQLite, which sets DEFENSIVE.
# usage: node.sh DYNAMO.SO; exit 77 (skipped) without node, npm or the package.
# The package is compiled, with the headers of the node that is installed; the
# version is the last one for node 20.
set -u
so=$(realpath "$1")
version=${BETTER_SQLITE3:-11.10.0}

skip() { echo "skip: $1"; exit 77; }
command -v node >/dev/null || skip "no node"
command -v npm >/dev/null || skip "no npm"
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1
npm init -y >/dev/null 2>&1
headers=$(dirname "$(dirname "$(realpath "$(command -v node)")")")
timeout 600 npm install --no-audit --no-fund "better-sqlite3@$version" \
    --build-from-source --nodedir="$headers" >npm.log 2>&1 || skip "npm cannot install better-sqlite3@$version"
node -e 'require("better-sqlite3")(":memory:")' 2>load.log ||
    skip "better-sqlite3@$version does not start here"

cat >check.js <<'END'
const assert = require('assert')
const open = file => {
  const db = require('better-sqlite3')(file)
  db.loadExtension(process.argv[2])
  return db
}
const db = open('file.db')
db.loadExtension(process.argv[2])                                    // again
db.exec(`CREATE VIRTUAL TABLE orders USING dynamo(id TEXT PARTITION KEY,
         day TEXT SORT KEY, amount NUMBER, partition_bytes = 3000)`)
const put = db.prepare('INSERT INTO orders(item) VALUES(?)')
db.transaction(() => {
  for (let i = 0; i < 50; i++) {
    put.run(JSON.stringify({ id: 'c' + i % 7, day: 'd' + i, amount: i,
                             t: 'x'.repeat(i * 40) }))
  }
})()
const value = (sql, ...p) => db.prepare(sql).pluck().get(...p)
assert.equal(value("SELECT count(*) FROM orders WHERE id = 'c1'"), 7)
assert.equal(value("SELECT dynamo_check('orders')"), 'ok')
assert.throws(() => put.run('{"id":"c1","day":"d1"}'),
              e => e.code === 'SQLITE_CONSTRAINT')
assert.throws(() => db.exec('SELECT * FROM orders'), /orders: /)
// DEFENSIVE protects the shadow tables
assert.throws(() => db.exec('DELETE FROM orders_leaves'), /may not be modified/)
// a large item is changed in place, in a shadow table
db.exec(`UPDATE orders SET item = json_set(item, '$.t', printf('%.*c', 20000, 'y'))
         WHERE id = 'c1' AND day = 'd1'`)
for (const amount of [123456, 7, 1]) {
  db.prepare("UPDATE orders SET amount = ? WHERE id = 'c1' AND day = 'd1'").run(amount)
  assert.equal(value("SELECT amount FROM orders WHERE id = 'c1' AND day = 'd1'"), amount)
}
assert.equal(value("SELECT dynamo_check('orders')"), 'ok')
// xIntegrity
assert.equal(value('PRAGMA integrity_check'), 'ok')
db.exec('BEGIN; ROLLBACK')
require('child_process').execFileSync('sqlite3', ['file.db',
  'UPDATE orders_partitions SET items = items + 1 WHERE items > 0'])
assert.match(value('PRAGMA integrity_check'), /^orders: partition \d+: items/)
require('child_process').execFileSync('sqlite3', ['file.db',
  'UPDATE orders_partitions SET items = items - 1 WHERE items > 0'])
assert.equal(value('PRAGMA integrity_check'), 'ok')
const other = open('file.db')
assert.equal(other.prepare("SELECT sum(items) FROM dynamo_partitions('orders')")
             .pluck().get(), 50)
other.exec("UPDATE orders SET amount = amount + 1 WHERE id = 'c1' AND day = 'd1'")
assert.equal(value("SELECT amount FROM orders WHERE id = 'c1' AND day = 'd1'"), 2)
other.exec('DROP TABLE orders')
assert.equal(value('SELECT count(*) FROM sqlite_schema'), 0)
other.close()
db.close()
console.log('ok, SQLite ' + open(':memory:').prepare('SELECT sqlite_version()')
            .pluck().get())
END
node check.js "$so"
