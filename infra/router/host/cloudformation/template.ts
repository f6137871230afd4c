/** A CloudFormation template: its parameters have values, and only the resources whose condition holds are left. */

import type { Notices } from '../description/notices.ts';
import { type Fields, fieldsOf, isFields, placeOf } from '../description/places.ts';
import { ProjectError } from '../project.ts';
import { refuseCircularDependencies } from './dependencies.ts';
import { Evaluator } from './evaluator.ts';
import { parameterValues, remoteParameters } from './parameters.ts';
import type { Resource, Scope } from './scope.ts';

/** A template that is ready to be read. */
export interface Template {
  root: Fields;
  resources: Resource[];
  /** Computes values that functions see: an invented value becomes a notice. */
  values: Evaluator;
  /** Computes references between resources, silently: they only have to lead to the right resource. */
  links: Evaluator;
}

/** The facts that a deployment would add to a template. */
export interface Deployment {
  /** Values of parameters. */
  parameters: Record<string, string>;
  region: string;
  account: string;
  stackName: string;
}

/**
 * @param document   the template, from readDocument()
 * @param file       name for messages, relative to the project's folder
 * @param deployment values that are not in the template
 * @param notices    gets the values that only AWS knows
 * @returns the template
 * @throws {ProjectError} for a document that is no template, a wrong parameter, or resources that depend on each other
 */
export function openTemplate(document: unknown, file: string, deployment: Deployment, notices: Notices): Template {
  if (!isFields(document) || !isFields(document.Resources)) {
    throw new ProjectError('the file is no CloudFormation template: it has no Resources', { file, line: 1 });
  }
  const definitions = fieldsOf(document.Parameters);
  const scope: Scope = {
    parameters: parameterValues(definitions, deployment.parameters),
    remoteParameters: remoteParameters(definitions, deployment.parameters),
    conditions: fieldsOf(document.Conditions),
    mappings: fieldsOf(document.Mappings),
    resources: new Map(),
    isComplete: true,
    region: deployment.region,
    account: deployment.account,
    stackName: deployment.stackName,
  };
  const links = new Evaluator(scope, () => {});
  const values = new Evaluator(scope, (place, message) => notices.add(place, message));
  for (const resource of resourcesOf(document.Resources, notices)) {
    const condition = resource.source.Condition;
    const place = placeOf(resource.source, 'Condition');
    if (condition === undefined || links.condition(String(condition), place)) {
      scope.resources.set(resource.logicalId, resource);
    }
  }
  const resources = [...scope.resources.values()];
  refuseCircularDependencies(resources, links);
  return { root: document, resources, values, links };
}

function resourcesOf(resources: Fields, notices: Notices): Resource[] {
  return Object.entries(resources).flatMap(([logicalId, source]) => {
    const place = placeOf(resources, logicalId);
    if (logicalId.startsWith('Fn::')) {
      notices.add(place, `the host does not expand ${logicalId.split('::').slice(0, 2).join('::')} in Resources`);
      return [];
    }
    if (!isFields(source) || typeof source.Type !== 'string') {
      throw new ProjectError(`the resource ${logicalId} has no Type`, place);
    }
    const properties = fieldsOf(source.Properties);
    return [{ logicalId, type: source.Type, properties, metadata: fieldsOf(source.Metadata), source }];
  });
}
