/** Computes the variables that a function of the template has once it is deployed. */
import type { Resource, Template } from '../../aws/template/cloudformation.ts';
import { expressionOf } from './check-template.ts';

/**
 * @param template of the functions
 * @param id of the function in the template
 * @param given values of the parameters that have no default or another value
 * @returns its variables, as CloudFormation computes them
 * @throws Error for an expression that variables do not use
 */
export function deployedVariables(
  template: Template,
  id: string,
  given: Record<string, string>,
): Record<string, string> {
  const parameter = (name: string): string => given[name] ?? String(template.Parameters[name]?.Default ?? '');
  const holds = (condition: unknown): boolean => {
    const [name, argument] = expressionOf(condition) ?? [];
    if (name === 'Fn::Not') return !holds((argument as unknown[])[0]);
    if (name === 'Fn::Equals') {
      const [one, other] = (argument as unknown[]).map(resolveValue);
      return one === other;
    }
    throw new Error(`unknown condition ${JSON.stringify(condition)}`);
  };
  const resolveValue = (value: unknown): string | undefined => {
    if (typeof value === 'string') return value;
    const [name, argument] = expressionOf(value) ?? [];
    if (name === 'Ref') return argument === 'AWS::NoValue' ? undefined : parameter(String(argument));
    if (name === 'Fn::Sub') return String(argument).replaceAll(/\$\{(\w+)\}/g, (_, one: string) => parameter(one));
    if (name === 'Fn::If') {
      const [condition, yes, no] = argument as [string, unknown, unknown];
      return resolveValue(holds(template.Conditions?.[condition]) ? yes : no);
    }
    throw new Error(`unknown expression ${JSON.stringify(value)}`);
  };
  const { Environment } = (template.Resources[id] as Resource).Properties as {
    Environment: { Variables: Record<string, unknown> };
  };
  const variables = Object.entries(Environment.Variables).map(([name, value]) => [name, resolveValue(value)] as const);
  return Object.fromEntries(variables.filter((one): one is [string, string] => one[1] !== undefined));
}
