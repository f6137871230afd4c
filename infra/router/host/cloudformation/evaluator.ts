/** Computes the values of a CloudFormation template: Ref, Fn::Sub and the other intrinsic functions. */
import { type Fields, isFields, placeOf, withPlacesOf } from '../description/places.ts';
import { WorkLimit } from '../description/work-limit.ts';
import { type Place, ProjectError } from '../project.ts';
import { intrinsics } from './intrinsics.ts';
import { attributeOf, refOf } from './resource-values.ts';
import type { Scope } from './scope.ts';

/** Called for a value that only AWS knows. */
export type Report = (place: Place, message: string) => void;

/** Computes values in the scope of one template. */
export class Evaluator {
  readonly scope: Scope;
  readonly #report: Report;
  /** Conditions and resources that are being computed, to find cycles. */
  readonly #open: string[] = [];
  readonly #work = new WorkLimit();

  /**
   * @param scope  of the template
   * @param report is called for each value that the template does not hold
   */
  constructor(scope: Scope, report: Report) {
    this.scope = scope;
    this.#report = report;
  }

  /**
   * @param value of the template
   * @param place for messages about a value that is no object
   * @returns the value without intrinsic functions; undefined for AWS::NoValue
   * @throws {ProjectError} for an intrinsic function that is unknown, has the wrong argument, needs its own result, or
   *   stands for too much
   */
  evaluate(value: unknown, place?: Place): unknown {
    this.#work.count(() => place ?? placeOf(Object(value)));
    if (typeof value === 'string') {
      const secret = /\{\{resolve:[^}]*\}\}/.exec(value);
      if (secret && place) this.report(place, `only AWS can resolve ${secret[0]}; the functions get that text`);
      return value;
    }
    if (Array.isArray(value)) {
      const items = value.map((item, index) => this.evaluate(item, placeOf(value, index)));
      return withPlacesOf(
        value,
        items.filter((item) => item !== undefined),
      );
    }
    if (!isFields(value)) return value;
    const [key = '', ...others] = Object.keys(value);
    if (others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))) return this.#compute(value, key);
    const entries = Object.entries(value).map(([name, item]) => [name, this.evaluate(item, placeOf(value, name))]);
    return withPlacesOf(value, Object.fromEntries(entries.filter(([, item]) => item !== undefined)));
  }

  #compute(value: Fields, key: string): unknown {
    const intrinsic = Object.hasOwn(intrinsics, key) ? intrinsics[key] : undefined;
    const place = placeOf(value, key);
    if (!intrinsic) throw new ProjectError(`${key} is no intrinsic function that the host knows`, place);
    const result = intrinsic(value[key], this, place);
    this.#work.count(place, result);
    return result;
  }

  /**
   * @param name  key in the template's Conditions
   * @param place of the use
   * @returns whether the condition holds
   */
  condition(name: string, place: Place): boolean {
    const { conditions } = this.scope;
    if (!Object.hasOwn(conditions, name)) throw new ProjectError(`the condition ${name} is not in Conditions`, place);
    return this.#once(`condition ${name}`, place, () => this.test(conditions[name], placeOf(conditions, name)));
  }

  /**
   * @param expression {"Condition": name}, Fn::Equals, Fn::And, Fn::Or or Fn::Not
   * @param place      of the expression
   * @returns whether the expression holds
   */
  test(expression: unknown, place: Place): boolean {
    if (isFields(expression) && typeof expression.Condition === 'string') {
      return this.condition(expression.Condition, placeOf(expression, 'Condition'));
    }
    const result = this.evaluate(expression, place);
    if (result === true || result === 'true') return true;
    if (result === false || result === 'false') return false;
    throw new ProjectError('a condition is Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition', place);
  }

  /**
   * @param name  of a parameter, a pseudo parameter or a resource
   * @param place of the use
   * @returns what Ref returns
   */
  ref(name: string, place: Place): unknown {
    const { parameters, resources } = this.scope;
    if (name.startsWith('AWS::')) return this.#pseudoParameter(name, place);
    if (parameters.has(name)) return this.#parameter(name, place);
    const resource = resources.get(name);
    if (!resource) {
      const [id = '', attribute] = name.split('.');
      // SAM adds the alias and the version of a function to a template.
      if (attribute && resources.has(id)) return this.attribute(id, 'Arn', place);
      if (this.#isAdded(name)) return this.#stranger(name, place);
      throw new ProjectError(`Ref ${name} is neither a parameter nor a resource of the template`, place);
    }
    const { value, isInvented } = this.#once(`resource ${name}`, place, () =>
      refOf(resource, this.scope, (property) => this.evaluate(property)),
    );
    this.#work.count(place, value);
    if (isInvented) this.report(place, `${name} (${resource.type}) is not created here; the functions get "${value}"`);
    return value;
  }

  /**
   * @param name      of a resource
   * @param attribute such as "Arn"
   * @param place     of the use
   * @returns what Fn::GetAtt returns
   */
  attribute(name: string, attribute: string, place: Place): unknown {
    const resource = this.scope.resources.get(name);
    if (!resource) {
      if (this.#isAdded(name)) return this.#stranger(`${name}.${attribute}`, place);
      throw new ProjectError(`Fn::GetAtt ${name}.${attribute} names no resource of the template`, place);
    }
    const { value, isInvented } = this.#once(`resource ${name}`, place, () =>
      attributeOf(resource, attribute, this.scope, (property) => this.evaluate(property)),
    );
    if (isInvented)
      this.report(place, `${name}.${attribute} (${resource.type}) is not created here; the functions get "${value}"`);
    return value;
  }

  /** Reports a value that the template does not hold. */
  report(place: Place, message: string): void {
    this.#report(place, message);
  }

  /** Tells whether SAM or a plugin adds the resource to the template when it is deployed. */
  #isAdded(name: string): boolean {
    return !this.scope.isComplete || /^Serverless(Rest|Http)Api/.test(name);
  }

  #stranger(name: string, place: Place): string {
    this.report(place, `${name} is made by the deployment; the functions get "${name}"`);
    return name;
  }

  #parameter(name: string, place: Place): unknown {
    const value = this.scope.parameters.get(name);
    this.#work.count(place, value);
    if (value !== undefined) {
      if (this.scope.remoteParameters.includes(name)) {
        this.report(place, `the value of the parameter ${name} is in AWS: give it with --parameter ${name}=VALUE`);
      }
      return value;
    }
    this.report(
      place,
      `the parameter ${name} has no value: give it with --parameter ${name}=VALUE; the functions get "${name}"`,
    );
    return name;
  }

  #pseudoParameter(name: string, place: Place): unknown {
    const { region, account, stackName } = this.scope;
    switch (name) {
      case 'AWS::AccountId':
        this.report(place, `AWS::AccountId is ${account} here`);
        return account;
      case 'AWS::NoValue':
        return undefined;
      case 'AWS::NotificationARNs':
        return [];
      case 'AWS::Partition':
        return 'aws';
      case 'AWS::Region':
        return region;
      case 'AWS::StackId':
        return `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/00000000-0000-0000-0000-000000000000`;
      case 'AWS::StackName':
        return stackName;
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      default:
        throw new ProjectError(`${name} is no pseudo parameter of CloudFormation`, place);
    }
  }

  /** Computes a value that must not need itself. */
  #once<T>(what: string, place: Place, compute: () => T): T {
    if (this.#open.includes(what)) {
      const names = [...this.#open.slice(this.#open.indexOf(what)), what].map((one) => one.replace(/^\w+ /, ''));
      throw new ProjectError(`the values need each other in a cycle: ${names.join(' → ')}`, place);
    }
    this.#work.checkDepth(this.#open.length, place);
    this.#open.push(what);
    try {
      return compute();
    } finally {
      this.#open.pop();
    }
  }
}
