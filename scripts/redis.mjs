import { ensureDebianPackage } from "./debian-package.mjs";

/**
 * Makes sure that Redis servers can be started.
 *
 * @param {string} [neededBy]
 */
export function ensureRedis(neededBy = "The tests need") {
  return ensureDebianPackage({
    name: "redis-server",
    title: "Redis",
    programs: ["redis-server", "redis-cli"],
    neededBy,
    elsewhere: "brew install redis",
  });
}
