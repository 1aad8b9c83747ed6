/** The file of the extension. Throws if the package is built for another platform. */
export declare function getLoadablePath(): string

/** A connection of better-sqlite3, or of node:sqlite with `allowExtension: true`. */
interface Db {
  loadExtension(file: string, entrypoint?: string): void
}

/** Load dynamo into a connection. Doing so twice is harmless. */
export declare function load(db: Db): void
