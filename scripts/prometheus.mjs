import { ensureDebianPackage } from "./debian-package.mjs";

/**
 * Makes sure that Prometheus can be started.
 *
 * @param {string} [neededBy]
 */
export function ensurePrometheus(neededBy = "The lab needs") {
  return ensureDebianPackage({
    name: "prometheus",
    title: "Prometheus",
    programs: ["prometheus"],
    neededBy,
    elsewhere: "brew install prometheus",
  });
}
