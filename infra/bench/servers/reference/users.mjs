/** Reads and writes users in SQLite. Every statement is prepared once. */
import { randomUUID } from 'node:crypto';

const schema = `
  CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    name_key TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS users_name_key ON users (name_key, id);
  CREATE INDEX IF NOT EXISTS users_created_at ON users (created_at, id);
`;
const columns = 'id, name, email, created_at AS createdAt, updated_at AS updatedAt, version';
const sorts = { id: 'id', name: 'name_key', email: 'email_key', createdAt: 'created_at' };

export class Users {
  #database;
  #find;
  #insert;
  #replace;
  #count;
  #ping;
  #pages = new Map();

  /** @param database an open one of better-sqlite3 or of bun:sqlite, which have these methods in common */
  constructor(database, synchronous) {
    this.#database = database;
    this.#database.exec('PRAGMA journal_mode = WAL');
    this.#database.exec(`PRAGMA synchronous = ${synchronous}`);
    this.#database.exec(schema);
    this.#find = this.#database.prepare(`SELECT ${columns} FROM users WHERE id = ?`);
    this.#insert = this.#database.prepare(
      `INSERT INTO users (name, email, name_key, email_key, created_at, updated_at, version)
       VALUES (?, ?, ?, ?, ?, ?, 1)`,
    );
    this.#replace = this.#database.prepare(
      `UPDATE users SET name = ?, email = ?, name_key = ?, email_key = ?, updated_at = ?, version = version + 1
       WHERE id = ? RETURNING ${columns}`,
    );
    this.#count = this.#database.prepare('SELECT count(*) AS total FROM users');
    this.#ping = this.#database.prepare('SELECT 1 AS one');
  }

  answers() {
    return this.#ping.get().one === 1;
  }

  find(id) {
    return this.#find.get(id) ?? undefined;
  }

  /** @returns the user, or undefined when the e-mail is taken */
  insert({ name, email }) {
    const now = new Date().toISOString();
    const done = unlessTaken(() => this.#insert.run(name, email, fold(name), emailKey(email), now, now));
    return done && { id: Number(done.lastInsertRowid), name, email, createdAt: now, updatedAt: now, version: 1 };
  }

  /** @returns the user, undefined when there is no such user, or null when the e-mail is taken */
  replace(id, { name, email }) {
    const now = new Date().toISOString();
    const done = unlessTaken(() => ({ user: this.#replace.get(name, email, fold(name), emailKey(email), now, id) }));
    return done ? (done.user ?? undefined) : null;
  }

  /** @returns the parsed query, or undefined when a parameter is invalid */
  parseList({ limit = '100', sort = 'id', cursor = '' }) {
    const descending = sort.startsWith('-');
    const column = sorts[descending ? sort.slice(1) : sort];
    if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > 1000 || column === undefined) return undefined;
    if (cursor === '') return { limit: Number(limit), column, descending };
    try {
      const [value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
      return { limit: Number(limit), column, descending, value, id };
    } catch {
      return undefined;
    }
  }

  /** @returns the page as the cache stores it: its ETag, a line feed, its JSON */
  list({ limit, column, descending, value, id }) {
    const key = `${column} ${descending} ${value !== undefined}`;
    let page = this.#pages.get(key);
    if (page === undefined) {
      const direction = descending ? 'DESC' : 'ASC';
      const after = value === undefined ? '' : `WHERE (${column}, id) ${descending ? '<' : '>'} (?, ?)`;
      page = this.#database.prepare(
        `SELECT ${columns}, ${column} AS position FROM users ${after}
         ORDER BY ${column} ${direction}, id ${direction} LIMIT ?`,
      );
      this.#pages.set(key, page);
    }
    const rows = value === undefined ? page.all(limit + 1) : page.all(value, id, limit + 1);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const next = last ? Buffer.from(JSON.stringify([last.position, last.id])).toString('base64url') : null;
    const found = rows.slice(0, limit).map(({ position, ...user }) => user);
    return `"${randomUUID()}"\n${JSON.stringify({ users: found, total: this.#count.get().total, next })}`;
  }
}

function unlessTaken(write) {
  try {
    return write();
  } catch (error) {
    if (error.code === 'SQLITE_CONSTRAINT_UNIQUE') return undefined;
    throw error;
  }
}

function emailKey(email) {
  return email.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

function fold(text) {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase();
}
