/**
 * CloudFormation's intrinsic functions.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
import { type Fields, isFields, placeOf } from '../description/places.ts';
import { type Place, ProjectError } from '../project.ts';
import { subnets } from './subnets.ts';

/** The part of the evaluator that intrinsic functions use. */
interface Values {
  scope: { mappings: Fields; region: string };
  evaluate(value: unknown, place?: Place): unknown;
  test(expression: unknown, place: Place): boolean;
  condition(name: string, place: Place): boolean;
  ref(name: string, place: Place): unknown;
  attribute(name: string, attribute: string, place: Place): unknown;
  report(place: Place, message: string): void;
}

type Intrinsic = (argument: unknown, values: Values, place: Place) => unknown;

/** Each function by its name in a template. */
export const intrinsics: Record<string, Intrinsic> = {
  Ref: (argument, values, place) => values.ref(text(argument, 'Ref takes a name', place), place),

  'Fn::GetAtt': (argument, values, place) => {
    const [name, ...attributes] =
      typeof argument === 'string' ? argument.split('.') : list(argument, 'Fn::GetAtt', place);
    const attribute = attributes.map((part) =>
      text(values.evaluate(part), 'Fn::GetAtt takes [resource, attribute]', place),
    );
    return values.attribute(text(name, 'Fn::GetAtt takes [resource, attribute]', place), attribute.join('.'), place);
  },

  'Fn::Sub': (argument, values, place) => {
    const [template, own] = typeof argument === 'string' ? [argument] : list(argument, 'Fn::Sub', place);
    const names = isFields(own) ? own : {};
    return text(template, 'Fn::Sub takes text, or [text, {name: value}]', place).replace(
      /\$\{(!?)\s*([^}]*?)\s*\}/g,
      (_, escaped: string, name: string) => {
        if (escaped) return `\${${name}}`;
        if (Object.hasOwn(names, name))
          return plain(values.evaluate(names[name], placeOf(names, name)), 'Fn::Sub', place);
        const [id = '', ...attributes] = name.startsWith('AWS::') ? [name] : name.split('.');
        const value = attributes.length > 0 ? values.attribute(id, attributes.join('.'), place) : values.ref(id, place);
        return plain(value ?? '', 'Fn::Sub', place);
      },
    );
  },

  'Fn::Join': (argument, values, place) => {
    const [separator, items] = list(argument, 'Fn::Join', place);
    const joined = list(values.evaluate(items, place), 'Fn::Join', place).map((item) => plain(item, 'Fn::Join', place));
    return joined.join(text(separator, 'Fn::Join takes [separator, list]', place));
  },

  'Fn::Split': (argument, values, place) => {
    const [separator, source] = list(argument, 'Fn::Split', place);
    const whole = text(values.evaluate(source, place), 'Fn::Split takes [separator, text]', place);
    return whole.split(text(separator, 'Fn::Split takes [separator, text]', place));
  },

  'Fn::Select': (argument, values, place) => {
    const [position, source] = list(argument, 'Fn::Select', place);
    const given = values.evaluate(source, place);
    const items = typeof given === 'string' ? given.split(',') : list(given, 'Fn::Select', place);
    const index = Number(values.evaluate(position, place));
    if (index in items) return items[index];
    throw new ProjectError(`Fn::Select asks for item ${index} of a list of ${items.length}`, place);
  },

  'Fn::FindInMap': (argument, values, place) => {
    const [map, first, second, options] = list(argument, 'Fn::FindInMap', place).map((item) =>
      values.evaluate(item, place),
    );
    let found: unknown = values.scope.mappings;
    for (const key of [map, first, second]) {
      found = isFields(found) && Object.hasOwn(found, String(key)) ? found[String(key)] : undefined;
    }
    if (found === undefined && isFields(options)) found = options.DefaultValue;
    if (found !== undefined) return values.evaluate(found, place);
    throw new ProjectError(`Mappings have no ${[map, first, second].join('.')}`, place);
  },

  'Fn::If': (argument, values, place) => {
    const [name, yes, no] = list(argument, 'Fn::If', place);
    const holds = values.condition(text(name, 'Fn::If takes [condition, value, value]', place), place);
    return values.evaluate(holds ? yes : no, place);
  },

  'Fn::Equals': (argument, values, place) => {
    const [one, other] = list(argument, 'Fn::Equals', place).map((item) => values.evaluate(item, place));
    return comparable(one) === comparable(other);
  },

  'Fn::And': (argument, values, place) => list(argument, 'Fn::And', place).every((item) => values.test(item, place)),
  'Fn::Or': (argument, values, place) => list(argument, 'Fn::Or', place).some((item) => values.test(item, place)),
  'Fn::Not': (argument, values, place) => !values.test(list(argument, 'Fn::Not', place)[0], place),

  'Fn::Base64': (argument, values, place) => {
    return Buffer.from(plain(values.evaluate(argument, place), 'Fn::Base64', place)).toString('base64');
  },

  'Fn::Cidr': (argument, values, place) => {
    const [block, count, bits = 8] = list(argument, 'Fn::Cidr', place).map((item) => values.evaluate(item, place));
    const found = subnets(String(block), Number(count), Number(bits));
    if (found) return found;
    throw new ProjectError('Fn::Cidr takes [IPv4 block, count, bits] that fit', place);
  },

  'Fn::GetAZs': (argument, values, place) => {
    const region = values.evaluate(argument, place) || values.scope.region;
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },

  'Fn::ImportValue': (argument, values, place) => {
    const name = plain(values.evaluate(argument, place), 'Fn::ImportValue', place);
    values.report(place, `another stack exports ${name}; the functions get "${name}"`);
    return name;
  },

  'Fn::Transform': (argument, values, place) => {
    const name = isFields(argument) ? argument.Name : argument;
    values.report(place, `the host does not run the macro ${name}; its result is left out`);
    return undefined;
  },

  'Fn::Length': (argument, values, place) => list(values.evaluate(argument, place), 'Fn::Length', place).length,
  'Fn::ToJsonString': (argument, values, place) => JSON.stringify(values.evaluate(argument, place)),
};

function list(value: unknown, name: string, place: Place): unknown[] {
  if (Array.isArray(value)) return value;
  throw new ProjectError(`${name} takes a list`, place);
}

function text(value: unknown, message: string, place: Place): string {
  if (typeof value === 'string') return value;
  throw new ProjectError(message, place);
}

/** @returns a scalar as text */
function plain(value: unknown, name: string, place: Place): string {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'object' || value === undefined) throw new ProjectError(`${name} takes text`, place);
  return String(value);
}

/** CloudFormation compares scalars as text. */
function comparable(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
