import { expect, test } from "vitest";
import { createOwners, isEarlierOwner, ORDER_CHARACTERS, PAGE_PARAM } from "./owner.ts";

const nextOwner = createOwners();
const owner = (page: unknown, mounts: unknown, attempts: unknown): string =>
  nextOwner({ [PAGE_PARAM]: page, _mounts: mounts, _mount_attempts: attempts });

test("owners are ordered by loads of the page, mounts of the view, and attempts to mount it", () => {
  const ordered = [
    owner(undefined, 0, 0),
    owner(undefined, 0, 1),
    owner(undefined, 0, 40),
    owner(undefined, 1, 0),
    owner(undefined, 9, 0),
    owner(undefined, 36, 0),
    owner(1, 0, 0),
    owner(1, 0, 1),
    owner(35, 1_000, 1_000),
    owner(36, 0, 0),
  ];
  for (const [at, earlier] of ordered.entries()) {
    for (const later of ordered.slice(at + 1)) {
      expect(isEarlierOwner(earlier, later)).toBe(true);
      expect(isEarlierOwner(later, earlier)).toBe(false);
    }
  }
});

test("owners with the same counts have the same order, and are different nevertheless", () => {
  const [one, two] = [owner(1, 2, 3), owner(1, 2, 3)];
  expect(one).not.toBe(two);
  expect(isEarlierOwner(one, two) || isEarlierOwner(two, one)).toBe(false);
});

test("an owner is a valid name whatever a browser counts", () => {
  const odd = [-1, 0.5, Number.NaN, Infinity, 2 ** 60, "7", null, {}, true];
  for (const value of odd) {
    const name = owner(value, value, value);
    expect(name).toMatch(/^[0-9a-z]{10}[A-Za-z0-9_.-]{1,54}$/);
    expect(name.slice(0, ORDER_CHARACTERS)).toBe(value === 2 ** 60 ? "z".repeat(10) : "0000000000");
  }
});
