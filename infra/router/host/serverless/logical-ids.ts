/**
 * Names of the resources that the Serverless Framework makes, as Ref and Fn::GetAtt use them.
 * @see https://www.serverless.com/framework/docs/providers/aws/guide/resources#aws-cloudformation-resource-reference
 */

/** @returns the logical id of a function, such as "HelloDashWorldLambdaFunction" */
export function functionId(key: string): string {
  return `${normalized(key)}LambdaFunction`;
}

/** @returns the logical id of a layer, such as "ToolsLambdaLayer" */
export function layerName(key: string): string {
  return `${normalized(key)}LambdaLayer`;
}

function normalized(key: string): string {
  const text = key.replaceAll('-', 'Dash').replaceAll('_', 'Underscore');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
