import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A self-signed certificate. */
export interface TlsCertificate {
  readonly certificatePath: string;
  readonly keyPath: string;
  /** The certificate that a client must trust, as PEM. */
  readonly pem: string;
}

/** Creates a certificate for 127.0.0.1, ::1 and localhost with openssl, valid for two days. */
export function createTlsCertificate(folder: string): TlsCertificate {
  const certificatePath = join(folder, "certificate.pem");
  const keyPath = join(folder, "key.pem");
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const subjectNames = "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost";
  const names = ["-subj", "/CN=localhost", "-addext", subjectNames];
  const files = ["-keyout", keyPath, "-out", certificatePath];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...key, ...names, ...files], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return { certificatePath, keyPath, pem: readFileSync(certificatePath, "utf8") };
}
