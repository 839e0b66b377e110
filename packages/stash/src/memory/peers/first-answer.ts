/**
 * The first outcome that is not `undefined`, or `undefined` once all are. Rejects as soon as one of
 * them does.
 */
export function firstAnswer<Answer>(
  asked: readonly Promise<Answer | undefined>[],
): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    let left = asked.length;
    if (left === 0) resolve(undefined);
    for (const answer of asked) {
      answer.then((found) => {
        left -= 1;
        if (found !== undefined || left === 0) resolve(found);
      }, reject);
    }
  });
}
