/** The role of all functions. They need the same rights, because each of them reads the database and the cache. */
import { allow, policy, type Resource, sub, trust, valueIf } from './cloudformation.ts';
import { secretStatements } from './variables.ts';

const networkInterfaceActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Lambda itself needs the actions on network interfaces, and none of them can be limited to some resources. The second
 * statement takes them from the functions' code.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
const networkStatements = [
  allow(networkInterfaceActions, '*'),
  {
    Effect: 'Deny',
    Action: networkInterfaceActions,
    Resource: '*',
    Condition: {
      ArnLike: {
        'lambda:SourceFunctionArn': sub(
          `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:\${AWS::StackName}-*`,
        ),
      },
    },
  },
];

/** @returns the role: it writes its log and traces, joins the VPC and reads its two secrets, and can do nothing else */
export function functionRole(): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
      Policies: [
        {
          PolicyName: 'functions',
          PolicyDocument: policy(
            allow(
              ['logs:CreateLogStream', 'logs:PutLogEvents'],
              sub(
                `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${FunctionLog}:log-stream:*`,
              ),
            ),
            allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*'),
            ...networkStatements.map((statement) => valueIf('InVpc', statement)),
            ...secretStatements(),
          ),
        },
      ],
    },
  };
}
