/** PostgreSQL of the data template: an RDS instance, and the RDS Proxy through which functions reach it. */
import { allow, attribute, policy, type Resource, ref, sub, trust } from './cloudformation.ts';
import { subnets } from './network.ts';

const userName = 'cadastro';
const databaseName = 'cadastro';

/** CloudFormation's reference to a field of the database's secret. RDS alone receives the value. */
const secretField = (field: string) => sub(`{{resolve:secretsmanager:\${DatabaseSecret}:SecretString:${field}}}`);

/** How many percent of the database's connections the proxy takes. The rest is for people and for RDS itself. */
const proxyShare = 90;

/** The database, its secret and its proxy. */
export const database: Record<string, Resource> = {
  DatabaseSecret: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: {
      Description: 'User and password of the database',
      GenerateSecretString: {
        SecretStringTemplate: JSON.stringify({ username: userName }),
        GenerateStringKey: 'password',
        PasswordLength: 48,
        ExcludePunctuation: true,
      },
    },
  },
  DatabaseSubnets: {
    Type: 'AWS::RDS::DBSubnetGroup',
    Properties: { DBSubnetGroupDescription: 'The subnets of the data', SubnetIds: subnets },
  },
  DatabaseParameters: {
    Type: 'AWS::RDS::DBParameterGroup',
    Properties: {
      Family: 'postgres15',
      Description: 'Refuses connections without TLS',
      Parameters: { 'rds.force_ssl': '1' },
    },
  },
  Database: {
    Type: 'AWS::RDS::DBInstance',
    DeletionPolicy: 'Snapshot',
    UpdateReplacePolicy: 'Snapshot',
    Properties: {
      Engine: 'postgres',
      // The version on which the tests of the project run.
      EngineVersion: '15',
      DBInstanceClass: ref('DatabaseClass'),
      DBName: databaseName,
      MasterUsername: secretField('username'),
      MasterUserPassword: secretField('password'),
      DBParameterGroupName: ref('DatabaseParameters'),
      DBSubnetGroupName: ref('DatabaseSubnets'),
      VPCSecurityGroups: [attribute('DatabaseGroup', 'GroupId')],
      PubliclyAccessible: false,
      // The standby is synchronous, so that a failover loses no acknowledged write (decision 042).
      MultiAZ: true,
      AllocatedStorage: ref('DatabaseStorageGb'),
      StorageType: 'gp3',
      StorageEncrypted: true,
      BackupRetentionPeriod: ref('BackupDays'),
      CopyTagsToSnapshot: true,
      DeletionProtection: true,
      EnablePerformanceInsights: true,
      EnableCloudwatchLogsExports: ['postgresql'],
    },
  },
  ProxyRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: trust('rds.amazonaws.com'),
      Policies: [
        {
          PolicyName: 'secret',
          PolicyDocument: policy(allow(['secretsmanager:GetSecretValue'], ref('DatabaseSecret'))),
        },
      ],
    },
  },
  Proxy: {
    Type: 'AWS::RDS::DBProxy',
    Properties: {
      DBProxyName: sub(`\${AWS::StackName}`),
      EngineFamily: 'POSTGRESQL',
      RequireTLS: true,
      RoleArn: attribute('ProxyRole', 'Arn'),
      Auth: [{ AuthScheme: 'SECRETS', IAMAuth: 'DISABLED', SecretArn: ref('DatabaseSecret') }],
      VpcSubnetIds: subnets,
      VpcSecurityGroupIds: [attribute('ProxyGroup', 'GroupId')],
    },
  },
  ProxyTargets: {
    Type: 'AWS::RDS::DBProxyTargetGroup',
    Properties: {
      DBProxyName: ref('Proxy'),
      TargetGroupName: 'default',
      DBInstanceIdentifiers: [ref('Database')],
      ConnectionPoolConfigurationInfo: { MaxConnectionsPercent: proxyShare, ConnectionBorrowTimeout: 5 },
    },
  },
};

/** The address of the database for the functions. The password is in the secret. */
export const databaseUrl = sub(`postgres://${userName}@\${Proxy.Endpoint}:5432/${databaseName}?sslmode=verify-full`);
