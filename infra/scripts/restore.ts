/** `npm run restore -- FILE`: replaces everything that the directory holds with a backup, while the API runs. */
import { schemaVersion } from '#migrations';
import { CommandError, parseFileArguments, runCommand } from './transfer/command.ts';
import { openPrepared, readAddress, tablesOf } from './transfer/directories.ts';
import { withBackup } from './transfer/read-backup.ts';
import { countContent, replaceContent } from './transfer/replace-content.ts';
import { showRows } from './transfer/show-rows.ts';
import type { DirectoryContent } from './transfer/tables.ts';

const help = `Brings the directory back to a backup that npm run backup has written, on SQLite or PostgreSQL, whichever of the two
the backup was made of.

  npm run restore -- FILE [--replace]

  FILE         a backup; - for standard input
  --replace    delete everything that the directory holds now; without it, the directory must be empty

DATABASE_URL names the database, which the command makes if there is none. The API may run: writes wait or get 503 meanwhile, reads
answer from the data of before, and no cache keeps it afterwards. Everything changes at once at the end. If the command fails or is
killed, nothing has changed.
`;

await runCommand('restore', main);

async function main(): Promise<string> {
  const given = parseFileArguments(help, 'replace');
  if (given === undefined) return '';
  const { file, isSet: replaces } = given;
  const config = readAddress();
  return withBackup(file, async (content, createdAt) => {
    const target = await openPrepared(config);
    try {
      const rows = await restore(target, content, replaces);
      const age = createdAt === undefined ? '' : ` of ${createdAt}`;
      return `Restored ${target.address} from the backup${age}: ${rows.toLocaleString('en')} rows.\n`;
    } finally {
      await target.database.close();
    }
  });
}

type Target = Awaited<ReturnType<typeof openPrepared>>;

async function restore(target: Target, content: DirectoryContent, mayReplace: boolean): Promise<number> {
  const tables = await tablesOf(schemaVersion);
  const present = await target.database.use((connection) => countContent(connection, tables));
  const rows = content.tables.reduce((total, table) => total + table.rows, 0);
  await showRows(present + 2 * rows, (onRows) =>
    replaceContent({
      target,
      content,
      onRows,
      allow: async (connection) => {
        const found = await countContent(connection, tables);
        if (found === 0 || mayReplace) return;
        throw new CommandError(
          `${target.address} is not empty (${found.toLocaleString('en')} rows): --replace deletes them all; make a backup first`,
        );
      },
    }),
  );
  return rows;
}
