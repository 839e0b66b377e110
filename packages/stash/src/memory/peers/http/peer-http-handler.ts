import type { IncomingMessage, ServerResponse } from "node:http";
import type { NodeName, PeerHandler } from "../peer-network.ts";
import {
  HELLO,
  HELLO_BYTES,
  openRequest,
  type PeerEnvelope,
  REQUEST,
  REQUEST_HEAD_BYTES,
  sealAnswer,
  type SessionId,
} from "./peer-envelope.ts";
import { PeerSessions } from "./peer-sessions.ts";
import { CONTENT_TYPE, faultOf, readPeerBody } from "./read-peer-body.ts";

/** Answers requests of peers on any `node:http` server, whatever their path. */
export type PeerHttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** How many requests are answered at once; one more is told to come later (503). */
const MAX_CONCURRENT = 256;

export interface PeerHttpHandlerOptions {
  readonly name: NodeName;
  readonly envelope: PeerEnvelope;
  readonly answer: PeerHandler;
  /** Told of the sender of each authentic message. */
  readonly heardOf: (asker: NodeName) => void;
}

/** Strangers get a status without a word, and nothing is done or kept for them. */
export function createPeerHttpHandler(options: PeerHttpHandlerOptions): PeerHttpHandler {
  const { name, envelope, answer, heardOf } = options;
  const sessions = new PeerSessions();
  let underWay = 0;

  const isWelcome = (head: Buffer): boolean =>
    head[0] === HELLO || (head[0] === REQUEST && sessions.has(sessionOf(head)));

  const answerHello = (body: Buffer): Buffer | undefined => {
    const asker = body.length === HELLO_BYTES ? envelope.openHello(body) : undefined;
    if (asker === undefined) return undefined;
    heardOf(asker);
    return envelope.helloAnswer(body.subarray(1), { node: name, ...sessions.begin(asker) });
  };

  const answerRequest = async (body: Buffer): Promise<Buffer | undefined> => {
    const session = sessionOf(body);
    const known = sessions.get(session);
    if (known === undefined) return undefined;
    const number = body.readUInt32BE(REQUEST_HEAD_BYTES - 4);
    const place = { node: name, session, key: known.key, number };
    const request = openRequest(place, body);
    if (request === undefined || !known.window.accept(place.number)) return undefined;
    sessions.touch(session, known);
    heardOf(known.asker);
    return sealAnswer(place, await answer(request));
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readPeerBody(request, REQUEST_HEAD_BYTES, isWelcome);
    if (request.destroyed && !request.complete) return;
    const answered =
      body === undefined
        ? undefined
        : body[0] === HELLO
          ? answerHello(body)
          : await answerRequest(body);
    if (answered === undefined) refuse(response, 401);
    else reply(response, answered);
  };

  return (request, response) => {
    const fault = faultOf(request) ?? (underWay >= MAX_CONCURRENT ? 503 : undefined);
    if (fault !== undefined) return refuse(response, fault);
    underWay += 1;
    serve(request, response)
      .catch(() => refuse(response, 500))
      .finally(() => {
        underWay -= 1;
      });
  };
}

const sessionOf = (head: Buffer): SessionId =>
  head.toString("base64url", 1, REQUEST_HEAD_BYTES - 4);

function reply(response: ServerResponse, body: Buffer): void {
  response.sendDate = false;
  // Connections persist in HTTP/1.1 without being told to.
  response.removeHeader("connection");
  response.writeHead(200, { "content-type": CONTENT_TYPE, "content-length": body.length });
  response.end(body);
}

/** What is left of the body is not read: the connection ends. */
function refuse(response: ServerResponse, status: number): void {
  if (response.headersSent) return;
  const allow = status === 405 ? { allow: "POST" } : {};
  response.writeHead(status, { "content-length": 0, connection: "close", ...allow });
  response.end();
}
