import { afterEach } from "vitest";

/** Closes what a test has opened, in reverse order. */
export function createCloser(): <Opened>(opened: Opened, close: () => unknown) => Opened {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  return (opened, close) => {
    closers.push(close);
    return opened;
  };
}
