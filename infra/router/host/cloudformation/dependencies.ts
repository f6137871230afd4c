/** Finds resources that depend on each other in a circle: CloudFormation refuses such a template. */
import { type Fields, isFields, listOf, placeOf } from '../description/places.ts';
import { type Place, ProjectError } from '../project.ts';
import type { Evaluator } from './evaluator.ts';
import type { Resource } from './scope.ts';

/** Properties from which SAM makes other resources, and one that examples of AWS itself use for a circle. */
const expanded = [
  'Events',
  'Policies',
  'Connectors',
  'EventInvokeConfig',
  'DeploymentPreference',
  'DeadLetterQueue',
  'LoggingConfig',
];

interface Edge {
  to: string;
  place: Place;
}

/**
 * @param resources of a template
 * @param links     decides which branch of Fn::If counts
 * @throws {ProjectError} that lists the resources of the first circle
 */
export function refuseCircularDependencies(resources: Resource[], links: Evaluator): void {
  const edges = new Map(resources.map((resource) => [resource.logicalId, dependenciesOf(resource, links)]));
  const finished = new Set<string>();
  const visit = (id: string, path: string[], place: Place): void => {
    if (finished.has(id)) return;
    if (path.includes(id)) {
      const circle = [...path.slice(path.indexOf(id)), id].join(' → ');
      throw new ProjectError(`the resources depend on each other in a circle: ${circle}`, place);
    }
    for (const { to, place: next } of edges.get(id) ?? []) visit(to, [...path, id], next);
    finished.add(id);
  };
  for (const { logicalId, source } of resources) visit(logicalId, [], placeOf(source));
}

function dependenciesOf({ type, properties, source }: Resource, links: Evaluator): Edge[] {
  const found: Edge[] = [];
  const add = (to: string, place: Place) => found.push({ to, place });
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    if (!isFields(value)) return;
    for (const [key, item] of Object.entries(value)) {
      const place = placeOf(value, key);
      if (key === 'Ref') add(String(item), place);
      else if (key === 'Fn::GetAtt') add(String(listOf(item)[0]).split('.')[0] ?? '', place);
      else if (key === 'Fn::If' && Array.isArray(item)) walk(item[branchOf(item, links, place)]);
      else if (key === 'Fn::Sub') walkSub(item, place);
      else walk(item);
    }
  };
  const walkSub = (argument: unknown, place: Place): void => {
    const [template, names] = listOf(argument);
    for (const [, name = ''] of String(template).matchAll(/\$\{\s*([\w:.]+)\s*\}/g)) {
      const id = name.split('.')[0] ?? '';
      if (!isFields(names) || !Object.hasOwn(names, name)) add(id, place);
    }
    walk(names);
  };
  for (const name of listOf(source.DependsOn)) add(String(name), placeOf(source, 'DependsOn'));
  // SAM divides its other types into several resources, which need not depend on each other.
  if (type === 'AWS::Serverless::Function') walk(without(properties, expanded));
  else if (!type.startsWith('AWS::Serverless::')) walk(properties);
  return found;
}

function branchOf(argument: unknown[], links: Evaluator, place: Place): number {
  return links.condition(String(argument[0]), place) ? 1 : 2;
}

function without(fields: Fields, keys: string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));
}
