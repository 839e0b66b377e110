/** An address to listen on. */
export interface AddressRow {
  readonly name: string;
  readonly address: string;
  readonly note: string;
}

/** Formats the rows in three columns. */
export function addressTable(rows: readonly AddressRow[]): string {
  const widthOf = (column: keyof AddressRow): number =>
    Math.max(...rows.map((row) => row[column].length));
  const [nameWidth, addressWidth] = [widthOf("name"), widthOf("address")];
  return rows
    .map(({ name, address, note }) =>
      `  ${name.padEnd(nameWidth)}  ${address.padEnd(addressWidth)}  ${note}`.trimEnd(),
    )
    .join("\n");
}
