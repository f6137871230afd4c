/** Divides a block of IPv4 addresses, as Fn::Cidr. */

/**
 * @param block such as "10.0.0.0/16"
 * @param count of subnets, 1 to 256
 * @param bits  of an address that a subnet leaves free: 8 makes subnets of 256 addresses
 * @returns the subnets, such as "10.0.0.0/24"; undefined if the block is no IPv4 block or too small
 */
export function subnets(block: string, count: number, bits: number): string[] | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(block)?.slice(1).map(Number);
  if (!parts || !Number.isInteger(count) || count < 1 || count > 256 || !(bits >= 1 && bits <= 32)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, length = 0] = parts;
  const size = 2 ** bits;
  if (length > 32 || Math.max(a, b, c, d) > 255 || count * size > 2 ** (32 - length)) return undefined;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  return Array.from({ length: count }, (_, index) => {
    const address = first + index * size;
    return `${[24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')}/${32 - bits}`;
  });
}
