/** The command line of the host. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** The text that --help prints. */
export const help = `Serves the Lambda functions of a project on this machine, as API Gateway and Lambda do.

  cadastro-host [PATH] [OPTIONS]

PATH is a folder or a file; the current folder if left out. The host looks for these, in this order:

  template.yaml, .yml or .json   an AWS SAM or CloudFormation template
  cdk.json or cdk.out            a project of the Cloud Development Kit, after "cdk synth"
  serverless.yml                 a project of the Serverless Framework
  a folder of handlers           one folder for each function, with handler.ts or .js, or a function.json

  --port N             port of the HTTP API (PORT, 8080)
  --lambda-port N      port of the Invoke API for the AWS SDK and CLI, 0 turns it off (LAMBDA_PORT, 3001)
  --host ADDRESS       where the HTTP API listens (HOST, 127.0.0.1)
  --env NAME=VALUE     a variable of every function; may be repeated, and wins over the project's values
  --parameter NAME=VALUE   a parameter of the template; may be repeated
  --stage NAME         the stage of the Serverless Framework
  --region NAME        the region of the functions (AWS_REGION)
  --allow-unauthorized serve routes whose authorizer the host does not have, such as AWS_IAM (ALLOW_UNAUTHORIZED)
  --schedules          run the schedules of the functions (SCHEDULES)
  --inspect NAME[=PORT]    open Node's inspector in that function's process, from port 9229 on; may be repeated
  --no-watch           do not build again when a file changes
  --help

The exit code is 2 when an argument or the project is wrong.
`;

/** The tool for which the project's description is written. */
export type ProjectKind = 'sam' | 'serverless' | 'folder';

/** The arguments, checked. */
export interface HostArguments {
  kind: ProjectKind;
  /** Absolute path of the description: a file, or a folder of handlers. */
  path: string;
  /** Absolute path of the project's folder. */
  folder: string;
  /** Settings of the router. */
  settings: Record<string, string>;
  /** Variables of every function. */
  variables: Record<string, string>;
  parameters: Record<string, string>;
  stage: string | undefined;
  watches: boolean;
}

/** An argument is wrong; the message is one line. */
export class UsageError extends Error {
  override name = 'UsageError';
}

const templates = ['template.yaml', 'template.yml', 'template.json'];
const serverlessFiles = ['serverless.yml', 'serverless.yaml', 'serverless.json'];

/**
 * Parses the command line.
 * @param args without the program's name
 * @param cwd absolute path of the folder where relative paths start
 * @returns undefined when the caller asks for help
 * @throws {UsageError} for an unknown argument or a path that has no project
 */
export function parseArguments(args: string[], cwd: string): HostArguments | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  if (positionals.length > 1)
    throw new UsageError(`one PATH is taken, and there are ${positionals.length}: ${positionals.join(' ')}`);
  const settings = {
    PORT: values.port,
    LAMBDA_PORT: values['lambda-port'],
    HOST: values.host,
    AWS_REGION: values.region,
    INSPECT_FUNCTIONS: values.inspect?.join(),
    ALLOW_UNAUTHORIZED: values['allow-unauthorized'] ? 'on' : undefined,
    SCHEDULES: values.schedules ? 'on' : undefined,
  };
  return {
    ...findDescription(resolve(cwd, positionals[0] ?? '.')),
    settings: Object.fromEntries(
      Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    variables: pairs('--env', values.env),
    parameters: pairs('--parameter', values.parameter),
    stage: values.stage,
    watches: !values['no-watch'],
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        'lambda-port': { type: 'string' },
        host: { type: 'string' },
        env: { type: 'string', multiple: true },
        parameter: { type: 'string', multiple: true },
        stage: { type: 'string' },
        region: { type: 'string' },
        'allow-unauthorized': { type: 'boolean' },
        schedules: { type: 'boolean' },
        inspect: { type: 'string', multiple: true },
        'no-watch': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ', 1)[0]);
  }
}

function pairs(option: string, texts: string[] = []): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) throw new UsageError(`${option} takes NAME=VALUE, not "${text}"`);
      return [name, value];
    }),
  );
}

function findDescription(path: string): Pick<HostArguments, 'kind' | 'path' | 'folder'> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new UsageError(`${path} is not there${basename(path) === 'cdk.out' ? ': run "cdk synth" first' : ''}`);
  }
  if (!stat.isDirectory()) {
    const name = basename(path);
    const isServerless = /^serverless.*\.(ya?ml|json)$/.test(name);
    if (!/\.(ya?ml|json|template)$/.test(name))
      throw new UsageError(`${path} is neither a template nor a serverless.yml`);
    return { kind: isServerless ? 'serverless' : 'sam', path, folder: dirname(path) };
  }
  const found = (names: string[]) => names.map((name) => join(path, name)).find((file) => existsSync(file));
  const template = found(templates);
  if (template) return { kind: 'sam', path: template, folder: path };
  const serverless = found(serverlessFiles);
  if (serverless) return { kind: 'serverless', path: serverless, folder: path };
  // The Cloud Development Kit writes its templates to cdk.out.
  if (existsSync(join(path, 'cdk.json'))) return findDescription(join(path, 'cdk.out'));
  if (existsSync(join(path, 'manifest.json'))) return { kind: 'sam', path, folder: path };
  if (basename(path) === 'cdk.out') throw new UsageError(`${path} has no manifest.json: run "cdk synth" first`);
  return { kind: 'folder', path, folder: path };
}
