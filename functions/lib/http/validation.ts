/** Checks request bodies against a schema, and names the fault of each field. */
import type { Static, TObject } from 'typebox';
import { Compile, type Errors } from 'typebox/schema';
import { type FieldFault, InvalidRequest } from '../errors.ts';

type SchemaError = ReturnType<typeof Errors>[1][number];

/**
 * Makes the parser of a request body.
 * @param schema of an object whose lists may hold anything. A refinement's message becomes the fault of its field.
 * @returns a function that trims the texts of a parsed JSON value, checks it, and throws InvalidRequest with one fault for each
 *   field that is wrong, missing or unknown
 */
export function parserOf<Schema extends TObject>(schema: Schema): (body: unknown) => Static<Schema> {
  // Compiling takes milliseconds, so the first request does it, and not the start of the process.
  let validator: ReturnType<typeof Compile> | undefined;
  return (body) => {
    validator ??= Compile(schema);
    const trimmed = trimTexts(body);
    if (validator.Check(trimmed)) return trimmed as Static<Schema>;
    const [, errors] = validator.Errors(trimmed);
    const faults = errors.flatMap((error) => toFieldFaults(error, trimmed, Object.keys(schema.properties)));
    throw new InvalidRequest(firstOfEachField(faults));
  };
}

function trimTexts(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([field, value]) => [field, typeof value === 'string' ? value.trim() : value]),
  );
}

function toFieldFaults({ keyword, instancePath, params }: SchemaError, body: unknown, fields: string[]): FieldFault[] {
  const field = instancePath.slice(1) || 'body';
  switch (keyword) {
    case 'required':
      return params.requiredProperties.map((missing) => ({ field: missing, message: 'is missing' }));
    case 'additionalProperties':
      return params.additionalProperties.map((unknown) => ({ field: unknown, message: 'is not known' }));
    case 'boolean':
      // TypeBox stops after eight errors: of many unknown fields it reports the first ones in this way alone.
      return [{ field, message: 'is not known' }];
    case 'minProperties':
      return [{ field, message: `must have at least one field to change: ${fields.join(' or ')}` }];
    case 'type':
      return [{ field, message: typeMessage(field, body, String(params.type)) }];
    case 'minLength':
      return [{ field, message: valueAt(field, body) === '' ? 'must not be empty' : 'is too short' }];
    case 'maxLength':
      return [{ field, message: `must have at most ${params.limit} characters` }];
    case 'minItems':
      return [{ field, message: 'must not be empty' }];
    case 'maxItems':
      return [{ field, message: `must have at most ${params.limit} items` }];
    case 'enum':
      return [{ field, message: `must be ${params.allowedValues.join(' or ')}` }];
    case '~refine':
      return [{ field, message: params.message }];
    default:
      return [{ field, message: 'is not valid' }];
  }
}

/** JSON Schema's types, as clients read them. */
const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a JSON object',
};

function typeMessage(field: string, body: unknown, type: string): string {
  const message = `must be ${typeNames[type] ?? type}`;
  return field !== 'body' && valueAt(field, body) === null ? `${message}, not null` : message;
}

function valueAt(field: string, body: unknown): unknown {
  return (body as Record<string, unknown>)[field];
}

function firstOfEachField(faults: readonly FieldFault[]): FieldFault[] {
  const firsts = new Map<string, FieldFault>();
  for (const fault of faults) if (!firsts.has(fault.field)) firsts.set(fault.field, fault);
  return [...firsts.values()];
}
