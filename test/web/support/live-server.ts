/**
 * A server that tells of calls as a probe's does.
 *
 * @module
 */

import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { CallReport } from "../../../src/call/call-report.js";
import type { Ladder } from "../../../src/call/ladder.js";
import { readPage } from "../../../src/report/page-template.js";

type State = "open" | "ended";

interface Told {
  readonly state: State;
  readonly call: CallReport;
}

/** Tells what it is told to tell. */
export class LiveServer {
  readonly #server: Server;
  readonly #calls = new Map<string, Told>();
  readonly #ladders = new Map<string, Ladder>();
  readonly #listeners = new Set<ServerResponse>();

  #isAway = false;
  #unansweredLists = 0;

  private constructor(page: string) {
    this.#server = createServer((request, response) => {
      const [url = "/"] = (request.url ?? "/").split("?");
      if (url === "/") {
        answer(response, "text/html; charset=utf-8", page);
        return;
      }
      if (url === "/events" && this.#isAway) {
        response.writeHead(502).end();
        return;
      }
      if (url === "/calls" && this.#unansweredLists > 0) {
        this.#unansweredLists -= 1;
        response.writeHead(502).end();
        return;
      }
      if (url === "/calls") {
        const calls = Array.from(this.#calls.values(), withoutIntervals);
        answerJson(response, { schema: "mediaprobe.calls/1", calls });
        return;
      }
      if (url === "/events") {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(": here\n\n");
        this.#listeners.add(response);
        response.on("close", () => this.#listeners.delete(response));
        return;
      }
      const [, id = "", rest = ""] = /^\/calls\/([^/]+)(\/ladder)?$/.exec(url) ?? [];
      const callId = decodeURIComponent(id);
      const told = this.#calls.get(callId);
      if (rest === "" && told !== undefined) {
        answerJson(response, told.call);
        return;
      }
      const ladder = this.#ladders.get(callId);
      if (ladder !== undefined) {
        answerJson(response, { ladder });
        return;
      }
      response.writeHead(404).end();
    });
  }

  /** Listens on a free port. */
  static async start(): Promise<LiveServer> {
    const server = new LiveServer(await readPage());
    await new Promise<void>((resolve) => {
      server.#server.listen(0, "127.0.0.1", resolve);
    });
    return server;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/`;
  }

  /** A call came, changed or ended. */
  tell(state: State, call: CallReport, ladder?: Ladder): void {
    this.#calls.set(call.callId, { state, call });
    if (ladder !== undefined) this.#ladders.set(call.callId, ladder);
    const event = `event: call\ndata: ${JSON.stringify(withoutIntervals({ state, call }))}\n\n`;
    for (const listener of this.#listeners) listener.write(event);
  }

  /** A call is no longer kept. */
  forget(callId: string): void {
    this.#calls.delete(callId);
    this.#ladders.delete(callId);
  }

  /** Everybody who listens is cut off. */
  hangUp(): void {
    for (const listener of this.#listeners) listener.destroy();
  }

  /** From now on events are answered as a proxy does whose server is away; or no longer. */
  setAway(isAway: boolean): void {
    this.#isAway = isAway;
    if (isAway) this.hangUp();
  }

  /** So many requests for the list of calls are answered as such a proxy does. */
  failLists(count: number): void {
    this.#unansweredLists = count;
  }

  async close(): Promise<void> {
    this.hangUp();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** As a list of calls has them. */
function withoutIntervals({ state, call }: Told): Told {
  return {
    state,
    call: { ...call, streams: call.streams.map((one) => ({ ...one, intervals: [] })) },
  };
}

function answerJson(response: ServerResponse, value: unknown): void {
  answer(response, "application/json", JSON.stringify(value));
}

function answer(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { "content-type": type }).end(body);
}
