/** Finds the code of a function and the folders of its layers. */
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Resource } from '../cloudformation/scope.ts';
import { fieldsOf, isFields, listOf, placeOf } from '../description/places.ts';
import { ProjectError } from '../project.ts';
import { propertyPlace, resourcesOf, type TemplateContext } from './context.ts';
import { inlineFolder } from './inline-code.ts';

/** The code of a function. */
export interface Code {
  /** Absolute path. */
  folder: string;
  /** Whether the folder is what AWS would get: CDK has built it, or the template holds the code. */
  isBuilt: boolean;
}

/**
 * @param context  of the template
 * @param resource AWS::Serverless::Function or AWS::Lambda::Function
 * @returns the folder of its code
 * @throws {ProjectError} for an image, an archive, code in S3, and for a missing folder
 */
export function codeOf(context: TemplateContext, resource: Resource): Code {
  const { properties, metadata } = resource;
  const { links } = context.template;
  const property = resource.type === 'AWS::Serverless::Function' ? 'CodeUri' : 'Code';
  const place = propertyPlace(resource, property);
  const asset = metadata['aws:asset:path'];
  const value = typeof asset === 'string' ? asset : (links.evaluate(properties[property]) ?? defaultOf(resource));
  const code = fieldsOf(value);
  if (links.evaluate(properties.PackageType) === 'Image' || 'ImageUri' in properties || 'ImageUri' in code) {
    const own = ['ImageUri', 'PackageType'].find((name) => name in properties) ?? property;
    const message = 'the function is a container image: the host runs functions of code folders';
    throw new ProjectError(message, propertyPlace(resource, own));
  }
  const inline = links.evaluate(properties.InlineCode) ?? code.ZipFile;
  if (inline !== undefined) return { folder: inlineFolder(String(inline)), isBuilt: true };
  // Without metadata about assets, CDK still names the folder by the hash that is the key in S3.
  const hash = /^([0-9a-f]{64})\.zip$/.exec(String(code.S3Key))?.[1];
  const folder = hash && resolve(context.folder, `asset.${hash}`);
  if (folder && existsSync(folder)) return { folder, isBuilt: true };
  if (isFields(value) || String(value).startsWith('s3://')) {
    throw new ProjectError('the code of the function is in S3: the host runs functions of local folders', place);
  }
  if (value === undefined) throw new ProjectError(`the function has no ${property}`, place);
  return { folder: localFolder(context, String(value), place), isBuilt: typeof asset === 'string' };
}

/** `sam build` takes the template's folder where a function has no CodeUri. */
function defaultOf({ type }: Resource): string | undefined {
  return type === 'AWS::Serverless::Function' ? '.' : undefined;
}

/**
 * @param context of the template
 * @param value   Layers of a function
 * @returns absolute paths of the layers that are local folders; a notice names each of the others
 */
export function layersOf(context: TemplateContext, value: unknown): string[] {
  const { template, notices } = context;
  const layers = resourcesOf(context, 'AWS::Serverless::LayerVersion', 'AWS::Lambda::LayerVersion');
  const items = listOf(template.links.evaluate(value));
  return items.flatMap((item) => {
    const id = /:layer:([^:]+):/.exec(String(item))?.[1];
    const layer = layers.find(({ logicalId }) => logicalId === id);
    if (layer) return layerFolder(context, layer);
    const place = Array.isArray(value) ? placeOf(value, items.indexOf(item)) : placeOf(fieldsOf(value));
    notices.add(place, `the layer ${item} is in AWS only: install what it holds beside the functions`);
    return [];
  });
}

function layerFolder(context: TemplateContext, layer: Resource): string[] {
  const { template, notices } = context;
  const property = layer.type === 'AWS::Serverless::LayerVersion' ? 'ContentUri' : 'Content';
  const value = layer.metadata['aws:asset:path'] ?? template.links.evaluate(layer.properties[property]);
  const place = propertyPlace(layer, property);
  if (typeof value !== 'string' || value.startsWith('s3://')) {
    notices.add(place, `the layer ${layer.logicalId} is in S3 only: install what it holds beside the functions`);
    return [];
  }
  try {
    return [localFolder(context, value, place)];
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    notices.add(place, `the layer ${layer.logicalId} is left out: ${error.message}`);
    return [];
  }
}

function localFolder({ folder }: TemplateContext, path: string, place: { file: string; line: number }): string {
  const found = resolve(folder, path);
  if (!existsSync(found)) throw new ProjectError(`there is no folder ${path}: if a build makes it, build first`, place);
  if (statSync(found).isDirectory()) return found;
  if (/\.(zip|jar)$/.test(path)) throw new ProjectError(`${path} is an archive: the host takes folders`, place);
  return dirname(found);
}
