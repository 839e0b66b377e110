import { ensureDebianPackage } from "./debian-package.mjs";

/**
 * Makes sure that NATS servers can be started.
 *
 * @param {string} [neededBy]
 */
export function ensureNats(neededBy = "The tests need") {
  return ensureDebianPackage({
    name: "nats-server",
    title: "NATS",
    programs: ["nats-server"],
    neededBy,
    elsewhere: "brew install nats-server",
  });
}
