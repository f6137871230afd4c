/** Makes the CloudFormation template of the data: network, PostgreSQL and Redis. Its outputs are parameters of the functions' template. */
import { alarm, alarmConditions, alarmParameters } from './alarms.ts';
import { cache, redisUrl } from './cache.ts';
import { attribute, type Expression, type Resource, ref, type Template } from './cloudformation.ts';
import { database, databaseUrl } from './database.ts';
import { network, subnets } from './network.ts';

/** @returns the template; it stands in a stack of its own, so that nothing done to the functions can delete the data */
export function dataTemplate(): Template {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'cadastro: network, PostgreSQL and Redis of the functions.',
    Parameters: {
      VpcCidr: { Type: 'String', Default: '10.20.0.0/16', Description: 'Addresses of the VPC, a /16 to a /19' },
      DatabaseClass: { Type: 'String', Default: 'db.t4g.medium' },
      DatabaseStorageGb: { Type: 'Number', Default: 20 },
      BackupDays: { Type: 'Number', Default: 14, Description: 'Days that RDS keeps its daily backups' },
      CacheNodeType: { Type: 'String', Default: 'cache.t4g.small' },
      ...alarmParameters,
    },
    Conditions: alarmConditions,
    Resources: { ...network, ...database, ...cache, ...alarms },
    Outputs: {
      SubnetIds: output('Subnets of the functions', { 'Fn::Join': [',', subnets] }),
      SecurityGroupIds: output('Security group of the functions', attribute('FunctionGroup', 'GroupId')),
      DatabaseUrl: output('Address of the database, without its password', databaseUrl),
      DatabaseSecretArn: output('Secret with the password of the database', ref('DatabaseSecret')),
      RedisUrl: output('Address of the cache, without its password', redisUrl),
      RedisSecretArn: output('Secret with the password of the cache', ref('RedisSecret')),
    },
  };
}

const output = (Description: string, Value: Expression) => ({ Description, Value });

const databaseMetric = { namespace: 'AWS/RDS', dimensions: { DBInstanceIdentifier: ref('Database') } };
const alarms: Record<string, Resource> = {
  DatabaseLoad: alarm({
    ...databaseMetric,
    metric: 'CPUUtilization',
    statistic: 'Average',
    threshold: 80,
    description: 'The database uses more than 80 % of its processors',
  }),
  DatabaseStorage: alarm({
    ...databaseMetric,
    metric: 'FreeStorageSpace',
    statistic: 'Minimum',
    threshold: 2_000_000_000,
    below: true,
    description: 'The database has less than 2 GB of free storage',
  }),
  // No client of a security group beyond the functions exists, so that a waiting client is a waiting function.
  ProxyWait: alarm({
    namespace: 'AWS/RDS',
    metric: 'DatabaseConnectionsBorrowLatency',
    dimensions: { ProxyName: ref('Proxy') },
    statistic: 'Average',
    threshold: 100_000,
    description: 'Functions wait more than 0.1 s for a connection to the database',
  }),
  ...Object.fromEntries(
    ['001', '002'].map((node): [string, Resource] => [
      `CacheLoad${node}`,
      alarm({
        namespace: 'AWS/ElastiCache',
        metric: 'EngineCPUUtilization',
        dimensions: { CacheClusterId: { 'Fn::Join': ['-', [ref('Cache'), node]] } },
        statistic: 'Average',
        threshold: 80,
        description: `The node ${node} of the cache uses more than 80 % of its processor`,
      }),
    ]),
  ),
};
