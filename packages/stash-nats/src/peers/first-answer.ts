/** The first that is not `undefined`; `undefined` once none is left that could be. */
export function firstAnswer<Answer>(
  answers: readonly Promise<Answer | undefined>[],
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    let left = answers.length;
    if (left === 0) resolve(undefined);
    for (const asked of answers) {
      void asked.then((answer) => {
        left -= 1;
        if (answer !== undefined || left === 0) resolve(answer);
      });
    }
  });
}
