import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/**
 * Free TCP ports on 127.0.0.1, no two alike: asked for one after the other, the system may give the
 * same port twice, as nobody listens on it yet.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return ports;
}
