/** Follows the references of a template: every name must exist, and every attribute, and every parameter must be used. */
import type { Template } from '../../aws/template/cloudformation.ts';
import type { Lookup } from './specification.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
const pseudoParameters = ['AccountId', 'NoValue', 'Partition', 'Region', 'StackId', 'StackName', 'URLSuffix'].map(
  (name) => `AWS::${name}`,
);

/** A name in a template, and where it stands. */
interface Reference {
  path: string;
  kind: 'value' | 'attribute' | 'condition' | 'dependency';
  name: string;
  /** Of an attribute. */
  attribute?: string;
}

/**
 * @param template to check
 * @param lookup knows the attributes of each type of resource
 * @returns one line for each fault
 */
export function checkReferences(template: Template, lookup: Lookup): string[] {
  const { Parameters, Resources, Conditions = {} } = template;
  const references = [...referencesIn(template, '')];
  const faultOf = ({ kind, name, attribute = '' }: Reference): string | undefined => {
    switch (kind) {
      case 'value':
        return name in Parameters || name in Resources || pseudoParameters.includes(name) ? undefined : `no ${name}`;
      case 'condition':
        return name in Conditions ? undefined : `no condition ${name}`;
      case 'dependency':
        return name in Resources ? undefined : `no resource ${name}`;
      case 'attribute': {
        const type = Resources[name]?.Type;
        if (type === undefined) return `no resource ${name}`;
        return lookup(type)?.attributes.includes(attribute) ? undefined : `${type} has no attribute ${attribute}`;
      }
    }
  };
  const wrong = references.flatMap((one) => {
    const fault = faultOf(one);
    return fault ? [`${one.path}: ${fault}`] : [];
  });
  const used = new Set(references.map(({ name }) => name));
  const unused = [...Object.keys(Parameters), ...Object.keys(Conditions)]
    .filter((name) => !used.has(name))
    .map((name) => `${name}: nothing uses it`);
  return [...wrong, ...unused];
}

function* referencesIn(value: unknown, path: string): Generator<Reference> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    const here = path === '' ? key : `${path}.${key}`;
    if (key === 'Ref') yield { path, kind: 'value', name: String(one) };
    else if (key === 'Fn::GetAtt') yield { path, kind: 'attribute', name: one[0], attribute: one[1] };
    else if (key === 'Fn::Sub') yield* namesIn(String(one), path);
    else if (key === 'Condition' && typeof one === 'string') yield { path, kind: 'condition', name: one };
    else if (key === 'DependsOn') {
      for (const name of [one].flat()) yield { path, kind: 'dependency', name };
    } else {
      if (key === 'Fn::If') yield { path, kind: 'condition', name: one[0] };
      yield* referencesIn(one, here);
    }
  }
}

/** @returns the references in a text of Fn::Sub; `${!Name}` is none */
function* namesIn(text: string, path: string): Generator<Reference> {
  for (const [, name = ''] of text.matchAll(/\$\{([^!}][^}]*)\}/g)) {
    const [resource = '', ...attribute] = name.split('.');
    yield attribute.length === 0
      ? { path, kind: 'value', name }
      : { path, kind: 'attribute', name: resource, attribute: attribute.join('.') };
  }
}
