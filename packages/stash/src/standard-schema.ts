/**
 * A validator of the Standard Schema specification, version 1 (https://standardschema.dev), as far
 * as the stash uses it: zod, valibot, arktype and others fit.
 */
export interface StandardSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>;
  };
}

/** What a validator answers: the value to use, or what is wrong with the one it got. */
export type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that a validator refuses, and where it stands: keys, or objects with a `key`. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
