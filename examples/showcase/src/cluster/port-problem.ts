import { once } from "node:events";
import { createServer } from "node:net";

/** Describes why no server can listen on the port; returns `undefined` if one can. */
export async function portProblem(host: string, port: number): Promise<string | undefined> {
  const server = createServer().listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") return `port ${port} of ${host} is taken by another program`;
    if (code === "EACCES") return `port ${port} of ${host} is for privileged users only`;
    return `port ${port} of ${host} cannot be listened on (${String(code)})`;
  }
  server.close();
  await once(server, "close");
  return undefined;
}
