/** What authorizers have where a description does not say. */

/** Seconds for which a REST API keeps an authorizer's answer. HTTP APIs keep none. */
export const restTtlSeconds = 300;
