// The arrows of the architecture: who may import whom. `npm run check` follows every import.
// Here are those between packages; those inside them are in scripts/walls.cjs.

// oxlint-disable-next-line typescript/no-unsafe-call -- No tsconfig.json has this file, so `require` has no type.
const { houses, wallsOf } = require("./scripts/walls.cjs");

/**
 * Everything in a folder, except its tests: they may also import test tools and other packages.
 *
 * @param {string} folder
 */
const code = (folder) => ({ path: `^${folder}`, pathNot: "[.]test[.]ts$" });

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment:
        "Two modules that need each other are one concept in two files, or need a third. A type counts.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "An import that leads nowhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "wire-imports-nothing",
      comment: "The wire format is pure: it runs anywhere and knows nobody.",
      severity: "error",
      from: code("packages/wire/src/"),
      to: { pathNot: "^packages/wire/src/" },
    },
    {
      name: "live-view-imports-wire",
      comment:
        "Of the workspace, the runtime knows the wire format only. It does not know the stash.",
      severity: "error",
      from: code("packages/live-view/src/"),
      to: {
        path: "^(packages|node_modules)/",
        pathNot: [
          "^packages/(live-view|wire)/src/",
          "^node_modules/(@types/)?(ws|cookie|path-to-regexp|node-html-parser)/",
        ],
      },
    },
    {
      name: "html-parser-for-tests-only",
      comment: "A server must not parse HTML. Only the headless client for users' tests does.",
      severity: "error",
      from: {
        path: "^packages/live-view/src/",
        pathNot: ["/src/testing(/|[.]ts$)", "[.]test[.]ts$"],
      },
      to: { path: "^node_modules/node-html-parser/" },
    },
    {
      name: "live-view-lifecycle-session",
      comment:
        "A view sees the types of its session and flash. How they are signed is not its concern.",
      severity: "error",
      from: code("packages/live-view/src/lifecycle/"),
      to: { path: "^packages/live-view/src/session/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "stash-imports-nothing",
      comment: "A view reaches the stash through a structural host type, adapters by its contract.",
      severity: "error",
      from: {
        path: "^packages/stash/src/",
        pathNot: "[.]test[.]ts$|/src/(metrics/|entries/metrics[.]ts$)",
      },
      to: { path: "^(packages|node_modules)/", pathNot: "^packages/stash/src/" },
    },
    {
      name: "metrics-imports-prom-client",
      comment: "live-stash/metrics is an entry of its own: nobody else needs prom-client.",
      severity: "error",
      from: code("packages/stash/src/(metrics/|entries/metrics[.]ts$)"),
      to: {
        path: "^(packages|node_modules)/",
        pathNot: "^(packages/stash/src/|node_modules/prom-client/)",
      },
    },
    {
      name: "nobody-imports-metrics",
      comment: "live-stash/metrics is an entry of its own: nobody else needs prom-client.",
      severity: "error",
      from: {
        path: "^packages/stash/src/",
        pathNot: "[.]test[.]ts$|/src/(metrics/|entries/metrics[.]ts$)",
      },
      to: { path: "^packages/stash/src/(metrics/|entries/metrics[.]ts$)" },
    },
    {
      name: "contract-imports-stash",
      comment: "The suite tests any adapter in any test runner: it knows neither.",
      severity: "error",
      from: code("packages/stash-contract/src/"),
      to: {
        path: "^(packages|node_modules)/",
        pathNot: "^packages/(stash-contract/src/|stash/src/(index|entries/adapter)[.]ts$)",
      },
    },
    {
      name: "redis-imports-stash",
      comment: "An adapter knows the contract and its client.",
      severity: "error",
      from: code("packages/stash-redis/src/"),
      to: {
        path: "^(packages|node_modules)/",
        pathNot:
          "^(packages/(stash-redis/src/|stash/src/(index|entries/adapter)[.]ts$)|node_modules/redis/)",
      },
    },
    {
      name: "nats-imports-stash",
      comment: "An adapter knows the contract and its client.",
      severity: "error",
      from: code("packages/stash-nats/src/"),
      to: {
        path: "^(packages|node_modules)/",
        pathNot: [
          "^packages/(stash-nats/src/|stash/src/(index|entries/adapter|entries/peers)[.]ts$)",
          "^(packages/stash-nats/)?node_modules/@nats-io/(transport-node|jetstream)/",
        ],
      },
    },
    {
      name: "browser-imports-nothing",
      comment: "The client module runs in browsers, and is at most 1 KB.",
      severity: "error",
      from: code("packages/browser/src/"),
      to: { pathNot: "^packages/browser/src/" },
    },
    {
      name: "packages-by-name",
      comment: "Another package is reached by its public name, never by a path into it.",
      severity: "error",
      from: {
        path: "^packages/([^/]+)/",
        // It asserts that the two packages agree on names that neither may import from the other.
        pathNot: "^packages/browser/src/[^/]+[.]test[.]ts$",
      },
      to: {
        path: "^packages/",
        pathNot: ["^packages/$1/", "^packages/[^/]+/test/"],
        dependencyTypes: ["local"],
        dependencyTypesNot: ["aliased-workspace"],
      },
    },
    {
      name: "users-by-name",
      comment:
        "Examples, tests and the lab use what a user can use: public names. (Benchmarks may time a part of its own.)",
      severity: "error",
      from: { path: "^(examples|tests|lab)/" },
      to: {
        path: "^packages/",
        dependencyTypes: ["local"],
        dependencyTypesNot: ["aliased-workspace"],
      },
    },
    {
      name: "nobody-imports-users",
      comment: "Examples, tests, benchmarks and the lab are leaves.",
      severity: "error",
      from: { path: "^(packages|examples|tests|benchmarks|lab|scripts)/" },
      to: { path: "^(examples|tests|benchmarks|lab)/", pathNot: "^$1/" },
    },
    {
      name: "test-code-in-tests-only",
      comment: "What is published must not start browsers and servers, nor know how it is tested.",
      severity: "error",
      from: { path: "^packages/(?!test-servers/)", pathNot: "([.]test[.]ts$|/test/)" },
      to: { path: "^packages/(test-servers/|[^/]+/test/)|[.]test[.]ts$" },
    },
    {
      name: "lab-tests-in-tests-only",
      comment: "Tests invent results. No report may show one that was not measured.",
      severity: "error",
      from: code("lab/src/"),
      to: { path: "^lab/test/" },
    },
    ...houses.flatMap(wallsOf),
  ],
  options: {
    doNotFollow: { path: ["node_modules"] },
    // What k6 imports is there only where k6 is.
    exclude: {
      path: "^(packages|examples)/[^/]+/dist/|^lab/(dist/|k6/scenario[.]js$)|/[.]bundled-[^/]+$",
    },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@live-stash/source", "types", "import", "node", "default"],
    },
  },
};
