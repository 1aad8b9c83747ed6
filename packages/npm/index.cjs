'use strict'
const { join } = require('node:path')
const { os, cpu } = require('./package.json')

function getLoadablePath() {
  if (!os.includes(process.platform) || !cpu.includes(process.arch)) {
    throw new Error(`dynamo-sqlite: this package is built for ${os}-${cpu}, and this is ` +
      `${process.platform}-${process.arch}; make one there with tools/package-npm`)
  }
  return join(__dirname, 'dynamo.so')
}

function load(db) {
  db.loadExtension(getLoadablePath())
}

module.exports = { getLoadablePath, load }
