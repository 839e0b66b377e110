import type { LabResult } from "../../result.ts";

/** Lists conditions other than the code in which two runs differ: the scenario, the machine. */
export function differingConditions(a: LabResult, b: LabResult): readonly string[] {
  const differing = (
    ["users", "ttlMs", "durationMs", "rampUpMs", "lateShare", "seed"] as const
  ).filter((key) => a.scenario[key] !== b.scenario[key]);
  const [machineOfA, machineOfB] = [a, b].map(
    ({ machine }) => `${machine.cpuModel} × ${machine.cpuCount}`,
  );
  return [
    ...differing.map(
      (key) => `Not the same scenario: ${key} is ${a.scenario[key]} in A, ${b.scenario[key]} in B.`,
    ),
    ...(machineOfA === machineOfB
      ? []
      : [`Not the same machine: ${machineOfA} in A, ${machineOfB} in B.`]),
  ];
}
