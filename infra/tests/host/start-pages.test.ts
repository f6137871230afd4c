/** Follows the pages that lead a developer to a first answer in an empty folder, as far as they need no other tool. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startHost } from '../support/host.ts';
import { commandsIn, readDocument } from '../support/markdown.ts';
import { projectFolder } from '../support/project-folder.ts';

describe('the pages to start with', { concurrency: true }, () => {
  for (const page of ['host-folder', 'host-sam', 'host-serverless']) {
    it(`${page}.md leads to the answer that it shows`, async (t) => {
      const text = readDocument(`infra/docs/${page}.md`);
      const files = [...text.matchAll(/^`([^`\n]+)`\n\n```\w+\n(.*?)^```$/gms)].map(([, path = '', code = '']) => [
        path,
        code,
      ]);
      const { folder } = projectFolder(t, Object.fromEntries(files));
      const serve = commandsIn(text).find((command) => command.startsWith('npx cadastro-host')) as string;
      const [path = '', ...options] = serve.split(' ').slice(2);
      const [, target, shown] = /^curl '?http:\/\/localhost:8080(\S+?)'? +# (.*)$/m.exec(text) ?? [];
      const { url } = await startHost(t, [join(folder, path), ...options]);
      assert.equal(await (await fetch(url + target)).text(), `${shown}\n`);
    });
  }
});
