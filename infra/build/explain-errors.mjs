/** Prints esbuild's errors and warnings, with advice that fits this project. */
import { formatMessages } from 'esbuild';
import { printableText } from '../http/printable.ts';

/**
 * esbuild advises to mark a package that it does not find as external. Such a bundle would fail when it is loaded, so this
 * plugin says how to install the package instead.
 * @type {import('esbuild').Plugin}
 */
export const explainErrors = {
  name: 'explain-errors',
  setup(build) {
    build.initialOptions.logLevel = 'silent';
    build.onEnd(async ({ errors, warnings }) => {
      await print('error', errors.map(explain));
      await print('warning', warnings);
    });
  },
};

async function print(kind, messages) {
  // Messages repeat paths and lines of sources, whose control characters a terminal would obey.
  const printable = JSON.parse(JSON.stringify(messages), (_key, value) =>
    typeof value === 'string' ? printableText(value) : value,
  );
  const texts = await formatMessages(printable, { kind, color: process.stderr.isTTY });
  process.stderr.write(texts.join(''));
}

function explain(message) {
  const [, path] = /^Could not resolve "([^"]+)"$/.exec(message.text) ?? [];
  if (path === undefined || /^[./#]/.test(path)) return message;
  const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
  const text = `The package "${name}" is not installed. To install it: npm install --save-dev --save-exact ${name}`;
  return { ...message, notes: [{ text }] };
}
