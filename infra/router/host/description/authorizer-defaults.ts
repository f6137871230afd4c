/** Defaults of authorizers, for descriptions that leave a setting out. */

/** Seconds for which a REST API keeps an authorizer's answer. HTTP APIs keep none. */
export const restTtlSeconds = 300;
