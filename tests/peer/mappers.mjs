// Libraries that people put on top of DynamoDB's SDK, with dynamo-server: the
// first steps of each one's guide. Dynamoose's is run as its README has it.
//
// usage: node mappers.mjs PORT, where they are installed; mappers.sh does both.
// Prints a line for each claim; exits 1 when one does not hold.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as sdk from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { Entity, Service } from 'electrodb'
import * as toolbox from 'dynamodb-toolbox'
import { Table } from 'dynamodb-onetable'
import session from 'express-session'
import connectDynamoDB from 'connect-dynamodb'
import dynamoose from 'dynamoose'

const require = createRequire(import.meta.url)
const client = new sdk.DynamoDBClient({
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${process.argv[2]}`,
  credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' }
})

let failures = 0
async function claim (text, check) {
  try {
    await check()
    console.log(`ok   ${text}`)
  } catch (error) {
    failures++
    const lines = String(error.stack ?? error).split('\n')
    console.log(`FAIL ${text}: ${lines.slice(0, 12).join('\n')}`)
  }
}

async function makeTable (TableName, keys, indexes = []) {
  const schema = ([hash, range]) => [
    { AttributeName: hash, KeyType: 'HASH' },
    ...(range ? [{ AttributeName: range, KeyType: 'RANGE' }] : [])]
  const names = new Set([keys, ...indexes].flat())
  await client.send(new sdk.CreateTableCommand({
    TableName,
    KeySchema: schema(keys),
    AttributeDefinitions: [...names].map(AttributeName =>
      ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: indexes.length === 0 ? undefined : indexes.map(
      (index, i) => ({
        IndexName: `gsi${i + 1}`,
        KeySchema: schema(index),
        Projection: { ProjectionType: 'ALL' }
      })),
    BillingMode: 'PAY_PER_REQUEST'
  }))
  await sdk.waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 0.05 },
    { TableName })
}

// -------------------------------------------------------------- ElectroDB --

await claim('ElectroDB: entities, collections, patches and pages', async () => {
  const table = 'electro'
  await makeTable(table, ['pk', 'sk'], [['gsi1pk', 'gsi1sk']])
  const keys = (index, pk, sk, collection) => ({
    index, collection,
    pk: { field: `${index ?? ''}pk`, composite: pk },
    sk: { field: `${index ?? ''}sk`, composite: sk }
  })
  const Task = new Entity({
    model: { entity: 'tasks', version: '1', service: 'taskapp' },
    attributes: {
      team: { type: 'string', required: true },
      project: { type: 'string', required: true },
      task: { type: 'string', required: true },
      status: { type: ['open', 'in-progress', 'closed'], default: 'open' },
      points: { type: 'number' },
      comments: {
        type: 'list',
        items: {
          type: 'map',
          properties: { user: { type: 'string' }, body: { type: 'string' } }
        }
      }
    },
    indexes: {
      projects: keys(undefined, ['team'], ['project', 'task']),
      assigned: keys('gsi1', ['project'], ['status', 'task'], 'work')
    }
  }, { client, table })
  const Note = new Entity({
    model: { entity: 'notes', version: '1', service: 'taskapp' },
    attributes: {
      id: { type: 'string', required: true },
      project: { type: 'string', required: true },
      text: { type: 'string' }
    },
    indexes: {
      notes: keys(undefined, ['id'], []),
      byProject: keys('gsi1', ['project'], ['id'], 'work')
    }
  }, { client, table })
  for (let i = 0; i < 25; i++) {
    await Task.create({
      team: 'core', project: i % 2 ? 'backend' : 'frontend',
      task: `45-${600 + i}`, status: 'in-progress', points: 1, comments: []
    }).go()
  }
  await Note.put([{ id: 'n1', project: 'backend', text: 'x' },
    { id: 'n2', project: 'other' }]).go()
  await assert.rejects(Task.create(
    { team: 'core', project: 'backend', task: '45-601' }).go())
  await Task.patch({ team: 'core', project: 'backend', task: '45-601' })
    .set({ status: 'open' }).add({ points: 5 })
    .append({ comments: [{ user: 'janet', body: 'This seems half-baked.' }] })
    .where(({ status }, { eq }) => eq(status, 'in-progress')).go()
  const { data } = await Task.get(
    { team: 'core', project: 'backend', task: '45-601' }).go()
  assert.deepEqual([data.status, data.points, data.comments.length],
    ['open', 6, 1])
  const found = await Task.query.assigned({ project: 'backend' })
    .begins({ status: 'in-progress' }).go()
  assert.equal(found.data.length, 11)
  let cursor = null
  let count = 0
  do {
    const page = await Task.query.projects({ team: 'core' }).go({ cursor, limit: 4 })
    count += page.data.length
    cursor = page.cursor
  } while (cursor !== null)
  assert.equal(count, 25)
  const app = new Service({ Task, Note })
  const work = await app.collections.work({ project: 'backend' }).go()
  assert.deepEqual([work.data.Task.length, work.data.Note.length], [12, 1])
  await app.transaction.write(({ Task, Note }) => [
    Task.delete({ team: 'core', project: 'backend', task: '45-603' }).commit(),
    Note.upsert({ id: 'n1', project: 'backend', text: 'y' }).commit()]).go()
  assert.equal((await Note.get({ id: 'n1' }).go()).data.text, 'y')
})

// ------------------------------------------------------- dynamodb-toolbox --

await claim('DynamoDB-Toolbox: put, get, update, query and batches', async () => {
  await makeTable('toolbox', ['pk', 'sk'])
  const table = new toolbox.Table({
    name: 'toolbox',
    documentClient: DynamoDBDocumentClient.from(client),
    partitionKey: { name: 'pk', type: 'string' },
    sortKey: { name: 'sk', type: 'string' }
  })
  const { string, item, list } = toolbox
  const Music = new toolbox.Entity({
    name: 'Music',
    table,
    schema: item({
      artist: string().key().savedAs('pk'),
      songTitle: string().key().savedAs('sk'),
      albumTitle: string().optional(),
      year: string().optional(),
      tags: list(string()).default([])
    })
  })
  const key = { artist: 'Acme Band', songTitle: 'Happy Day' }
  await Music.build(toolbox.PutItemCommand).item(key).send()
  const { Attributes } = await Music.build(toolbox.UpdateItemCommand)
    .item({ ...key, albumTitle: 'Louder Than Ever', year: '2015',
      tags: toolbox.$append(['rock']) })
    .options({ returnValues: 'ALL_NEW' }).send()
  assert.deepEqual([Attributes.albumTitle, Attributes.tags],
    ['Louder Than Ever', ['rock']])
  const { Item } = await Music.build(toolbox.GetItemCommand).key(key)
    .options({ consistent: true }).send()
  assert.equal(Item.year, '2015')
  await assert.rejects(Music.build(toolbox.PutItemCommand).item(key)
    .options({ condition: { attr: 'artist', exists: false } }).send(),
  sdk.ConditionalCheckFailedException)
  const { Items } = await table.build(toolbox.QueryCommand)
    .query({ partition: 'Acme Band', range: { beginsWith: 'Happy' } })
    .entities(Music).send()
  assert.equal(Items.length, 1)
  await Music.build(toolbox.DeleteItemCommand).key(key).send()
})

// --------------------------------------------------------------- OneTable --

await claim('OneTable: makes its table, models, finds and transactions', async () => {
  const table = new Table({
    client,
    name: 'MyTable',
    partial: false,
    schema: {
      format: 'onetable:1.1.0',
      version: '0.0.1',
      indexes: {
        primary: { hash: 'pk', sort: 'sk' },
        gs1: { hash: 'gs1pk', sort: 'gs1sk', follow: true },
        ls1: { sort: 'id', type: 'local' }
      },
      models: {
        Account: {
          pk: { type: String, value: 'account:${id}' },
          sk: { type: String, value: 'account:' },
          id: { type: String, generate: 'ulid' },
          name: { type: String, required: true },
          status: { type: String, default: 'active' }
        },
        User: {
          pk: { type: String, value: 'account:${accountId}' },
          sk: { type: String, value: 'user:${email}' },
          id: { type: String, generate: 'ulid' },
          accountId: { type: String, required: true },
          email: { type: String, required: true, unique: true },
          role: { type: String, enum: ['user', 'admin'], default: 'user' },
          balance: { type: Number, default: 0 },
          gs1pk: { type: String, value: 'user-email:${email}' },
          gs1sk: { type: String, value: 'user:' }
        }
      },
      params: { isoDates: true, timestamps: true }
    }
  })
  await table.createTable()
  assert.ok(await table.exists())
  const Account = table.getModel('Account')
  const User = table.getModel('User')
  const account = await Account.create({ name: 'Acme Airplanes' })
  assert.equal((await Account.get({ id: account.id })).name, 'Acme Airplanes')
  for (let i = 0; i < 5; i++) {
    await User.create({
      accountId: account.id, email: `u${i}@example.com`, balance: i * 50,
      role: i === 0 ? 'admin' : 'user'
    })
  }
  await assert.rejects(User.create(
    { accountId: account.id, email: 'u1@example.com' }), /unique/i)
  const user = await User.get({ email: 'u3@example.com' },
    { index: 'gs1', follow: true })
  assert.equal(user.balance, 150)
  const rich = await User.find({ accountId: account.id },
    { where: '${balance} > {100.00}' })
  assert.equal(rich.length, 2)
  assert.equal((await User.find({ accountId: account.id, role: 'admin' },
    { count: true })).count, 1)
  const transaction = {}
  await Account.update({ id: account.id, status: 'closed' }, { transaction })
  await User.update({ accountId: account.id, email: 'u0@example.com' },
    { add: { balance: 10 }, transaction })
  await table.transact('write', transaction)
  assert.equal((await Account.get({ id: account.id })).status, 'closed')
  await table.deleteTable('DeleteTableForever')
})

// -------------------------------------------------------------- Dynamoose --

await claim("Dynamoose: the example of its README, and a query", async () => {
  dynamoose.aws.ddb.set(new sdk.DynamoDB({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${process.argv[2]}`,
    credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' }
  }))
  const readme = readFileSync(require.resolve('dynamoose')
    .replace(/dynamoose\/dist.*/, 'dynamoose/README.md'), 'utf8')
  const [, example] = readme.match(/```ts\n(import \* as dynamoose[\s\S]*?)```/)
  writeFileSync('example.mjs', example.replace('import * as dynamoose from',
    'import dynamoose from') + '\nexport { Book, allBooks };\n')
  const { Book, allBooks } = await import(`${process.cwd()}/example.mjs`)
  assert.equal(allBooks.count, 1)
  const [{ id }] = allBooks
  assert.equal((await Book.get(id)).author, 'J.K. Rowling')
  const found = await Book.query('id').eq(id).exec()
  assert.equal(found.count, 1)
  await Book.update({ id }, { pageCount: 224 })
  assert.equal((await Book.scan('pageCount').ge(224).exec()).count, 1)
})

// --------------------------------------------------------------- sessions --

await claim('connect-dynamodb keeps sessions of express', async () => {
  const Store = connectDynamoDB(session)
  const store = new Store({ table: 'myapp-sessions', client })
  if (store.initialize) await store.initialize()
  else await makeTable('myapp-sessions', ['id'])
  const ask = (method, ...args) => new Promise((resolve, reject) =>
    store[method](...args, (error, value) => error ? reject(error) : resolve(value)))
  const cookie = { maxAge: 60000, originalMaxAge: 60000 }
  await ask('set', 'sid1', { cookie, name: 'ann', views: 1 })
  assert.equal((await ask('get', 'sid1')).name, 'ann')
  await ask('touch', 'sid1', { cookie, name: 'ann' })
  await ask('destroy', 'sid1')
  assert.ok(!await ask('get', 'sid1'))
})

process.exit(failures > 0 ? 1 : 0)
