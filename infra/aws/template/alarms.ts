/** Alarms of the two templates. An alarm without a topic still shows in CloudWatch. */
import { type Expression, isSet, type Parameter, type Resource, ref, valueIf } from './cloudformation.ts';

/** The metric that an alarm watches, and its limit. */
export interface Watch {
  /** Namespace, name and dimensions of the metric. */
  namespace: string;
  metric: string;
  dimensions: Record<string, Expression>;
  /** How the values of one period become one, such as Sum or p99. */
  statistic: string;
  /** The alarm rings when the value is beyond this, in the unit of the metric. */
  threshold: number;
  below?: boolean;
  description: string;
}

/** The length of a period (s), and how many of the last periods have to be bad. */
const period = 60;
const periods = 5;
const badPeriods = 3;

/** @returns an alarm for this metric */
export function alarm(watch: Watch): Resource {
  const { namespace, metric, dimensions, statistic, threshold, below = false, description } = watch;
  const isPercentile = /^p\d/.test(statistic);
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: description,
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      ...(isPercentile ? { ExtendedStatistic: statistic } : { Statistic: statistic }),
      Period: period,
      EvaluationPeriods: periods,
      DatapointsToAlarm: badPeriods,
      Threshold: threshold,
      ComparisonOperator: below ? 'LessThanThreshold' : 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: valueIf('HasAlarmTopicArn', [ref('AlarmTopicArn')]),
    },
  };
}

/** The parameter and the condition that alarms refer to. */
export const alarmParameters: Record<string, Parameter> = {
  AlarmTopicArn: { Type: 'String', Default: '', Description: 'SNS topic that alarms notify; empty for none' },
};
export const alarmConditions: Record<string, Expression> = { HasAlarmTopicArn: isSet('AlarmTopicArn') };
