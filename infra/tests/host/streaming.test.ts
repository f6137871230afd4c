/** A streaming function behind a function URL of a template that the command `host` serves. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startHost } from '../support/host.ts';
import { projectFolder } from '../support/project-folder.ts';

test('a function URL sends what a streaming handler writes before the handler ends', async (t) => {
  const { folder } = projectFolder(t, {
    'template.yaml': `Transform: AWS::Serverless-2016-10-31
Resources:
  Story:
    Type: AWS::Serverless::Function
    Properties:
      Handler: story.handler
      Runtime: nodejs24.x
      Timeout: 60
      FunctionUrlConfig: {AuthType: NONE, InvokeMode: RESPONSE_STREAM}
`,
    'story.js': `
      const { existsSync, watch } = require('node:fs');
      const go = () => new Promise((resolve) => {
        const watcher = watch(__dirname, () => {
          if (!existsSync('go')) return;
          watcher.close();
          resolve();
        });
      });
      exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        const story = awslambda.HttpResponseStream.from(stream, {
          statusCode: 201,
          headers: { 'content-type': 'text/x-story', 'x-path': event.rawPath },
          cookies: ['a=1'],
        });
        const told = go();
        story.write('Once upon a time');
        await told;
        story.end(', the end.');
      });`,
  });
  const { url, lines } = await startHost(t, [folder, '--no-watch']);
  const response = await fetch(`${url}/Story/tell/me`);
  assert.equal(response.status, 201, lines.join('\n'));
  const { headers } = response;
  assert.deepEqual(
    [headers.get('content-type'), headers.get('x-path'), headers.getSetCookie()],
    ['text/x-story', '/tell/me', ['a=1']],
  );
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await reader.read()).value, 'Once upon a time');
  writeFileSync(join(folder, 'go'), '');
  let rest = '';
  for (let next = await reader.read(); !next.done; next = await reader.read()) rest += next.value;
  assert.equal(rest, ', the end.');
});
