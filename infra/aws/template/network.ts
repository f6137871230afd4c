/** The network of the data template: a VPC without a way to the internet, and the security groups of its three kinds of members. */
import { policy, type Resource, ref, sub } from './cloudformation.ts';

const postgresPort = 5432;
const redisPort = 6379;
const httpsPort = 443;

const subnetIds = ['SubnetA', 'SubnetB'];
/** References to the subnets, one in each of two availability zones. */
export const subnets = subnetIds.map(ref);

/** The VPC, its subnets and the ways out that functions need: to Secrets Manager, and to the bucket of CloudFormation's answers. */
export const network: Record<string, Resource> = {
  Vpc: {
    Type: 'AWS::EC2::VPC',
    Properties: { CidrBlock: ref('VpcCidr'), EnableDnsSupport: true, EnableDnsHostnames: true, Tags: named('vpc') },
  },
  ...Object.fromEntries(
    subnetIds.map((id, index): [string, Resource] => [
      id,
      {
        Type: 'AWS::EC2::Subnet',
        Properties: {
          VpcId: ref('Vpc'),
          // Each subnet has 2^12 addresses: a function's network interfaces and endpoints share them.
          CidrBlock: { 'Fn::Select': [index, { 'Fn::Cidr': [ref('VpcCidr'), subnetIds.length, 12] }] },
          AvailabilityZone: { 'Fn::Select': [index, { 'Fn::GetAZs': '' }] },
          Tags: named(id),
        },
      },
    ]),
  ),
  RouteTable: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Vpc'), Tags: named('routes') } },
  ...Object.fromEntries(
    subnetIds.map((id): [string, Resource] => [
      `${id}Routes`,
      {
        Type: 'AWS::EC2::SubnetRouteTableAssociation',
        Properties: { SubnetId: ref(id), RouteTableId: ref('RouteTable') },
      },
    ]),
  ),
  SecretsEndpoint: {
    Type: 'AWS::EC2::VPCEndpoint',
    Properties: {
      VpcEndpointType: 'Interface',
      ServiceName: sub(`com.amazonaws.\${AWS::Region}.secretsmanager`),
      VpcId: ref('Vpc'),
      SubnetIds: subnets,
      SecurityGroupIds: [ref('EndpointGroup')],
      PrivateDnsEnabled: true,
    },
  },
  // A custom resource in a VPC puts its answer into a bucket of CloudFormation.
  StorageEndpoint: {
    Type: 'AWS::EC2::VPCEndpoint',
    Properties: {
      VpcEndpointType: 'Gateway',
      ServiceName: sub(`com.amazonaws.\${AWS::Region}.s3`),
      VpcId: ref('Vpc'),
      RouteTableIds: [ref('RouteTable')],
      PolicyDocument: policy({
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: sub(`arn:\${AWS::Partition}:s3:::cloudformation-custom-resource-response-*`),
      }),
    },
  },
  FunctionGroup: group('The functions'),
  ProxyGroup: group('The proxy of the database', [[postgresPort, 'FunctionGroup']]),
  DatabaseGroup: group('The database', [[postgresPort, 'ProxyGroup']]),
  CacheGroup: group('The cache', [[redisPort, 'FunctionGroup']]),
  EndpointGroup: group('The endpoint of Secrets Manager', [[httpsPort, 'FunctionGroup']]),
};

/** @param sources ports that the group's members open, each to the members of another group */
function group(description: string, sources: [port: number, group: string][] = []): Resource {
  return {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupDescription: description,
      VpcId: ref('Vpc'),
      SecurityGroupIngress: sources.map(([port, source]) => ({
        IpProtocol: 'tcp',
        FromPort: port,
        ToPort: port,
        SourceSecurityGroupId: ref(source),
      })),
    },
  };
}

function named(name: string): object[] {
  return [{ Key: 'Name', Value: sub(`\${AWS::StackName}-${name}`) }];
}
