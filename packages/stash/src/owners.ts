import { randomBytes } from "node:crypto";
import type { Owner } from "./adapter.ts";

/** Makes up names for view instances: never the same twice, on no node. */
export function createOwners(): () => Owner {
  const prefix = randomBytes(12).toString("base64url");
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}.${count.toString(36)}`;
  };
}
