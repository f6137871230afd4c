/** Where this process is in its life, for /readyz and for the answers while it stops. */
export const phase = { isStopping: false };
