/** Makes the scope in which Ref and Fn:: of a serverless.yml are computed. */
import { Evaluator } from '../cloudformation/evaluator.ts';
import type { Resource } from '../cloudformation/scope.ts';
import type { Notices } from '../description/notices.ts';
import { type Fields, fieldsOf, isFields, listOf, placeOf } from '../description/places.ts';
import { ProjectError } from '../project.ts';
import type { FunctionSource } from './functions.ts';
import { functionId } from './logical-ids.ts';
import type { Variables } from './variables.ts';

/** Resources that the framework makes for a service. */
const ownResources = {
  ApiGatewayRestApi: 'AWS::ApiGateway::RestApi',
  HttpApi: 'AWS::ApiGatewayV2::Api',
  IamRoleLambdaExecution: 'AWS::IAM::Role',
  ServerlessDeploymentBucket: 'AWS::S3::Bucket',
  WebsocketsApi: 'AWS::ApiGatewayV2::Api',
};

/**
 * @param root      the document
 * @param functions of the service
 * @param variables resolves the resources
 * @param notices   gets the values that only AWS has
 * @returns an evaluator that knows `resources` and what the framework adds to it
 */
export function resourceEvaluator(
  root: Fields,
  functions: FunctionSource[],
  variables: Variables,
  notices: Notices,
): Evaluator {
  const resources = new Map<string, Resource>();
  const add = (logicalId: string, type: string, source: Fields, properties: Fields) =>
    resources.set(logicalId, { logicalId, type, properties, metadata: {}, source });
  for (const [logicalId, type] of Object.entries(ownResources)) add(logicalId, type, root, {});
  for (const { key, source } of functions) {
    const { name = key } = source;
    add(functionId(key), 'AWS::Lambda::Function', source, {
      FunctionName: variables.shallow(name, placeOf(source, 'name')),
    });
  }
  const sections = listOf(variables.shallow(root.resources, placeOf(root, 'resources'))).map((section) =>
    fieldsOf(variables.shallow(section, placeOf(root, 'resources'))),
  );
  const merged = (name: string) => Object.assign({}, ...sections.map((section) => variables.section(section, name)));
  for (const [logicalId, value] of Object.entries<unknown>(merged('Resources'))) {
    const source = variables.shallow(value, placeOf(root, 'resources'));
    if (!isFields(source)) continue;
    // A name may be made of variables; the other properties stay as they are, since nobody asks for them.
    add(logicalId, String(source.Type), source, namesOf(variables, variables.section(source, 'Properties'), notices));
  }
  const scope = {
    parameters: new Map<string, unknown>(),
    remoteParameters: [],
    conditions: merged('Conditions'),
    mappings: merged('Mappings'),
    resources,
    isComplete: false,
    region: variables.region(),
    account: variables.account(),
    stackName: 'local',
  };
  return new Evaluator(scope, (place, message) => notices.add(place, message));
}

function namesOf(variables: Variables, properties: Fields, notices: Notices): Fields {
  const names = Object.keys(properties).filter((key) => key === 'Name' || key === 'Value' || key.endsWith('Name'));
  return Object.fromEntries(
    names.flatMap((key) => {
      try {
        return [[key, variables.field(properties, key)]];
      } catch (error) {
        if (!(error instanceof ProjectError)) throw error;
        notices.add(error.place, error.message);
        return [];
      }
    }),
  );
}
