/** Gives the parameters of a template their values. */
import { type Fields, fieldsOf, isFields, listOf, placeOf } from '../description/places.ts';
import { ProjectError } from '../project.ts';

/**
 * @param definitions the template's Parameters
 * @param given       values by name, from --parameter
 * @returns values by name; undefined for a parameter that has neither a value nor a default
 * @throws {ProjectError} for a value that the template does not allow
 */
export function parameterValues(definitions: Fields, given: Record<string, string>): Map<string, unknown> {
  return new Map(
    Object.entries(definitions).map(([name, value]) => {
      const place = placeOf(definitions, name);
      if (!isFields(value)) throw new ProjectError(`the parameter ${name} has no Type`, place);
      return [name, parameterValue(name, value, given[name], definitions)];
    }),
  );
}

function parameterValue(name: string, definition: Fields, given: string | undefined, definitions: Fields): unknown {
  const type = String(definition.Type ?? 'String');
  const allowed = listOf(definition.AllowedValues).map(String);
  const value = given ?? definition.Default ?? allowed[0];
  if (value === undefined) return undefined;
  const text = String(value);
  const place = placeOf(definitions, name);
  if (given !== undefined && allowed.length > 0 && !allowed.includes(text)) {
    throw new ProjectError(`--parameter ${name}=${given}: the template allows ${allowed.join(', ')}`, place);
  }
  if (given !== undefined && type === 'Number' && (text.trim() === '' || Number.isNaN(Number(text)))) {
    throw new ProjectError(`--parameter ${name}=${given}: the template wants a number`, place);
  }
  return type === 'CommaDelimitedList' || type.startsWith('List<') ? text.split(',').map((item) => item.trim()) : text;
}

/**
 * @param definitions the template's Parameters
 * @param given       values by name, from --parameter
 * @returns the names of parameters whose value is the name of a secret in AWS, and not the secret
 */
export function remoteParameters(definitions: Fields, given: Record<string, string>): string[] {
  const isRemote = (definition: unknown) => String(fieldsOf(definition).Type).startsWith('AWS::SSM::Parameter::Value');
  return Object.keys(definitions).filter((name) => given[name] === undefined && isRemote(definitions[name]));
}
