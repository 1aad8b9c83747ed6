// The AWS SDK for JavaScript v3 against the server: what the SDK itself makes of
// the answers - waiters, paginators, classes of exceptions, numbers, sets.
//
// usage: node sdk.mjs PORT, where the SDK is installed; sdk.sh does both.
// Prints a line for each claim; exits 1 when one does not hold.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import * as sdk from '@aws-sdk/client-dynamodb'
import * as lib from '@aws-sdk/lib-dynamodb'
import * as streaming from '@aws-sdk/client-dynamodb-streams'

const options = {
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${process.argv[2]}`,
  credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' },
  maxAttempts: 1
}
const connect = () => new sdk.DynamoDBClient(options)
const client = connect()
const documents = lib.DynamoDBDocumentClient.from(connect(), {
  marshallOptions: { removeUndefinedValues: true }
})
const exact = lib.DynamoDBDocumentClient.from(connect(), {
  unmarshallOptions: { wrapNumbers: true }
})
const streams = new streaming.DynamoDBStreamsClient(options)
const waiting = { client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 }
const TableName = 'Music'

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

const send = (Command, input) => client.send(new Command(input))
const put = (Item, more = {}) =>
  documents.send(new lib.PutCommand({ TableName, Item, ...more }))
const get = (Key, more = {}) =>
  documents.send(new lib.GetCommand({ TableName, Key, ...more }))

async function all (pages, member) {
  const found = []
  for await (const page of pages) found.push(...page[member])
  return found
}

// ---------------------------------------------------------------- tables --

await claim('a table is made, and a waiter sees it', async () => {
  const made = await send(sdk.CreateTableCommand, {
    TableName,
    AttributeDefinitions: [
      { AttributeName: 'Artist', AttributeType: 'S' },
      { AttributeName: 'Song', AttributeType: 'S' },
      { AttributeName: 'Plays', AttributeType: 'N' },
      { AttributeName: 'Genre', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'Artist', KeyType: 'HASH' },
      { AttributeName: 'Song', KeyType: 'RANGE' }],
    LocalSecondaryIndexes: [{
      IndexName: 'by_plays',
      KeySchema: [{ AttributeName: 'Artist', KeyType: 'HASH' },
        { AttributeName: 'Plays', KeyType: 'RANGE' }],
      Projection: { ProjectionType: 'KEYS_ONLY' }
    }],
    GlobalSecondaryIndexes: [{
      IndexName: 'by_genre',
      KeySchema: [{ AttributeName: 'Genre', KeyType: 'HASH' },
        { AttributeName: 'Plays', KeyType: 'RANGE' }],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['Label'] }
    }],
    BillingMode: 'PAY_PER_REQUEST',
    Tags: [{ Key: 'team', Value: 'records' }]
  })
  assert.equal(made.TableDescription.TableName, TableName)
  const seen = await sdk.waitUntilTableExists(waiting, { TableName })
  assert.equal(seen.state, 'SUCCESS')
})

await claim('its description has dates, keys and indexes', async () => {
  const { Table } = await send(sdk.DescribeTableCommand, { TableName })
  assert.equal(Table.TableStatus, 'ACTIVE')
  assert.ok(Table.CreationDateTime instanceof Date)
  assert.ok(Math.abs(Table.CreationDateTime - Date.now()) < 60000)
  assert.deepEqual(Table.KeySchema.map(k => k.AttributeName),
    ['Artist', 'Song'])
  assert.equal(Table.LocalSecondaryIndexes[0].IndexName, 'by_plays')
  assert.deepEqual(Table.GlobalSecondaryIndexes[0].Projection,
    { ProjectionType: 'INCLUDE', NonKeyAttributes: ['Label'] })
  assert.equal(Table.BillingModeSummary.BillingMode, 'PAY_PER_REQUEST')
  assert.equal(Table.ItemCount, 0)
})

await claim('it is not made twice', async () => {
  await assert.rejects(send(sdk.CreateTableCommand, {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST'
  }), sdk.ResourceInUseException)
})

await claim('tags are listed, added and removed', async () => {
  const { Table } = await send(sdk.DescribeTableCommand, { TableName })
  const ResourceArn = Table.TableArn
  await send(sdk.TagResourceCommand,
    { ResourceArn, Tags: [{ Key: 'stage', Value: 'test' }] })
  await send(sdk.UntagResourceCommand, { ResourceArn, TagKeys: ['team'] })
  const { Tags } = await send(sdk.ListTagsOfResourceCommand, { ResourceArn })
  assert.deepEqual(Tags, [{ Key: 'stage', Value: 'test' }])
})

await claim('tables are listed, a page at a time', async () => {
  for (const name of ['Other1', 'Other2', 'Other3']) {
    await send(sdk.CreateTableCommand, {
      TableName: name,
      AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'N' }],
      KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 }
    })
    await sdk.waitUntilTableExists(waiting, { TableName: name })
  }
  const names = await all(
    sdk.paginateListTables({ client, pageSize: 2 }, {}), 'TableNames')
  assert.deepEqual(names, ['Music', 'Other1', 'Other2', 'Other3'])
})

await claim('throughput and billing are changed', async () => {
  const changed = await send(sdk.UpdateTableCommand, {
    TableName: 'Other1',
    ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 5 }
  })
  assert.ok(['UPDATING', 'ACTIVE'].includes(
    changed.TableDescription.TableStatus))
  await sdk.waitUntilTableExists(waiting, { TableName: 'Other1' })
  const { Table } = await send(sdk.DescribeTableCommand,
    { TableName: 'Other1' })
  assert.equal(Table.ProvisionedThroughput.ReadCapacityUnits, 7)
  await send(sdk.UpdateTableCommand,
    { TableName: 'Other1', BillingMode: 'PAY_PER_REQUEST' })
})

await claim('a table is removed, and a waiter sees that', async () => {
  for (const name of ['Other1', 'Other2', 'Other3']) {
    await send(sdk.DeleteTableCommand, { TableName: name })
    const gone = await sdk.waitUntilTableNotExists(waiting, { TableName: name })
    assert.equal(gone.state, 'SUCCESS')
  }
  await assert.rejects(
    send(sdk.DescribeTableCommand, { TableName: 'Other1' }),
    error => error instanceof sdk.ResourceNotFoundException &&
      error.message ===
        'Requested resource not found: Table: Other1 not found' &&
      error.$metadata.httpStatusCode === 400)
})

// ----------------------------------------------------------------- items --

await claim('an item of every type is put and got as it was', async () => {
  const item = {
    Artist: 'Nina', Song: 'Sinnerman', Plays: 3, Genre: 'jazz',
    live: true, none: null, list: [1, 'two', [3]],
    map: { deep: { deeper: [{ a: 1 }] }, empty: '' },
    texts: new Set(['a', 'b']), numbers: new Set([1, 2.5]),
    bytes: new Uint8Array([0, 1, 254, 255]),
    many: new Set([new Uint8Array([1]), new Uint8Array([2])]),
    left: undefined
  }
  await put(item)
  const { Item } = await get({ Artist: 'Nina', Song: 'Sinnerman' })
  delete item.left
  const sets = ['texts', 'numbers', 'many']
  for (const name of sets) {
    assert.ok(Item[name] instanceof Set)
    assert.deepEqual([...Item[name]].sort(), [...item[name]].sort())
  }
  for (const name of sets) { delete Item[name]; delete item[name] }
  assert.deepEqual(Item, item)
})

await claim('a missing item is undefined', async () => {
  const answer = await get({ Artist: 'Nina', Song: 'none' })
  assert.equal(answer.Item, undefined)
})

await claim('numbers beyond 2^53 keep every digit', async () => {
  const Key = { Artist: 'numbers', Song: '1' }
  const digits = '12345678901234567890123456789012345678'
  await exact.send(new lib.PutCommand({
    TableName,
    Item: {
      ...Key,
      big: lib.NumberValue.from(digits),
      whole: 9007199254740993n,
      tiny: lib.NumberValue.from('1E-130'),
      Plays: 1
    }
  }))
  await exact.send(new lib.UpdateCommand({
    TableName, Key,
    UpdateExpression: 'ADD whole :one',
    ExpressionAttributeValues: { ':one': 1 }
  }))
  const { Item } = await exact.send(new lib.GetCommand({ TableName, Key }))
  assert.equal(Item.big.toString(), digits)
  assert.equal(Item.whole.toBigInt(), 9007199254740994n)
  assert.equal(Item.tiny.toString(), '0.' + '0'.repeat(129) + '1')
  await documents.send(new lib.DeleteCommand({ TableName, Key }))
})

await claim('an update gives what it changed', async () => {
  const { Attributes, ConsumedCapacity } = await documents.send(
    new lib.UpdateCommand({
      TableName, Key: { Artist: 'Nina', Song: 'Sinnerman' },
      UpdateExpression: 'SET Plays = Plays + :n, #l[0] = :x REMOVE live ' +
        'ADD texts :more',
      ExpressionAttributeNames: { '#l': 'list' },
      ExpressionAttributeValues: {
        ':n': 2, ':x': 'first', ':more': new Set(['c'])
      },
      ReturnValues: 'ALL_NEW',
      ReturnConsumedCapacity: 'INDEXES'
    }))
  assert.equal(Attributes.Plays, 5)
  assert.equal(Attributes.list[0], 'first')
  assert.equal('live' in Attributes, false)
  assert.deepEqual([...Attributes.texts].sort(), ['a', 'b', 'c'])
  // the item, and an entry that moves in each of two indexes
  assert.equal(ConsumedCapacity.CapacityUnits, 5)
  assert.equal(ConsumedCapacity.GlobalSecondaryIndexes.by_genre.CapacityUnits, 2)
})

await claim('a failed condition is an exception with the item', async () => {
  await assert.rejects(
    put({ Artist: 'Nina', Song: 'Sinnerman' }, {
      ConditionExpression: 'attribute_not_exists(Artist)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD'
    }),
    error => {
      assert.ok(error instanceof sdk.ConditionalCheckFailedException)
      assert.equal(error.name, 'ConditionalCheckFailedException')
      assert.equal(error.message, 'The conditional request failed')
      assert.equal(error.Item.Plays.N ?? error.Item.Plays, '5')
      return true
    })
})

await claim('a wrong request is a ValidationException', async () => {
  await assert.rejects(get({ Artist: 'Nina' }), error =>
    error instanceof sdk.DynamoDBServiceException &&
    error.name === 'ValidationException' && error.$fault === 'client' &&
    error.message === 'The provided key element does not match the schema')
})

await claim('a request that is no JSON is a SerializationException', async () => {
  const answer = await fetch(`http://127.0.0.1:${process.argv[2]}/`, {
    method: 'POST', body: '{',
    headers: { 'X-Amz-Target': 'DynamoDB_20120810.GetItem' }
  })
  assert.equal(answer.status, 400)
  assert.equal((await answer.json()).__type,
    'com.amazon.coral.service#SerializationException')
})

await claim('deleting gives the item that was', async () => {
  await put({ Artist: 'x', Song: 'y', Plays: 1 })
  const Key = { Artist: 'x', Song: 'y' }
  const first = await documents.send(
    new lib.DeleteCommand({ TableName, Key, ReturnValues: 'ALL_OLD' }))
  assert.deepEqual(first.Attributes, { ...Key, Plays: 1 })
  const second = await documents.send(
    new lib.DeleteCommand({ TableName, Key, ReturnValues: 'ALL_OLD' }))
  assert.equal(second.Attributes, undefined)
})

await claim('fifty connections at once lose no update', async () => {
  const Key = { Artist: 'counter', Song: '1' }
  await Promise.all(Array.from({ length: 200 }, () => documents.send(
    new lib.UpdateCommand({
      TableName, Key,
      UpdateExpression: 'ADD hits :one',
      ExpressionAttributeValues: { ':one': 1 }
    }))))
  assert.equal((await get(Key, { ConsistentRead: true })).Item.hits, 200)
  await documents.send(new lib.DeleteCommand({ TableName, Key }))
})

// ----------------------------------------------------- batches and pages --

await claim('batches write and read', async () => {
  for (let from = 0; from < 75; from += 25) {
    const { UnprocessedItems } = await documents.send(
      new lib.BatchWriteCommand({
        RequestItems: {
          [TableName]: Array.from({ length: 25 }, (_, i) => ({
            PutRequest: {
              Item: {
                Artist: 'Miles', Song: String(from + i).padStart(3, '0'),
                Plays: (from + i) % 10, Genre: 'cool', Label: 'L' + i
              }
            }
          }))
        }
      }))
    assert.deepEqual(UnprocessedItems, {})
  }
  const { Responses, UnprocessedKeys } = await documents.send(
    new lib.BatchGetCommand({
      RequestItems: {
        [TableName]: {
          Keys: [{ Artist: 'Miles', Song: '000' },
            { Artist: 'Miles', Song: '074' },
            { Artist: 'Miles', Song: 'none' }],
          ProjectionExpression: 'Song'
        }
      }
    }))
  assert.deepEqual(Responses[TableName].map(i => i.Song).sort(),
    ['000', '074'])
  assert.deepEqual(UnprocessedKeys, {})
})

await claim('paginateQuery gives all, in order, both ways', async () => {
  const query = ScanIndexForward => ({     // a paginator changes its input
    TableName,
    ScanIndexForward,
    KeyConditionExpression: 'Artist = :a',
    ExpressionAttributeValues: { ':a': 'Miles' }
  })
  const config = { client: documents, pageSize: 10 }
  const up = await all(lib.paginateQuery(config, query(true)), 'Items')
  assert.deepEqual(up.map(i => i.Song),
    Array.from({ length: 75 }, (_, i) => String(i).padStart(3, '0')))
  const down = await all(
    lib.paginateQuery(config, query(false)), 'Items')
  assert.deepEqual(down, up.toReversed())
})

await claim('indexes are queried, with filters and ranges', async () => {
  const found = await all(lib.paginateQuery(
    { client: documents, pageSize: 7 }, {
      TableName,
      IndexName: 'by_genre',
      KeyConditionExpression: 'Genre = :g AND Plays BETWEEN :low AND :high',
      FilterExpression: 'begins_with(Label, :l)',
      ExpressionAttributeValues: { ':g': 'cool', ':low': 3, ':high': 5, ':l': 'L1' }
    }), 'Items')
  assert.ok(found.length > 0)
  assert.ok(found.every(i => i.Plays >= 3 && i.Plays <= 5 &&
    i.Label.startsWith('L1')))
  const { Items, Count } = await documents.send(new lib.QueryCommand({
    TableName,
    IndexName: 'by_plays',
    KeyConditionExpression: 'Artist = :a AND Plays = :n',
    ExpressionAttributeValues: { ':a': 'Miles', ':n': 4 },
    ConsistentRead: true,
    Select: 'ALL_ATTRIBUTES'
  }))
  assert.equal(Count, 8)
  assert.ok(Items.every(i => i.Genre === 'cool'))
})

await claim('paginateScan gives all, in segments too', async () => {
  const whole = await all(lib.paginateScan(
    { client: documents, pageSize: 9 }, { TableName }), 'Items')
  assert.equal(whole.length, 76)
  const parts = await Promise.all([0, 1, 2, 3].map(Segment =>
    all(lib.paginateScan({ client: documents, pageSize: 5 },
      { TableName, Segment, TotalSegments: 4 }), 'Items')))
  assert.equal(parts.flat().length, 76)
  const { Count, ScannedCount } = await documents.send(new lib.ScanCommand({
    TableName, Select: 'COUNT', FilterExpression: 'Plays = :n',
    ExpressionAttributeValues: { ':n': 4 }
  }))
  assert.deepEqual([Count, ScannedCount], [8, 76])
})

// ---------------------------------------------------------- transactions --

const miles = number => ({ Artist: 'Miles', Song: number })

await claim('a transaction is done as a whole', async () => {
  await documents.send(new lib.TransactWriteCommand({
    TransactItems: [
      { Put: { TableName, Item: { ...miles('t1'), Plays: 1 } } },
      {
        Update: {
          TableName, Key: miles('000'),
          UpdateExpression: 'SET Plays = :n',
          ExpressionAttributeValues: { ':n': 99 }
        }
      },
      { Delete: { TableName, Key: miles('001') } },
      {
        ConditionCheck: {
          TableName, Key: miles('002'),
          ConditionExpression: 'attribute_exists(Song)'
        }
      }]
  }))
  assert.equal((await get(miles('000'))).Item.Plays, 99)
  assert.equal((await get(miles('001'))).Item, undefined)
})

await claim('or not at all, with the reasons', async () => {
  await assert.rejects(documents.send(new lib.TransactWriteCommand({
    TransactItems: [
      { Put: { TableName, Item: { ...miles('t2'), Plays: 1 } } },
      {
        Update: {
          TableName, Key: miles('000'),
          UpdateExpression: 'SET Plays = :n',
          ConditionExpression: 'Plays = :old',
          ExpressionAttributeValues: { ':n': 1, ':old': 5 },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD'
        }
      }]
  })), error => {
    assert.ok(error instanceof sdk.TransactionCanceledException)
    assert.match(error.message, /\[None, ConditionalCheckFailed\]$/)
    const [first, second] = error.CancellationReasons
    assert.equal(first.Code, 'None')
    assert.equal(second.Code, 'ConditionalCheckFailed')
    assert.equal(second.Message, 'The conditional request failed')
    assert.equal(second.Item.Plays.N ?? second.Item.Plays, '99')
    return true
  })
  assert.equal((await get(miles('t2'))).Item, undefined)
})

await claim('a token makes it once', async () => {
  const ClientRequestToken = 'token-1'
  const transaction = number => new lib.TransactWriteCommand({
    ClientRequestToken,
    TransactItems: [{
      Update: {
        TableName, Key: miles('once'),
        UpdateExpression: 'ADD Plays :n',
        ExpressionAttributeValues: { ':n': number }
      }
    }]
  })
  await documents.send(transaction(1))
  await documents.send(transaction(1))
  assert.equal((await get(miles('once'))).Item.Plays, 1)
  await assert.rejects(documents.send(transaction(2)),
    sdk.IdempotentParameterMismatchException)
})

await claim('items are read in one transaction', async () => {
  const { Responses } = await documents.send(new lib.TransactGetCommand({
    TransactItems: [
      { Get: { TableName, Key: miles('000'), ProjectionExpression: 'Plays' } },
      { Get: { TableName, Key: miles('none') } }]
  }))
  assert.deepEqual(Responses[0].Item, { Plays: 99 })
  assert.equal(Responses[1].Item, undefined)
})

// --------------------------------------------------------------- PartiQL --

await claim('PartiQL inserts, selects, updates and deletes', async () => {
  const execute = (Statement, ...Parameters) => documents.send(
    new lib.ExecuteStatementCommand({
      Statement, Parameters: Parameters.length > 0 ? Parameters : undefined
    }))
  await execute(`INSERT INTO "${TableName}" VALUE ` +
    "{'Artist': ?, 'Song': 's', 'Plays': ?, 'list': [1, 'a']}", 'Bill', 7)
  const { Items } = await execute(
    `SELECT Plays, list FROM "${TableName}" WHERE Artist = ? AND Song = ?`,
    'Bill', 's')
  assert.deepEqual(Items, [{ Plays: 7, list: [1, 'a'] }])
  await execute(`UPDATE "${TableName}" SET Plays = Plays + 1 ` +
    "WHERE Artist = 'Bill' AND Song = 's'")
  assert.equal((await get({ Artist: 'Bill', Song: 's' })).Item.Plays, 8)
  await assert.rejects(execute(`INSERT INTO "${TableName}" VALUE ` +
    "{'Artist': 'Bill', 'Song': 's'}"), sdk.DuplicateItemException)
  await execute(`DELETE FROM "${TableName}" ` +
    "WHERE Artist = 'Bill' AND Song = 's'")
  assert.equal((await get({ Artist: 'Bill', Song: 's' })).Item, undefined)
})

await claim('PartiQL reads page by page', async () => {
  let NextToken
  const songs = []
  do {
    const page = await documents.send(new lib.ExecuteStatementCommand({
      Statement: `SELECT Song FROM "${TableName}" WHERE Artist = 'Miles'`,
      Limit: 20, NextToken
    }))
    songs.push(...page.Items.map(i => i.Song))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  assert.equal(songs.length, 76)
  assert.deepEqual(songs, songs.toSorted())
})

// --------------------------------------------------------------- streams --

const stream = (Command, input) => streams.send(new Command(input))

async function records (StreamArn) {
  const found = []
  const { StreamDescription } =
    await stream(streaming.DescribeStreamCommand, { StreamArn })
  for (const { ShardId } of StreamDescription.Shards) {
    let { ShardIterator } = await stream(streaming.GetShardIteratorCommand,
      { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' })
    while (ShardIterator !== undefined) {
      const page = await stream(streaming.GetRecordsCommand, { ShardIterator })
      if (page.Records.length === 0) break
      found.push(...page.Records)
      ShardIterator = page.NextShardIterator
    }
  }
  return found
}

await claim('a stream is begun, and read shard by shard', async () => {
  const { TableDescription } = await send(sdk.UpdateTableCommand, {
    TableName,
    StreamSpecification: {
      StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES'
    }
  })
  const StreamArn = TableDescription.LatestStreamArn
  const listed = await stream(streaming.ListStreamsCommand, { TableName })
  assert.deepEqual(listed.Streams.map(s => s.StreamArn), [StreamArn])
  await put({ Artist: 'Nina', Song: 's', Plays: 1 })
  await put({ Artist: 'Nina', Song: 's', Plays: 2 })
  await documents.send(new lib.DeleteCommand(
    { TableName, Key: { Artist: 'Nina', Song: 's' } }))
  const changes = await records(StreamArn)
  assert.deepEqual(changes.map(r => [r.eventName, r.dynamodb.OldImage?.Plays,
    r.dynamodb.NewImage?.Plays]), [['INSERT', undefined, { N: '1' }],
    ['MODIFY', { N: '1' }, { N: '2' }], ['REMOVE', { N: '2' }, undefined]])
  assert.ok(changes[0].dynamodb.ApproximateCreationDateTime instanceof Date)
})

await claim('what expires is in the stream, with who removed it', async () => {
  await send(sdk.UpdateTimeToLiveCommand, {
    TableName,
    TimeToLiveSpecification: { Enabled: true, AttributeName: 'Ends' }
  })
  const { Table } = await send(sdk.DescribeTableCommand, { TableName })
  await put({ Artist: 'Nina', Song: 'x', Ends: Date.now() / 1000 - 60 | 0 })
  for (let i = 0; i < 100; i++) { // writes sweep
    await put({ Artist: 'Nina', Song: 'y', Plays: i })
    const last = (await records(Table.LatestStreamArn)).find(
      r => r.userIdentity !== undefined)
    if (last === undefined) continue
    assert.equal(last.dynamodb.Keys.Song.S, 'x')
    assert.deepEqual(last.userIdentity,
      { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' })
    return
  }
  assert.fail('nothing has been swept')
})

await claim('wrong places are exceptions of their own', async () => {
  const { Table } = await send(sdk.DescribeTableCommand, { TableName })
  const StreamArn = Table.LatestStreamArn
  await assert.rejects(stream(streaming.DescribeStreamCommand,
    { StreamArn: StreamArn.replace('Music', 'Other') }),
  streaming.ResourceNotFoundException)
  await assert.rejects(stream(streaming.GetRecordsCommand,
    { ShardIterator: 'none' }), { name: 'ValidationException' })
})

// ------------------------------------------------------------------- end --

await claim('a global index is added, filled and removed', async () => {
  const indexes = async () => (await send(sdk.DescribeTableCommand,
    { TableName })).Table.GlobalSecondaryIndexes.map(
    i => [i.IndexName, i.IndexStatus])
  await send(sdk.UpdateTableCommand, {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'Label', AttributeType: 'S' }],
    GlobalSecondaryIndexUpdates: [{
      Create: {
        IndexName: 'by_label',
        KeySchema: [{ AttributeName: 'Label', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' }
      }
    }]
  })
  for (let i = 0; i < 100; i++) {
    if ((await indexes()).every(([, status]) => status === 'ACTIVE')) break
    await sleep(50)
  }
  assert.deepEqual((await indexes()).sort(),
    [['by_genre', 'ACTIVE'], ['by_label', 'ACTIVE']])
  const { Count } = await documents.send(new lib.QueryCommand({
    TableName, IndexName: 'by_label',
    KeyConditionExpression: 'Label = :l',
    ExpressionAttributeValues: { ':l': 'L3' }
  }))
  assert.equal(Count, 3)
  await send(sdk.UpdateTableCommand, {
    TableName,
    GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by_label' } }]
  })
  await sdk.waitUntilTableExists(waiting, { TableName })
  for (let i = 0; i < 100 && (await indexes()).length > 1; i++) await sleep(50)
  assert.deepEqual(await indexes(), [['by_genre', 'ACTIVE']])
})

await claim('the last table goes, with its items', async () => {
  await send(sdk.DeleteTableCommand, { TableName })
  await sdk.waitUntilTableNotExists(waiting, { TableName })
  await assert.rejects(get(miles('000')), sdk.ResourceNotFoundException)
})

process.exit(failures > 0 ? 1 : 0)
