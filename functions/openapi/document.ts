/**
 * Assembles the OpenAPI 3.1 document from the routes in function.json files and the operations in openapi.ts files.
 * @see https://spec.openapis.org/oas/v3.1.0
 */
import type { Operation, Parameter } from '#lib/http/openapi.ts';

/** One function, as far as the document shows it. */
export interface DocumentedFunction {
  /** The name of its folder. */
  readonly name: string;
  /** The description in its function.json. */
  readonly description?: string;
  /** Route keys such as "GET /users/{id}". */
  readonly routes: readonly string[];
  /** Undefined when the folder has no openapi.ts. The route is documented all the same. */
  readonly operation?: Operation;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

/**
 * Makes the document.
 * @param functions in the order in which the document lists their paths
 * @returns the document, ready for JSON. Schemas with a title stand under components, and are referred to by it.
 * @throws {Error} when two different schemas have one title
 */
export function openApiDocument(functions: readonly DocumentedFunction[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const documented of functions) {
    for (const [index, route] of documented.routes.entries()) {
      const [method = '', path] = route.split(' ');
      // `$default` stands for no path in particular.
      if (path === undefined) continue;
      const item = paths[path.replaceAll('+}', '}')] ?? {};
      paths[path.replaceAll('+}', '}')] = item;
      for (const each of method === 'ANY' ? methods : [method.toLowerCase()]) {
        // A method's own route goes before ANY, as in the gateway.
        if (method === 'ANY' && each in item) continue;
        item[each] = operationOf(documented, path, operationId(documented.name, index, method === 'ANY' ? each : ''));
      }
    }
  }
  const schemas: Record<string, object> = {};
  const referring = moveSchemas(paths, schemas);
  return {
    openapi: '3.1.0',
    info: { title: 'cadastro', version: '0.1.0', description: 'A user directory made of serverless functions.' },
    paths: referring,
    components: { schemas },
  };
}

function operationOf({ description, operation }: DocumentedFunction, path: string, id: string): object {
  const own = operation?.parameters ?? [];
  const names = [...path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name]) => name as string);
  const missing = names.filter((name) => !own.some((parameter) => parameter.in === 'path' && parameter.name === name));
  const parameters: Parameter[] = [
    ...missing.map((name) => ({ name, in: 'path' as const, required: true, schema: { type: 'string' } })),
    ...own,
  ];
  return {
    operationId: id,
    ...(description !== undefined && { description }),
    responses: { default: { description: 'Not documented' } },
    ...operation,
    ...(parameters.length > 0 && { parameters }),
  };
}

/** @returns `getUser` for get-user, `getUser2` for its second route, `getUser_post` for a method of an ANY route */
function operationId(name: string, index: number, method: string): string {
  const camelCase = name.replace(/[-_]+(.)/g, (_, letter: string) => letter.toUpperCase());
  return `${camelCase}${index === 0 ? '' : index + 1}${method && `_${method}`}`;
}

/** Replaces each schema that has a title by a reference, and puts it into `schemas` under its title. */
function moveSchemas(value: unknown, schemas: Record<string, object>): unknown {
  if (Array.isArray(value)) return value.map((item) => moveSchemas(item, schemas));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) copy[key] = moveSchemas(item, schemas);
  const { title, type } = copy;
  if (typeof title !== 'string' || typeof type !== 'string') return copy;
  const known = schemas[title];
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(copy)) {
    throw new Error(`Two different schemas are titled "${title}": rename one.`);
  }
  schemas[title] = copy;
  return { $ref: `#/components/schemas/${title}` };
}
