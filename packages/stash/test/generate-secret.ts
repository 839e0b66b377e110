// Finds or generates the development secret on a message of its parent, and sends the secret back.
import { developmentSecret } from "../src/crypto/development-secret.ts";

process.send?.("ready");
process.once("message", () => {
  process.send?.(developmentSecret("stash", process.env), () => process.disconnect());
});
