/** The environment variables of the functions on AWS, and the parameters of the template that hold their values. */
import type { FunctionConfiguration } from '../../router/manifest.ts';
import { type Expression, isSet, logicalId, type Parameter, ref, sub, valueIf } from './cloudformation.ts';

/** Variables that Lambda sets itself and refuses in a template. */
const reservedName = /^(AWS_|_HANDLER$|LAMBDA_|TZ$)/;

/** On AWS no function reaches a file that another one writes, or a provider on the internet, and ElastiCache replaces Sentinel. */
const unusedOnAws = [
  'DATABASE_SYNCHRONOUS',
  'REDIS_SENTINEL_PASSWORD',
  ...['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_ROLE_CLAIM'],
];

/** RDS Proxy gives a client that prepares statements a database connection of its own. */
const defaults: Readonly<Record<string, string>> = { DATABASE_PREPARED_STATEMENTS: 'off' };

/** Passwords, with the parameter that takes the ARN of the secret. Each secret is JSON with a field `password`. */
const secretParameters: Readonly<Record<string, string>> = {
  DATABASE_PASSWORD: 'DatabaseSecretArn',
  REDIS_PASSWORD: 'RedisSecretArn',
};

/** Refuses a URL with a password, because everybody who may look at the function could read it. */
const urlWithoutPassword = {
  AllowedPattern: '^(?!.*://[^/@]*:[^/@]*@).*$',
  ConstraintDescription: 'takes no password: the password belongs in the secret',
};

/** @returns the variables of a function, without those that Lambda sets or that mean nothing on AWS */
export function variablesOf({ environment }: FunctionConfiguration): string[] {
  return environment.filter((name) => !reservedName.test(name) && !unusedOnAws.includes(name));
}

/**
 * @param variables of all functions
 * @returns a parameter for each of them, and for each secret; an empty one leaves its variable out
 */
export function variableParameters(variables: string[]): Record<string, Parameter> {
  return Object.fromEntries([
    ...variables
      .filter((name) => !(name in secretParameters))
      .map((name) => [
        logicalId(name),
        {
          Type: 'String',
          Default: defaults[name] ?? '',
          Description: `Environment variable ${name} of the functions`,
          ...(name.endsWith('_URL') && urlWithoutPassword),
        },
      ]),
    ...Object.entries(secretParameters).map(([name, parameter]) => [
      parameter,
      { Type: 'String', Default: '', Description: `ARN of the secret whose field password is ${name}` },
    ]),
  ]);
}

/** @returns a condition for each parameter of variableParameters, which holds where the parameter is not empty */
export function variableConditions(variables: string[]): Record<string, Expression> {
  return Object.fromEntries(Object.keys(variableParameters(variables)).map((id) => [`Has${id}`, isSet(id)]));
}

/**
 * @param variables of one function
 * @returns their values; of a secret, only where it is: infra/aws/lambda/bootstrap.ts reads it when the environment starts
 */
export function variableValues(variables: string[]): Record<string, Expression> {
  return Object.fromEntries(
    variables.map((name) => {
      const secret = secretParameters[name];
      if (secret === undefined) return [name, valueIf(`Has${logicalId(name)}`, ref(logicalId(name)))];
      return [`${name}_SECRET`, valueIf(`Has${secret}`, sub(`\${${secret}}:password::`))];
    }),
  );
}

/** @returns policy statements that let the functions read the secrets of the parameters */
export function secretStatements(): Expression[] {
  return Object.values(secretParameters).map((parameter) =>
    valueIf(`Has${parameter}`, { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: ref(parameter) }),
  );
}
