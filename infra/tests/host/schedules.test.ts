/** The command `host` with --schedules. The rate of EventBridge Scheduler begins at once, so no test waits for the clock. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startHost } from '../support/host.ts';
import { projectFolder } from '../support/project-folder.ts';
import { until } from '../support/until.ts';

const files = {
  'template.yaml': `Transform: AWS::Serverless-2016-10-31
Resources:
  Clean:
    Type: AWS::Serverless::Function
    Properties:
      Handler: clean.handler
      Runtime: nodejs24.x
      Events:
        Daily: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), Input: '{"by": "schedule"}'}}
        Noon: {Type: Schedule, Properties: {Schedule: cron(0 12 * * ? *)}}
        Wrong: {Type: Schedule, Properties: {Schedule: rate(1 days)}}
`,
  'clean.js': 'exports.handler = async (event) => console.log("cleans for " + event.by);',
};

describe('the host of functions with schedules', { concurrency: true }, () => {
  it('runs them when asked, once although a save comes, and names the schedule in the log', async (t) => {
    const { folder, write } = projectFolder(t, files);
    const { lines, printed } = await startHost(t, [folder, '--schedules']);
    // The schedule may run before the host says that it listens.
    const line = (text: string) => until(text, () => lines.find((one) => one.includes(text)));
    assert.match(
      await line('Schedule runs'),
      /"function":"Clean","schedule":"CleanDaily","expression":"rate\(1 day\)"/,
    );
    await line('cleans for schedule');
    write({ 'clean.js': 'exports.handler = async () => "new";' });
    await printed('Serving the new code');
    assert.equal(lines.filter((line) => line.includes('Schedule runs')).length, 1);
    assert.ok(
      lines.some((line) => line.includes('schedule cron(0 12 * * ? *)')),
      lines.join('\n'),
    );
  });

  it('says without --schedules how many do not run, and always which one is wrong', async (t) => {
    const { folder } = projectFolder(t, files);
    const { lines } = await startHost(t, [folder]);
    assert.ok(lines.includes('2 schedules do not run: --schedules runs them.'), lines.join('\n'));
    const wrong = lines.find((line) => line.includes('rate(1 days)'));
    assert.match(
      wrong ?? '',
      /template\.yaml:11: the schedule "rate\(1 days\)" of Clean does not run here: rate\(…\) takes/,
    );
    assert.equal(lines.filter((line) => line.includes('Schedule begins')).length, 0);
  });
});
