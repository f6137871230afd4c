/**
 * Applies the Globals of a SAM template.
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
 */
import { type Fields, fieldsOf, isFields, mergeFields, withPlacesOf } from '../description/places.ts';

/** The section of Globals that a type of resource takes. */
const sections: Record<string, string> = {
  'AWS::Serverless::Api': 'Api',
  'AWS::Serverless::Function': 'Function',
  'AWS::Serverless::HttpApi': 'HttpApi',
};

/**
 * @param document a template, from readDocument()
 * @returns the template, in which each resource has the properties of its section besides its own
 */
export function withGlobals(document: unknown): unknown {
  if (!isFields(document) || !isFields(document.Globals) || !isFields(document.Resources)) return document;
  const globals = document.Globals;
  const resources = withPlacesOf(
    document.Resources,
    Object.fromEntries(
      Object.entries(document.Resources).map(([logicalId, resource]) => [logicalId, withGlobalsOf(globals, resource)]),
    ),
  );
  return withPlacesOf(document, { ...document, Resources: resources });
}

function withGlobalsOf(globals: Fields, resource: unknown): unknown {
  const section = isFields(resource) ? globals[sections[String(resource.Type)] ?? ''] : undefined;
  if (!isFields(resource) || !isFields(section)) return resource;
  const properties = isFields(resource.Properties) ? resource.Properties : withPlacesOf(resource, {});
  return withPlacesOf(resource, { ...resource, Properties: mergeFields(section, properties) });
}

/**
 * @param document a template
 * @param section  of its Globals, such as "HttpApi"
 * @returns the section; empty where the template has none
 */
export function globalsOf(document: Fields, section: string): Fields {
  return fieldsOf(fieldsOf(document.Globals)[section]);
}
