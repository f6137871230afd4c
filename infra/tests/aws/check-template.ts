/** Finds what CloudFormation would refuse in a template, without CloudFormation. */
import type { Template } from '../../aws/template/cloudformation.ts';
import { checkReferences } from './check-references.ts';
import type { Lookup, PropertyDefinition, ValueType } from './specification.ts';

/** The attributes that a resource may have besides its properties. */
const resourceFields = ['Type', 'Properties', 'DependsOn', 'Condition', 'DeletionPolicy', 'UpdateReplacePolicy'];
/** Types whose properties their function defines. */
const openTypes = /^(AWS::CloudFormation::CustomResource|Custom::\w+)$/;
/** Expressions that give a list, and those that give a text. */
const listExpressions = ['Fn::GetAZs', 'Fn::Split', 'Fn::Cidr'];
const textExpressions = ['Fn::Sub', 'Fn::Join', 'Fn::Select', 'Fn::GetAtt'];

/**
 * Checks every resource against AWS's specification, and every reference against the template.
 * @param template to check
 * @param lookup resourceDefinition of specification.ts
 * @returns one line for each fault: where it is, and what is wrong; empty when there is none
 */
export function checkTemplate(template: Template, lookup: Lookup): string[] {
  const faults: string[] = [];
  const report = (path: string, fault: string) => void faults.push(`${path}: ${fault}`);
  const listParameters = Object.keys(template.Parameters).filter((name) =>
    /List/.test(template.Parameters[name]?.Type ?? ''),
  );
  const checker = new ValueChecker(listParameters);
  for (const [name, resource] of Object.entries(template.Resources)) {
    for (const field of Object.keys(resource)) {
      if (!resourceFields.includes(field)) report(`Resources.${name}`, `unknown field ${field}`);
    }
    const definition = lookup(resource.Type);
    if (definition === undefined) report(`Resources.${name}`, `unknown type ${resource.Type}`);
    else {
      const isOpen = openTypes.test(resource.Type);
      const properties = withGlobals(resource.Type, resource.Properties ?? {}, template);
      faults.push(...checker.checkObject(`Resources.${name}.Properties`, properties, definition.properties, isOpen));
    }
  }
  return [...faults, ...checkReferences(template, lookup)];
}

/** SAM merges Globals.Function into each function. */
function withGlobals(type: string, properties: object, { Globals = {} }: Template): object {
  const globals = type === 'AWS::Serverless::Function' ? Reflect.get(Globals, 'Function') : undefined;
  return { ...globals, ...properties };
}

/** Compares values with the types of the specification. */
class ValueChecker {
  readonly #listParameters: string[];

  constructor(listParameters: string[]) {
    this.#listParameters = listParameters;
  }

  checkObject(path: string, value: object, known: Record<string, PropertyDefinition>, isOpen = false): string[] {
    const missing = Object.keys(known)
      .filter((name) => known[name]?.required && !(name in value))
      .map((name) => `${path}: ${name} is missing`);
    const wrong = Object.entries(value).flatMap(([name, one]) => {
      const definition = known[name];
      if (definition) return this.#check(`${path}.${name}`, one, definition.type);
      return isOpen ? [] : [`${path}: unknown property ${name}`];
    });
    return [...missing, ...wrong];
  }

  #check(path: string, value: unknown, type: ValueType): string[] {
    const [expression, argument] = expressionOf(value) ?? [];
    if (expression === 'Fn::If') {
      return (argument as unknown[]).slice(1).flatMap((branch) => this.#check(path, branch, type));
    }
    if (expression !== undefined) {
      if (argument === 'AWS::NoValue') return [];
      const isList = listExpressions.includes(expression) || this.#listParameters.includes(argument as string);
      return type.type === 'json' || takes(type, isList)
        ? []
        : [`${path}: takes ${nameOf(type)}, and not ${expression}`];
    }
    const wrong = [`${path}: takes ${nameOf(type)}, and not ${JSON.stringify(value)}`];
    switch (type.type) {
      case 'json':
        return [];
      case 'string': {
        // CloudFormation turns a number into a text by itself.
        if (typeof value !== 'string' && typeof value !== 'number') return wrong;
        return type.allowedValues && !type.allowedValues.includes(String(value)) ? wrong : [];
      }
      case 'number':
        return typeof value === 'number' ? [] : wrong;
      case 'integer':
        return Number.isInteger(value) ? [] : wrong;
      case 'boolean':
        return typeof value === 'boolean' ? [] : wrong;
      case 'array':
        if (!Array.isArray(value)) return wrong;
        return value.flatMap((one, index) => this.#check(`${path}[${index}]`, one, type.element));
      case 'map':
        if (!isObject(value)) return wrong;
        return Object.entries(value).flatMap(([name, one]) => this.#check(`${path}.${name}`, one, type.element));
      case 'object':
        return isObject(value) ? this.checkObject(path, value, type.properties()) : wrong;
      case 'union': {
        // The faults of the type that comes closest say most.
        const all = type.types.map((one) => this.#check(path, value, one));
        return all.sort((a, b) => a.length - b.length)[0] as string[];
      }
    }
  }
}

/** @returns the name and the argument of an expression such as {Ref: "Api"}; undefined for any other value */
export function expressionOf(value: unknown): [name: string, argument: unknown] | undefined {
  if (!isObject(value)) return undefined;
  const [entry, ...more] = Object.entries(value);
  if (!entry || more.length > 0) return undefined;
  const known = ['Ref', 'Fn::If', ...listExpressions, ...textExpressions];
  return known.includes(entry[0]) || entry[0].startsWith('Fn::') ? entry : undefined;
}

/** Tells whether a value of this type can come from an expression that gives a list, or a text. */
function takes(type: ValueType, isList: boolean): boolean {
  if (type.type === 'union') return type.types.some((one) => takes(one, isList));
  return isList ? type.type === 'array' : ['string', 'number', 'integer', 'boolean'].includes(type.type);
}

function nameOf(type: ValueType): string {
  if (type.type === 'object') return type.name;
  if (type.type === 'union') return type.types.map(nameOf).join(' or ');
  if (type.type === 'array' || type.type === 'map') return `${type.type} of ${nameOf(type.element)}`;
  return type.type === 'string' && type.allowedValues ? type.allowedValues.join(' or ') : type.type;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
