/** Redis of the data template: a primary and a replica of ElastiCache on nodes, with TLS and a password. */
import { attribute, type Resource, ref, sub } from './cloudformation.ts';
import { subnets } from './network.ts';

/** The cache and its secret. */
export const cache: Record<string, Resource> = {
  RedisSecret: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: {
      Description: 'Password of the cache',
      GenerateSecretString: {
        SecretStringTemplate: '{}',
        GenerateStringKey: 'password',
        PasswordLength: 64,
        ExcludePunctuation: true,
      },
    },
  },
  CacheSubnets: {
    Type: 'AWS::ElastiCache::SubnetGroup',
    Properties: { Description: 'The subnets of the data', SubnetIds: subnets },
  },
  CacheParameters: {
    Type: 'AWS::ElastiCache::ParameterGroup',
    Properties: {
      CacheParameterGroupFamily: 'redis7',
      Description: 'Evicts entries that expire alone, so that no tombstone is lost',
      // Tombstones, epoch and write marks have no expiry (decision 001), and volatile-lru never evicts them.
      Properties: { 'maxmemory-policy': 'volatile-lru' },
    },
  },
  // Nodes, because ElastiCache Serverless is a cluster, and the protocol needs all keys on one node.
  Cache: {
    Type: 'AWS::ElastiCache::ReplicationGroup',
    Properties: {
      ReplicationGroupDescription: 'The cache of cadastro',
      Engine: 'redis',
      EngineVersion: '7.1',
      CacheNodeType: ref('CacheNodeType'),
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      CacheParameterGroupName: ref('CacheParameters'),
      CacheSubnetGroupName: ref('CacheSubnets'),
      SecurityGroupIds: [attribute('CacheGroup', 'GroupId')],
      TransitEncryptionEnabled: true,
      AtRestEncryptionEnabled: true,
      AuthToken: sub(`{{resolve:secretsmanager:\${RedisSecret}:SecretString:password}}`),
      SnapshotRetentionLimit: 0,
    },
  },
};

/** The address of the cache for the functions. The password is in the secret. */
export const redisUrl = sub(`rediss://\${Cache.PrimaryEndPoint.Address}:\${Cache.PrimaryEndPoint.Port}`);
