/** The account and the region that stand in the event of a service. */
export interface EventSource {
  accountId: string;
  region: string;
}
