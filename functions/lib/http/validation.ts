/** Checks request bodies against a schema, and names the fault of each field. */
import type { Static, TObject } from 'typebox';
import { Compile, type Errors } from 'typebox/schema';
import { type FieldFault, InvalidRequest } from '../errors.ts';

type SchemaError = ReturnType<typeof Errors>[1][number];

/** Rules for the texts of a body that a schema can't say. */
interface TextRules {
  /** @returns the text to check and to keep */
  readonly clean: (field: string, text: string) => string;
  /** @param text cleaned @returns the faults of the text, before which the schema's faults of the same field give way */
  readonly check: (field: string, text: string) => FieldFault[];
}

const trimOnly: TextRules = { clean: (_, text) => text.trim(), check: () => [] };

/**
 * Makes the parser of a request body.
 * @param schema of an object whose lists may hold anything. A refinement's message becomes the fault of its field.
 * @param rules trim texts, unless given
 * @returns a function that cleans the texts of a parsed JSON value, checks it, and throws InvalidRequest with one fault for each
 *   field that is wrong, missing or unknown
 */
export function parserOf<Schema extends TObject>(
  schema: Schema,
  rules: TextRules = trimOnly,
): (body: unknown) => Static<Schema> {
  // Compiling takes milliseconds, so the first request does it, and not the start of the process.
  let validator: ReturnType<typeof Compile> | undefined;
  return (body) => {
    validator ??= Compile(schema);
    const cleaned = mapTexts(body, rules.clean);
    const textFaults = textsOf(cleaned).flatMap(([field, text]) => rules.check(field, text));
    const isValid = validator.Check(cleaned);
    if (isValid && textFaults.length === 0) return cleaned as Static<Schema>;
    const [, errors] = isValid ? [true, []] : validator.Errors(cleaned);
    const faults = errors.flatMap((error) => toFieldFaults(error, cleaned, Object.keys(schema.properties)));
    throw new InvalidRequest(firstOfEachField([...textFaults, ...faults]));
  };
}

function mapTexts(body: unknown, change: (field: string, text: string) => string): unknown {
  if (!isObject(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([field, value]) => [field, typeof value === 'string' ? change(field, value) : value]),
  );
}

function textsOf(body: unknown): [field: string, text: string][] {
  if (!isObject(body)) return [];
  return Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}

function isObject(body: unknown): body is object {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
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
