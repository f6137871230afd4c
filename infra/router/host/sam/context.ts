/** The state that the parts of the reader share while they read one template. */
import type { Resource } from '../cloudformation/scope.ts';
import type { Template } from '../cloudformation/template.ts';
import type { Notices } from '../description/notices.ts';
import { placeOf } from '../description/places.ts';
import type { Routes } from '../description/routes.ts';
import type { Place, ProjectFunction } from '../project.ts';

/** One template that is being read. */
export interface TemplateContext {
  template: Template;
  /** Absolute path of the folder that CodeUri starts from. */
  folder: string;
  notices: Notices;
  routes: Routes;
  /** The functions by the names that their ARNs have in this template. */
  functions: Map<string, ProjectFunction>;
  /** The functions by logical id. */
  owners: Map<string, ProjectFunction>;
}

/**
 * @param value a function's name or ARN, or an address with the ARN in it, as the template has it
 * @returns the function of this template; undefined for a function elsewhere
 */
export function functionAt({ template, functions }: TemplateContext, value: unknown): ProjectFunction | undefined {
  const text = String(template.links.evaluate(value) ?? '');
  return functions.get(/:function:([A-Za-z0-9_-]+)/.exec(text)?.[1] ?? text);
}

/**
 * @param value reference to another resource, as the template has it
 * @param types that the resource may have
 * @returns the resource; undefined for one that the template does not have
 */
export function resourceAt({ template }: TemplateContext, value: unknown, ...types: string[]): Resource | undefined {
  const id = template.links.evaluate(value);
  return template.resources.find(({ logicalId, type }) => logicalId === id && types.includes(type));
}

/** @returns the resources of the types, in the template's order */
export function resourcesOf({ template }: TemplateContext, ...types: string[]): Resource[] {
  return template.resources.filter(({ type }) => types.includes(type));
}

/** @returns the place of a property, or of the resource where it does not have the property */
export function propertyPlace(resource: Resource, property: string): Place {
  return property in resource.properties ? placeOf(resource.properties, property) : placeOf(resource.source, 'Type');
}
