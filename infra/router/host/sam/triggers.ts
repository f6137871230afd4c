/** Reads the resources of plain CloudFormation that invoke functions besides APIs: Function URLs, schedules, event sources. */
import type { Resource } from '../cloudformation/scope.ts';
import { fieldsOf, listOf, placeOf } from '../description/places.ts';
import { addSchedule, type DescribedSchedule, noteDates } from '../description/schedules.ts';
import { functionAt, resourcesOf, type TemplateContext } from './context.ts';
import { addFunctionUrl } from './events.ts';

/** Resources of which people may expect that the host runs them. */
const notRun: Record<string, string> = {
  'AWS::AppSync::GraphQLApi': 'GraphQL API',
  'AWS::CloudFormation::Stack': 'nested stack',
  'AWS::Serverless::Application': 'nested application',
  'AWS::Serverless::GraphQLApi': 'GraphQL API',
  'AWS::Serverless::StateMachine': 'state machine',
  'AWS::StepFunctions::StateMachine': 'state machine',
};

/** Adds Function URLs and schedules to their functions, and names the event sources that the host does not have. */
export function readTriggers(context: TemplateContext): void {
  for (const url of resourcesOf(context, 'AWS::Lambda::Url')) {
    const owner = functionAt(context, url.properties.TargetFunctionArn);
    if (owner) addFunctionUrl(context, owner, url.properties, placeOf(url.source, 'Type'));
  }
  for (const rule of resourcesOf(context, 'AWS::Events::Rule', 'AWS::Scheduler::Schedule')) readRule(context, rule);
  for (const source of resourcesOf(context, 'AWS::Lambda::EventSourceMapping')) {
    const owner = functionAt(context, source.properties.FunctionName);
    if (owner) addByHand(context, source, owner.name);
  }
  for (const { type, logicalId, source } of context.template.resources) {
    const what = notRun[type];
    if (what) context.notices.add(placeOf(source, 'Type'), `the ${what} ${logicalId} does not run here`);
  }
}

function readRule(context: TemplateContext, rule: Resource): void {
  const own = fieldsOf(context.template.links.evaluate(rule.properties));
  for (const item of [...listOf(own.Targets), ...listOf(own.Target)]) {
    const target = fieldsOf(item);
    const owner = functionAt(context, target.Arn);
    if (!owner) continue;
    if (own.ScheduleExpression === undefined) {
      addByHand(context, rule, owner.name);
      continue;
    }
    const place = placeOf(rule.source, 'Type');
    if (target.InputTransformer !== undefined || target.InputPath !== undefined) {
      context.notices.add(place, `InputTransformer and InputPath of ${rule.logicalId} have no effect here`);
    }
    const schedule: DescribedSchedule = {
      name: String(own.Name ?? rule.logicalId),
      service: rule.type === 'AWS::Events::Rule' ? 'events' : 'scheduler',
      expression: own.ScheduleExpression,
      timezone: own.ScheduleExpressionTimezone,
      input: target.Input,
      isDisabled: own.State === 'DISABLED',
    };
    noteDates(own, place, context.notices);
    addSchedule(owner, schedule, place, context.notices);
  }
}

function addByHand({ notices }: TemplateContext, { source, logicalId }: Resource, name: string): void {
  const message = `the events of ${logicalId} do not reach ${name} here: invoke it by hand with a sample event`;
  notices.add(placeOf(source, 'Type'), message);
}
