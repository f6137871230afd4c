/** Finds the templates of what `cdk synth` wrote. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fieldsOf } from '../description/places.ts';
import { ProjectError } from '../project.ts';
import { readText } from '../read-text.ts';

/** A template and the name of its stack. */
export interface TemplateFile {
  /** Absolute path. */
  file: string;
  stackName: string;
}

/**
 * @param path absolute path of a template, or of a folder with the manifest.json of CDK
 * @returns the templates in the manifest's order
 * @throws {ProjectError} for a folder that `cdk synth` did not write
 */
export function templatesAt(path: string): TemplateFile[] {
  if (!existsSync(path)) throw new ProjectError('there is no such file', { file: basename(path), line: 1 });
  const manifest = basename(path) === 'manifest.json' ? path : join(path, 'manifest.json');
  if (!existsSync(manifest)) return [{ file: path, stackName: stackNameOf(path) }];
  const found = stacksOf(manifest, dirname(manifest));
  if (found.length > 0) return found;
  throw new ProjectError('the manifest names no stack: run "cdk synth"', { file: 'manifest.json', line: 1 });
}

function stacksOf(manifest: string, root: string): TemplateFile[] {
  const folder = dirname(manifest);
  const artifacts = Object.entries(fieldsOf(fieldsOf(readJson(manifest, root)).artifacts));
  return artifacts.flatMap(([name, value]) => {
    const { type, properties } = fieldsOf(value);
    const { templateFile, directoryName, stackName } = fieldsOf(properties);
    if (type === 'cdk:cloud-assembly') return stacksOf(join(folder, String(directoryName), 'manifest.json'), root);
    if (type !== 'aws:cloudformation:stack') return [];
    return [{ file: join(folder, String(templateFile)), stackName: String(stackName ?? name) }];
  });
}

function readJson(file: string, root: string): unknown {
  const place = { file: relative(root, file), line: 1 };
  const text = readText(file, place);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProjectError(`the JSON is invalid: ${(error as Error).message}`, place);
  }
}

/** SAM's local stack has no name; a template of CDK is named after its stack. */
function stackNameOf(file: string): string {
  return /^(.+)\.template\.json$/.exec(basename(file))?.[1] ?? 'local';
}
