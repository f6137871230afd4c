/** Opens the database that the settings name. */
import type { Knex } from 'knex';
import type { Migration } from '#migrations';
import type { DatabaseConfig } from '../config.ts';
import type { Connection, Engine, MaybePromise } from './engine.ts';

/**
 * Loads the engine on first use, and passes all work on to it. So a process loads the driver of its own database only.
 */
export class Database implements Engine {
  readonly #open: () => Promise<Engine>;
  #opening: Promise<Engine> | undefined;
  #engine: Engine | undefined;

  /**
   * @param schemaVersion the schema version that this program works with; work on a database with another version fails
   * @param isFunction see SqliteOptions; it means the same for PostgreSQL, as far as it is not about files
   */
  constructor(config: DatabaseConfig, schemaVersion: number, isFunction = false) {
    this.#open = async () => {
      if (config.engine === 'postgres') {
        const { PostgresEngine } = await import('./postgres/postgres-engine.ts');
        return new PostgresEngine(config, schemaVersion, isFunction);
      }
      const { SqliteEngine } = await import('./sqlite/sqlite-engine.ts');
      return new SqliteEngine({ ...config, schemaVersion, isFunction });
    };
  }

  async use<T>(work: (connection: Connection) => MaybePromise<T>): Promise<T> {
    return (this.#engine ?? (await this.#load())).use(work);
  }

  async transact<T>(work: (connection: Connection) => MaybePromise<T>): Promise<T> {
    return (this.#engine ?? (await this.#load())).transact(work);
  }

  async knex(): Promise<Knex> {
    return (await this.#load()).knex();
  }

  async migrate(migrations: readonly Migration[]): Promise<string[]> {
    return (await this.#load()).migrate(migrations);
  }

  requireFiles(): void {
    this.#engine?.requireFiles();
  }

  async close(): Promise<void> {
    await (await this.#opening)?.close();
  }

  async #load(): Promise<Engine> {
    this.#opening ??= this.#open();
    this.#engine = await this.#opening;
    return this.#engine;
  }
}
