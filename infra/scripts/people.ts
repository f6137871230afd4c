/** `npm run people`: the accounts of people, for the first administrator and for emergencies. */
import { parseArgs } from 'node:util';
import { Accounts, type Link } from '#lib/accounts/accounts.ts';
import { parseInvitation, parseNewPassword } from '#lib/accounts/parse.ts';
import { findPersonNamed, type Person } from '#lib/accounts/people.ts';
import { readConfig } from '#lib/config.ts';
import { checked, found, roleOf, table } from './accounts/arguments.ts';
import { readPassword } from './accounts/read-password.ts';
import { runCommand, UsageError } from './transfer/command.ts';
import { type Directory, openPrepared, readAddress } from './transfer/directories.ts';

const help = `Manages the accounts of people, in the database that DATABASE_URL names.

  npm run people -- add NAME [--role reader|editor|administrator] [--email ADDRESS] [--link]
  npm run people -- link NAME
  npm run people -- list
  npm run people -- role NAME reader|editor|administrator
  npm run people -- disable NAME
  npm run people -- enable NAME

  add       asks for the password, or reads it as one line from standard input; the role is reader if left out
  --link    no password: the last line of the output is a link by which that person chooses one, or its token without PUBLIC_URL
  link      the same for a person who has forgotten the password
  disable   ends all sessions of the person, who can't sign in until enable

In a container: docker compose run --rm api people add NAME --role administrator
`;

await runCommand('people', main);

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      role: { type: 'string', default: 'reader' },
      email: { type: 'string' },
      link: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return '';
  }
  const [action, ...rest] = positionals;
  const names = action === 'list' ? 0 : action === 'role' ? 2 : 1;
  if (action === undefined || !/^(add|link|list|role|disable|enable)$/.test(action)) {
    throw new UsageError('The command needs add, link, list, role, disable or enable');
  }
  if (rest.length !== names) throw new UsageError(`${action} takes ${names} arguments, and there are ${rest.length}`);
  const [name = '', role] = rest;
  const invitation = action === 'add' ? invitationOf(name, values.role, values.email) : undefined;
  const newRole = action === 'role' ? roleOf(role) : undefined;
  const directory = await openPrepared(readAddress());
  try {
    const accounts = new Accounts(directory.database, readConfig().accounts);
    if (action === 'list') return await list(accounts);
    if (invitation) return await add(accounts, invitation, values.link === true);
    const id = await idOf(directory, name);
    if (action === 'link') {
      writeLink(await accounts.createLink(id));
      return '';
    }
    const patch = newRole ? { role: newRole } : { isDisabled: action === 'disable' };
    return `${describe(await accounts.change(id, patch))}\n`;
  } finally {
    await directory.database.close();
  }
}

type Invitation = ReturnType<typeof invitationOf>;

function invitationOf(name: string, role: string, email: string | undefined) {
  const given = { name, role: roleOf(role), ...(email !== undefined && { email }) };
  return { email: null, ...checked(() => parseInvitation(given)) };
}

async function add(accounts: Accounts, given: Invitation, hasLink: boolean): Promise<string> {
  if (hasLink) {
    const { person, link } = await accounts.invite(given);
    process.stderr.write(`Added ${describe(person)}\n`);
    writeLink(link);
    return '';
  }
  const password = await readPassword();
  checked(() => parseNewPassword({ password }));
  return `Added ${describe(await accounts.add(given, password))}\n`;
}

async function list(accounts: Accounts): Promise<string> {
  const people = await accounts.list();
  const rows = people.map((person) => [person.name, person.role, stateOf(person), person.signedInAt ?? 'never']);
  process.stdout.write(table([['NAME', 'ROLE', 'STATE', 'SIGNED IN'], ...rows]));
  return '';
}

function stateOf({ isDisabled, hasPassword }: Person): string {
  if (isDisabled) return 'disabled';
  return hasPassword ? 'active' : 'invited';
}

function describe(person: Person): string {
  return `${person.name}: ${person.role}, ${stateOf(person)}`;
}

function writeLink({ token, url, expiresAt }: Link): void {
  process.stderr.write(`The ${url === null ? 'token' : 'link'} works once, until ${expiresAt}:\n`);
  process.stdout.write(`${url ?? token}\n`);
}

async function idOf({ database, address }: Directory, name: string): Promise<number> {
  const person = await database.use((connection) => findPersonNamed(connection, name));
  return found(person, `There is no person "${name}" in ${address}: npm run people -- list shows everybody`).id;
}
