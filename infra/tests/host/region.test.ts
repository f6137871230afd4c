/** The region of the functions that the command `host` serves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startHost } from '../support/host.ts';
import { projectFolder } from '../support/project-folder.ts';

const files = {
  'serverless.yml': `provider: {name: aws, runtime: nodejs24.x, region: sa-east-1}
functions:
  region:
    handler: region.handler
    environment: {TABLE_ARN: "arn:aws:dynamodb:\${aws:region}:1:table/a"}
    events: [httpApi: GET /region]
`,
  'region.js': `
    const { AWS_REGION, AWS_DEFAULT_REGION, TABLE_ARN } = process.env;
    exports.handler = async () => [AWS_REGION, AWS_DEFAULT_REGION, TABLE_ARN.split(':')[3]].join();`,
};

/** Who names the region, and which one the functions get. */
const origins: { from: string; args: string[]; env: Record<string, string>; region: string }[] = [
  { from: 'the description', args: [], env: {}, region: 'sa-east-1' },
  { from: 'the environment', args: [], env: { AWS_REGION: 'eu-west-1' }, region: 'eu-west-1' },
  {
    from: 'the command line',
    args: ['--region', 'us-west-2'],
    env: { AWS_REGION: 'eu-west-1' },
    region: 'us-west-2',
  },
];

describe('the region of hosted functions', { concurrency: true }, () => {
  for (const { from, args, env, region } of origins) {
    it(`comes from ${from}, also in values of the description`, async (t) => {
      const { folder } = projectFolder(t, files);
      const { url } = await startHost(t, [folder, ...args], { env });
      assert.equal(await (await fetch(`${url}/region`)).text(), [region, region, region].join());
    });
  }
});
