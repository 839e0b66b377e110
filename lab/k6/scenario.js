// @ts-nocheck: what k6 imports is there only where k6 is.

// The lab's scenario for k6: connect, stash, disconnect, reconnect, stash, disconnect, and so on.
//   npm run lab -- serve --adapter redis --port 4180
//   k6 run -e BASE_URL=http://127.0.0.1:4180 -e ADAPTER=redis -e USERS=1000 -e TTL_MS=60000 lab/k6/scenario.js
// A closed model, as k6's users are: the lab's own generator has the open one.
import { check, sleep } from "k6";
import http from "k6/http";
import { Counter, Trend } from "k6/metrics";
import { WebSocket } from "k6/experimental/websockets";
import { holdAfter, mergeTree, printTree, readCard, readHead } from "./page.js";

const BASE_URL = __ENV.BASE_URL || "http://127.0.0.1:4180";
const ADAPTER = __ENV.ADAPTER || "memory";
const USERS = Number(__ENV.USERS || 100);
const TTL_MS = Number(__ENV.TTL_MS || 60000);
const LATE_SHARE = 0.1;
const PAGE = `${BASE_URL}/bench/${ADAPTER}`;

const firstRender = new Trend("live_first_render_ms");
const connecting = new Trend("live_connect_ms");
const stashing = new Trend("live_stash_ms");
const reconnecting = new Trend("live_reconnect_ms");
const recovered = new Counter("live_recovered");
const expired = new Counter("live_expired");
const lost = new Counter("live_lost");
const wrong = new Counter("live_wrong");

const rampSeconds = (0.75 * TTL_MS) / 1000;
export const options = {
  scenarios: {
    users: {
      executor: "ramping-vus",
      startVUs: 0,
      stages: [
        { duration: `${rampSeconds}s`, target: USERS },
        { duration: `${2 * rampSeconds}s`, target: USERS },
        { duration: `${rampSeconds}s`, target: 0 },
      ],
      gracefulRampDown: `${TTL_MS / 1000}s`,
    },
  },
  // One wrong value, or one state that is gone, fails the run.
  thresholds: {
    live_wrong: ["count==0"],
    live_lost: ["count==0"],
    checks: ["rate==1"],
  },
};

const between = (from, to) => from + Math.random() * (to - from);
const rightAt = (card, count) =>
  card !== undefined &&
  card.count === count &&
  card.size === 128 &&
  card.probe === `value-0007-lorem-ipsum-c${count}`;

/** A visit: a page, and its connections until it came back too late. */
export default async function visit() {
  http.cookieJar().clear(BASE_URL);
  const response = http.get(PAGE);
  firstRender.add(response.timings.duration);
  const head = readHead(response.body);
  if (!check(head, { "a page with a view": (found) => found !== undefined })) return sleep(1);
  const cookies = http.cookieJar().cookiesForURL(BASE_URL);
  const page = {
    head,
    cookie: Object.keys(cookies)
      .map((name) => `${name}=${cookies[name][0]}`)
      .join("; "),
    held: undefined,
    mounts: 0,
    count: 0,
  };
  let awayMs = 0;
  for (;;) {
    await connection(page, awayMs, between(0.04, 0.15) * TTL_MS);
    if (awayMs > TTL_MS) return undefined;
    awayMs = (Math.random() < LATE_SHARE ? between(1.3, 1.6) : between(0.1, 0.7)) * TTL_MS;
    sleep(awayMs / 1000);
  }
}

/** One connection: join, check, stash, check, and gone. Settles when the socket is closed. */
function connection(page, awayMs, connectedMs) {
  return new Promise((resolve) => {
    const { head } = page;
    const topic = `lv:${head.id}`;
    const query = `_csrf_token=${encodeURIComponent(head.csrfToken)}&vsn=2.0.0`;
    const startedAt = Date.now();
    let sentAt = startedAt;
    let tree;
    const socket = new WebSocket(
      `${BASE_URL.replace("http", "ws")}/live/websocket?${query}`,
      null,
      { headers: { Cookie: page.cookie, Origin: BASE_URL } },
    );
    const push = (ref, event, payload) => {
      sentAt = Date.now();
      socket.send(JSON.stringify(["1", ref, topic, event, payload]));
    };
    const give = () => {
      const params = { _csrf_token: head.csrfToken, _mounts: page.mounts, _mount_attempts: 0 };
      return page.held === undefined ? params : { ...params, _live_stash: page.held };
    };
    const apply = (diff) => {
      page.held = holdAfter(page.held, diff.e);
      tree = tree === undefined ? diff : mergeTree(tree, diff);
      return readCard(printTree(tree));
    };
    socket.addEventListener("open", () =>
      push("1", "phx_join", {
        url: PAGE,
        params: give(),
        session: head.session,
        static: head.staticToken,
        sticky: false,
      }),
    );
    socket.addEventListener("message", ({ data }) => {
      const [, ref, , event, payload] = JSON.parse(data);
      if (event === "diff") return void apply(payload);
      if (event === "phx_error") {
        check(null, { "no view failed": () => false });
        return socket.close();
      }
      if (event !== "phx_reply") return;
      if (!check(payload, { accepted: ({ status }) => status === "ok" })) return socket.close();
      if (ref === "1") {
        (page.mounts === 0 ? connecting : reconnecting).add(Date.now() - startedAt);
        judge(page, apply(payload.response.rendered), awayMs);
        page.mounts += 1;
        setTimeout(
          () => push("2", "event", { type: "click", event: "stash", value: {} }),
          connectedMs / 2,
        );
      } else {
        stashing.add(Date.now() - sentAt);
        page.count += 1;
        if (!rightAt(apply(payload.response.diff || {}), page.count)) wrong.add(1);
        setTimeout(() => socket.close(), connectedMs / 2);
      }
    });
    socket.addEventListener("error", () => check(null, { "no socket failed": () => false }));
    socket.addEventListener("close", () => resolve());
  });
}

/** Whether the page shows what it must; the baseline has nothing to show again. */
function judge(page, card, awayMs) {
  if (page.mounts === 0 || ADAPTER === "baseline") {
    page.count = 0;
    if (!rightAt(card, 0)) wrong.add(1);
  } else if (card !== undefined && card.status === "recovered") {
    if (rightAt(card, page.count) && awayMs < 1.25 * TTL_MS) recovered.add(1);
    else wrong.add(1);
  } else {
    page.count = 0;
    if (awayMs > TTL_MS) expired.add(1);
    else lost.add(1);
  }
}
