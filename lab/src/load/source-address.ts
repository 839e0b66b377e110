/**
 * Returns the loopback addresses to connect from. One has some 28,000 ports for outgoing connections,
 * and a closed connection occupies its port for another minute.
 */
export function sourceAddresses(users: number): string[] {
  const count = Math.max(1, Math.min(250, Math.ceil(users / USERS_PER_ADDRESS)));
  return Array.from({ length: count }, (_, index) => `127.0.1.${index + 1}`);
}

const USERS_PER_ADDRESS = 500;
