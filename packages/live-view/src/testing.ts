export {
  createTestClient,
  type TestClient,
  type TestClientOptions,
} from "./testing/test-client.ts";
export type { ParamsFunction, TestPage } from "./testing/test-page.ts";
export type { ReceivedEvent } from "./testing/page-state.ts";
export type { Reply } from "./testing/test-socket.ts";
