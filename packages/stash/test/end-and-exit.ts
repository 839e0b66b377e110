// A program that has no more work while the final deadlines of its views are being collected.
import { createMemoryAdapter, liveStash, recoverState, stash } from "../src/index.ts";
import { FakePage, SECRET } from "./fake-page.ts";
import { UnreliableAdapter } from "./unreliable-adapter.ts";

class TellingAdapter extends UnreliableAdapter {
  override keepAlive: UnreliableAdapter["keepAlive"] = (requests) => {
    process.stdout.write(`told of ${requests.length}\n`);
    return requests.map(() => "kept" as const);
  };
}

const adapter = new TellingAdapter(createMemoryAdapter(), { needsKeepAlive: true });
const hook = liveStash<{ count: number }>({ storedKeys: ["count"], adapter, secret: SECRET });
const tab = new FakePage(hook, () => ({ count: 0 }));
const views = [tab.join(), tab.join(), tab.join()];
for (const view of views) {
  await recoverState(view);
  await stash(view);
}
const [first, ...others] = views;
if (first !== undefined) await tab.end(first);
for (const view of others) void tab.end(view);
