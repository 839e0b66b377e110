import { ensureDebianPackage } from "./debian-package.mjs";

/**
 * Makes sure that nginx can be started.
 *
 * @param {string} [neededBy]
 */
export function ensureNginx(neededBy = "The tests need") {
  return ensureDebianPackage({
    name: "nginx",
    title: "nginx",
    programs: ["nginx"],
    neededBy,
    elsewhere: "brew install nginx",
  });
}
