// Makes up the secret of development when it is told to, and says what became of it.
import { developmentSecret } from "../src/crypto/development-secret.ts";

process.send?.("ready");
process.once("message", () => {
  process.send?.(developmentSecret("stash", process.env), () => process.disconnect());
});
