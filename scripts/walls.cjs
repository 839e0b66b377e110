// The walls inside the packages and the lab. A house is a source folder; its rooms stand in the order of
// the data's way, and a room imports only rooms below it that it names. Tests may enter every room.
// Lists are written as words, with spaces between them.

/**
 * @typedef {object} RoomPlan
 * @property {string} name
 * @property {string} files Files and folders (with a `/`); the longest that fits a file counts.
 * @property {string} [uses] Rooms below that it may import, also for types alone.
 * @property {string} [packages] Packages that it may import, of npm or the workspace.
 * @property {boolean} [isPure] It may import nothing of Node.js: it works on values, without I/O.
 * @property {string} why
 */

/** @type {readonly { readonly root: string, readonly rooms: readonly RoomPlan[] }[]} */
const plans = [
  {
    root: "packages/stash/src",
    rooms: [
      {
        name: "entries",
        files: "index.ts entries/",
        uses: `
          live-stash options state memory-adapter browser-held-adapter peers-http peers store
          crypto checks ground
        `,
        why: "They name what is public and do nothing. Nobody inside imports them.",
      },
      {
        name: "metrics",
        files: "entries/metrics.ts metrics/",
        uses: "memory-adapter ground",
        packages: "prom-client",
        why: "It listens to the diagnostics channels and reads an adapter's figures, from outside.",
      },
      {
        name: "live-stash",
        files: "live-stash.ts",
        uses: "operations background view options store ground",
        why: "The calls of a view's author begin here, so nothing below may call them.",
      },
      {
        name: "operations",
        files: "operations/",
        uses: "view options token state store ground",
        why: "One operation of one view. It hands background work to the `Background` that its view carries.",
      },
      {
        name: "background",
        files: "background/",
        uses: "view options store ground",
        why: "Loops for all views of one adapter. A view carries them, so no operation imports them.",
      },
      {
        name: "view",
        files: "view/",
        uses: "options token state store crypto ground",
        why: "One view's stash as this node knows it, and the messages to its browser. It never asks a store.",
      },
      {
        name: "options",
        files: "options.ts",
        uses: "token state store crypto checks ground",
        isPure: true,
        why: "Options, checked: made before there is any view.",
      },
      {
        name: "token",
        files: "token/",
        uses: "store crypto ground",
        why: "A token is made for a scope, not for a view, and knows no adapter that stores.",
      },
      {
        name: "state",
        files: "state/",
        uses: "ground",
        why: "Assigns to bytes and back, whoever keeps the bytes.",
      },
      {
        name: "memory-adapter",
        files: "adapters/memory-adapter.ts adapters/memory-adapter-options.ts",
        uses: "peers memory store checks ground",
        isPure: true,
        why: "An adapter knows the contract, as those of other packages do, and nothing of the calls.",
      },
      {
        name: "browser-held-adapter",
        files: "adapters/browser-held-adapter.ts",
        uses: "store checks ground",
        isPure: true,
        why: "An adapter knows the contract, as those of other packages do, and nothing of the calls.",
      },
      {
        name: "peers-http",
        files: "peers/http/",
        uses: "peers crypto checks ground",
        why: "It carries messages between nodes and does not know the stashes in them.",
      },
      {
        name: "peers",
        files: "peers/",
        uses: "memory store checks ground",
        why: "Moves stashes between stores over any network: HTTP is one of them.",
      },
      {
        name: "memory",
        files: "memory/",
        uses: "store checks",
        isPure: true,
        why: "The store of one process: no peers, no options of the adapter, no timers.",
      },
      {
        name: "store",
        files: "store/",
        uses: "ground",
        why: "The contract that adapters of others are written against, and bounded calls to any of them.",
      },
      {
        name: "crypto",
        files: "crypto/",
        uses: "checks ground",
        why: "Keys and ciphers know bytes, not what the bytes mean.",
      },
      {
        name: "checks",
        files: "option-checks.ts",
        uses: "ground",
        isPure: true,
        why: "Checks the options of any function.",
      },
      {
        name: "ground",
        files: "errors.ts stash-host.ts results.ts channels.ts describe-cause.ts time-limit.ts",
        why: "Words that every room may use; they need none.",
      },
    ],
  },
  {
    root: "packages/live-view/src",
    rooms: [
      {
        name: "index",
        files: "index.ts",
        uses: `
          server transport first-render routing lifecycle session template limits logging ground
        `,
        why: "It names what is public and does nothing. Nobody inside imports it.",
      },
      {
        name: "testing",
        files: "testing.ts testing/",
        uses: "server channel first-render runtime session",
        packages: "@live-stash/wire cookie node-html-parser",
        why: "The headless client takes the place of transport and browser; no server may need it.",
      },
      {
        name: "server",
        files: "server/",
        uses: "transport first-render runtime routing lifecycle session limits logging ground",
        why: "It puts the parts together, so no part may know it.",
      },
      {
        name: "transport",
        files: "transport/",
        uses: "channel runtime session limits logging ground",
        packages: "@live-stash/wire ws",
        why: "Sockets carry frames. Views, templates and diffs are behind the channel.",
      },
      {
        name: "channel",
        files: "channel/",
        uses: "runtime routing lifecycle session diff template limits logging ground",
        packages: "@live-stash/wire",
        isPure: true,
        why: "Joins, events and replies, over any transport: the test client has one without sockets.",
      },
      {
        name: "first-render",
        files: "first-render/",
        uses: "runtime routing lifecycle session template",
        packages: "@live-stash/wire cookie",
        why: "The page before the socket: it knows neither channels nor diffs.",
      },
      {
        name: "runtime",
        files: "runtime.ts",
        uses: "routing lifecycle session limits logging",
        isPure: true,
        why: "Shared by pages and sockets, which stand above it.",
      },
      {
        name: "routing",
        files: "routing/",
        uses: "lifecycle template ground",
        packages: "@live-stash/wire path-to-regexp",
        isPure: true,
        why: "Finds the view for a path; pages and channels ask it.",
      },
      {
        name: "lifecycle",
        files: "lifecycle/",
        uses: "session template ground",
        packages: "@live-stash/wire",
        isPure: true,
        why: "A view runs the same in a page, in a channel and in a test.",
      },
      {
        name: "session",
        files: "session/",
        uses: "logging ground",
        packages: "cookie",
        why: "The visitor and the page are known before any view exists.",
      },
      {
        name: "diff",
        files: "diff/",
        uses: "template",
        packages: "@live-stash/wire",
        isPure: true,
        why: "Two renders in, the difference out.",
      },
      {
        name: "template",
        files: "template/",
        uses: "ground",
        isPure: true,
        why: "Values in, a template out: no view, no route, no server.",
      },
      {
        name: "limits",
        files: "limits.ts",
        uses: "ground",
        isPure: true,
        why: "Any part may compare with a limit; a limit knows no part.",
      },
      {
        name: "logging",
        files: "logging/",
        uses: "ground",
        why: "Any part may report; reporting knows no part.",
      },
      {
        name: "ground",
        files: "errors.ts message-text.ts json-value.ts settle-within.ts",
        why: "Words that every room may use; they need none.",
      },
    ],
  },
  {
    root: "packages/wire/src",
    rooms: [
      {
        name: "index",
        files: "index.ts",
        uses: "payloads client-tree words",
        isPure: true,
        why: "It names what is public and does nothing. Nobody inside imports it.",
      },
      {
        name: "payloads",
        files: "event-payload.ts join-payload.ts form.ts",
        uses: "words",
        isPure: true,
        why: "Messages of clients; trees come from servers.",
      },
      {
        name: "client-tree",
        files: "client-tree.ts merge-tree.ts client-stream.ts rendered-tree.ts",
        uses: "words",
        isPure: true,
        why: "Merges diffs as a client does; a server never needs that.",
      },
      {
        name: "words",
        files: "frame.ts names.ts record.ts tree.ts",
        isPure: true,
        why: "The shapes and names that both sides speak.",
      },
    ],
  },
  {
    root: "packages/browser/src",
    rooms: [
      {
        name: "entry",
        files: "index.ts init-live-stash.ts",
        uses: "tokens forms storage",
        isPure: true,
        why: "It ties the parts to the client's hooks.",
      },
      {
        name: "tokens",
        files: "tokens.ts",
        uses: "storage",
        isPure: true,
        why: "Tokens are kept without looking at forms.",
      },
      {
        name: "forms",
        files: "recovered-forms.ts",
        isPure: true,
        why: "Forms are marked without looking at tokens.",
      },
      {
        name: "storage",
        files: "tab-storage.ts",
        isPure: true,
        why: "It keeps text for a tab, whatever the text is.",
      },
    ],
  },
  {
    root: "packages/stash-contract/src",
    rooms: [
      {
        name: "index",
        files: "index.ts",
        uses: "suite bench histories",
        isPure: true,
        why: "It names what is public and does nothing. Nobody inside imports it.",
      },
      {
        name: "suite",
        files: "adapter-contract.ts",
        uses: "cases bench",
        isPure: true,
        why: "It lists the cases; no case may know which others there are.",
      },
      {
        name: "cases",
        files: "cases/",
        uses: "bench",
        packages: "live-stash",
        why: "A case uses the bench alone, so that it can be read by itself.",
      },
      {
        name: "bench",
        files: `
          contract-case.ts workbench.ts adapter-node.ts adapter-under-test.ts calls.ts samples.ts
          active-resources.ts wait.ts
        `,
        packages: "live-stash",
        why: "Tools for every case.",
      },
      {
        name: "histories",
        files: "call-history.ts page-history.ts",
        packages: "live-stash",
        isPure: true,
        why: "They judge what was seen, of any system: they know neither cases nor adapters.",
      },
    ],
  },
  {
    root: "packages/stash-redis/src",
    rooms: [
      {
        name: "index",
        files: "index.ts",
        uses: "adapter options durability client",
        isPure: true,
        why: "It names what is public and does nothing. Nobody inside imports it.",
      },
      {
        name: "adapter",
        files: "redis-adapter.ts",
        uses: "values options runner lua errors",
        packages: "live-stash",
        isPure: true,
        why: "Turns calls of the contract into runs of scripts; below it nobody knows the contract's calls.",
      },
      {
        name: "values",
        files: "stored-value.ts",
        uses: "errors",
        packages: "live-stash",
        why: "Keys and values as Redis stores them, however they get there.",
      },
      {
        name: "options",
        files: "redis-options.ts",
        uses: "durability client errors",
        packages: "live-stash redis",
        isPure: true,
        why: "Options are checked before there is anything to run, and nothing that runs knows them.",
      },
      {
        name: "runner",
        files: "script-runner.ts script-batch.ts send-queue.ts",
        uses: "durability client lua errors",
        packages: "live-stash redis",
        isPure: true,
        why: "Runs any script in bounded time; it knows no stash, no key and no value.",
      },
      {
        name: "durability",
        files: "durability.ts",
        uses: "errors",
        packages: "live-stash",
        isPure: true,
        why: "The option, the commands that it adds to a save, and their replies; it sends nothing.",
      },
      {
        name: "client",
        files: "redis-client.ts managed-client.ts",
        packages: "redis",
        isPure: true,
        why: "The client library, and whether it reaches Redis; it knows no script.",
      },
      {
        name: "lua",
        files: "lua/",
        why: "Text that runs in Redis, and its replies; no other room is needed to read it.",
      },
      {
        name: "errors",
        files: "redis-errors.ts",
        packages: "live-stash redis",
        isPure: true,
        why: "Failures, as every room reports them.",
      },
    ],
  },
  {
    root: "packages/stash-nats/src",
    rooms: [
      {
        name: "index",
        files: "index.ts",
        uses: "adapter options peers connection-options",
        isPure: true,
        why: "It names what is public and does nothing. Nobody inside imports it.",
      },
      {
        name: "adapter",
        files: "nats-adapter.ts",
        uses: "keep-alive log mirror options stream connection calls ground",
        packages: "live-stash",
        isPure: true,
        why: "It assembles the parts, so no part may import it.",
      },
      {
        name: "keep-alive",
        files: "log/keep-alive.ts",
        uses: "log mirror stream calls",
        packages: "live-stash",
        why: "It plans from the mirror and writes through the log; neither needs it.",
      },
      {
        name: "log",
        files: "log/",
        uses: "mirror stream connection calls ground",
        packages: "live-stash",
        isPure: true,
        why: "It writes messages, and reads from the mirror whether they are accepted.",
      },
      {
        name: "mirror",
        files: "mirror/",
        uses: "stream calls",
        packages: "live-stash @nats-io/jetstream @nats-io/transport-node",
        why: "It reads the stream and never writes, so it may import no writer.",
      },
      {
        name: "options",
        files: "nats-options.ts",
        uses: "stream connection-options connection",
        packages: "live-stash",
        isPure: true,
        why: "They are checked before any part exists.",
      },
      {
        name: "stream",
        files: "stream/",
        uses: "ground",
        packages: "live-stash @nats-io/jetstream @nats-io/transport-node",
        why: "Messages and the stream that stores them, for writers and readers.",
      },
      {
        name: "peers",
        files: "peers/",
        uses: "connection-options connection",
        packages: "live-stash @nats-io/transport-node",
        why: "They connect nodes of the memory adapter over plain NATS, without a stream.",
      },
      {
        name: "server",
        files: "server/",
        packages: "live-stash",
        why: "An entry of its own: it starts a process and needs no client of NATS.",
      },
      {
        name: "connection-options",
        files: "connection/connection-options.ts",
        uses: "connection",
        packages: "live-stash @nats-io/transport-node",
        isPure: true,
        why: "Addresses and logins, for the adapter and for peers.",
      },
      {
        name: "connection",
        files: "connection/managed-connection.ts connection/outage.ts",
        uses: "ground",
        packages: "@nats-io/transport-node",
        isPure: true,
        why: "One connection, for any messages.",
      },
      {
        name: "calls",
        files: "connection/bounded-call.ts",
        uses: "ground",
        packages: "live-stash",
        isPure: true,
        why: "It bounds the time of any call.",
      },
      {
        name: "ground",
        files: "nats-errors.ts",
        packages: "live-stash",
        isPure: true,
        why: "Errors of the adapter, for every room.",
      },
    ],
  },
  {
    root: "packages/test-servers/src",
    rooms: [
      {
        name: "index",
        files: "index.ts",
        uses: "services network processes",
        isPure: true,
        why: "It names what tests use and does nothing. Nobody inside imports it.",
      },
      {
        name: "services",
        files: `
          start-redis.ts start-redis-cluster.ts start-redis-sentinel.ts redis-node.ts
          start-nats.ts start-nats-cluster.ts start-nginx.ts nginx-config.ts start-chromium.ts
          find-chromium.ts chromium-paths.json
        `,
        uses: "network processes",
        packages: "@live-stash/nats @nats-io/jetstream @nats-io/transport-node playwright-core",
        why: "Each service is a process, perhaps behind a network that can be broken.",
      },
      {
        name: "network",
        files: "tcp-proxy.ts proxied-connection.ts answer-filter.ts answer-splitter.ts",
        why: "It breaks any connection, whichever service is behind it.",
      },
      {
        name: "processes",
        files: `
          spawn-server.ts end-with-parent.ts output-lines.ts until-frozen.ts bundle-program.ts
          free-port.ts tls-certificate.ts random.ts
        `,
        packages: "esbuild",
        why: "Processes, ports and files, whichever program runs.",
      },
    ],
  },
  {
    root: "lab/src",
    rooms: [
      {
        name: "commands",
        files: "lab.ts cli/",
        uses: "run gates report measure topology app result",
        why: "They read arguments and print; what they call prints nothing by itself.",
      },
      {
        name: "run",
        files: "run-lab.ts run-adapter.ts",
        uses: "measure load topology app result",
        isPure: true,
        why: "Brings servers, users and instruments together; a report is made of its result alone.",
      },
      {
        name: "gates",
        files: "gates/",
        uses: "measure result",
        isPure: true,
        why: "Judges a result, and how valid it is, without a report.",
      },
      {
        name: "report",
        files: "report/",
        uses: "result",
        packages: "echarts",
        why: "A report is made of a result's file, perhaps years later: it may know no run.",
      },
      {
        name: "measure",
        files: "measure/",
        uses: "load topology app result",
        why: "Instruments read servers and users; neither may know that it is measured.",
      },
      {
        name: "load",
        files: "load/",
        uses: "app result",
        packages: `
          @live-stash/browser @live-stash/test-servers @live-stash/wire hdr-histogram-js tsx ws
        `,
        why: "Users come from outside: they know addresses and pages, not servers or instruments.",
      },
      {
        name: "topology",
        files: "topology/",
        uses: "app result",
        packages: "@live-stash/test-servers esbuild",
        why: "Starts servers, for a run or by hand; who uses them is above it.",
      },
      {
        name: "app-main",
        files: "app/main.ts",
        uses: "by-hand app result",
        packages: "@live-stash/live-view",
        isPure: true,
        why: "The process under test starts here; the lab knows it by its settings.",
      },
      {
        name: "by-hand",
        files: "app/by-hand/",
        uses: "app",
        packages: `
          @live-stash/live-view @nats-io/jetstream @nats-io/transport-node live-stash redis
        `,
        why: "The control: what it measures must not run through the adapters it is compared with.",
      },
      {
        name: "app",
        files: "app/",
        uses: "result",
        packages: "@live-stash/live-view @live-stash/nats @live-stash/redis live-stash prom-client",
        why: "The application under test may know nothing of who loads and measures it.",
      },
      {
        name: "result",
        files: "result.ts presets.ts",
        isPure: true,
        why: "Measurements and settings, for all who write or read them.",
      },
    ],
  },
];

/** @param {string} [words] */
const wordsOf = (words) => words?.trim().split(/\s+/) ?? [];

const houses = plans.map(({ root, rooms }) => ({
  root,
  rooms: rooms.map(({ name, why, isPure = false, files, uses, packages }) => ({
    name,
    why,
    isPure,
    files: wordsOf(files),
    uses: wordsOf(uses),
    packages: wordsOf(packages),
  })),
}));

/** @typedef {typeof houses[number]} House */
/** @typedef {House["rooms"][number]} Room */

const NO_TESTS = "[.]test[.]ts$";

/** @param {string} text */
const literally = (text) => text.replaceAll(/[.+*?^$()[\]{}|\\]/g, "[$&]");

/**
 * The room that a file below a house's root stands in.
 *
 * @param {House} house
 * @param {string} source
 */
function roomOf({ root, rooms }, source) {
  if (!source.startsWith(`${root}/`)) return undefined;
  const file = source.slice(root.length + 1);
  const entries = rooms.flatMap((room) => room.files.map((entry) => ({ room, entry })));
  return entries
    .filter(({ entry }) => (entry.endsWith("/") ? file.startsWith(entry) : file === entry))
    .sort((one, other) => other.entry.length - one.entry.length)[0]?.room;
}

/**
 * Everything in a room: its files and folders, without rooms of their own in these folders.
 *
 * @param {House} house
 * @param {Room} room
 */
function patternOf({ root, rooms }, room) {
  /** @param {readonly string[]} entries */
  const oneOf = (entries) =>
    entries.map((entry) => literally(entry) + (entry.endsWith("/") ? "" : "$")).join("|");
  const inner = rooms
    .filter((other) => other !== room)
    .flatMap(({ files }) => files)
    .filter((entry) =>
      room.files.some((own) => own.endsWith("/") && entry !== own && entry.startsWith(own)),
    );
  const without = inner.length === 0 ? "" : `(?!${oneOf(inner)})`;
  return `^${literally(root)}/${without}(${oneOf(room.files)})`;
}

/** @param {string} name */
const packagePattern = (name) => {
  const [, sibling] = /^(?:@live-stash[/]|live-)(.+)$/.exec(name) ?? [];
  const folder = { nats: "stash-nats", redis: "stash-redis" }[sibling ?? ""] ?? sibling;
  return folder === undefined
    ? `(^|/)node_modules/(@types/)?${literally(name)}/`
    : `^packages/${literally(folder)}/src/`;
};

/**
 * The name of the rule that keeps a room's imports.
 *
 * @param {House} house
 * @param {Room} room
 */
const wallName = ({ root }, { name }) => `${root.replaceAll(/^packages[/]|[/]src$/g, "")}/${name}`;

/**
 * The forbidden imports of a house's rooms, as rules for dependency-cruiser.
 *
 * @param {House} house
 * @returns {import("dependency-cruiser").IForbiddenRuleType[]}
 */
function wallsOf(house) {
  const { root, rooms } = house;
  return rooms.flatMap((room, index) => {
    const { name, uses, packages, isPure, why } = room;
    const used = uses.map((use) => {
      const below = rooms.slice(index + 1).find((other) => other.name === use);
      if (below !== undefined) return below;
      throw new Error(
        `${root}: expected a room below ${name}, found ${use}. See scripts/walls.cjs.`,
      );
    });
    const from = { path: patternOf(house, room), pathNot: NO_TESTS };
    const own = wallName(house, room);
    /** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
    const walls = [
      {
        name: own,
        comment:
          `${why} It may import the rooms: ${uses.join(", ") || "none"}; ` +
          `the packages: ${packages.join(", ") || "none"}.`,
        severity: "error",
        from,
        to: {
          path: `^${literally(root)}/|^packages/|(^|/)node_modules/`,
          pathNot: [
            ...[room, ...used].map((other) => patternOf(house, other)),
            ...packages.map(packagePattern),
          ],
        },
      },
    ];
    if (isPure) {
      walls.push({
        name: `${own}-pure`,
        comment: `${why} It works on values: it may import nothing of Node.js.`,
        severity: "error",
        from,
        to: { dependencyTypes: ["core"] },
      });
    }
    return walls;
  });
}

module.exports = { houses, packagePattern, patternOf, roomOf, wallName, wallsOf };
