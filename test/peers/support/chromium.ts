/**
 * Chromium with a microphone that beeps, and pages of it that call a peer connection of werift here.
 *
 * @module
 */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { MediaStreamTrack, type RTCPeerConnection } from "werift";

import { keepLocal, newPeer } from "../../attach/support/werift-pair.js";
import { throughRelay, type UdpRelay } from "../../attach/support/udp-relay.js";

export const CHROMIUM = "/usr/bin/chromium";
export const hasChromium = existsSync(CHROMIUM);

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
  "--allow-loopback-in-peer-connection",
];

const PAGE = `<!doctype html><script>
const pc = new RTCPeerConnection();
async function offer(options) {
  await pc.setLocalDescription(await pc.createOffer(options));
  await new Promise((resolve) => {
    const look = () => pc.iceGatheringState === "complete" && resolve();
    pc.onicegatheringstatechange = look;
    look();
  });
  return { type: pc.localDescription.type, sdp: pc.localDescription.sdp };
}
async function start() {
  const media = await navigator.mediaDevices.getUserMedia({ audio: true });
  pc.addTrack(media.getTracks()[0], media);
  return offer({});
}
const stats = async () => [...(await pc.getStats()).values()];
</script>`;

/** An entry of a report. */
export type Entry = Readonly<Record<string, unknown>>;

interface Described {
  readonly type: "offer" | "answer";
  readonly sdp: string;
}

/** One browser. */
export class Browser {
  readonly #context: BrowserContext;
  readonly #server: Server;
  readonly #folder: string;

  private constructor(context: BrowserContext, server: Server, folder: string) {
    this.#context = context;
    this.#server = server;
    this.#folder = folder;
  }

  static async start(): Promise<Browser> {
    const server = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end(PAGE);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const folder = mkdtempSync(join(tmpdir(), "chromium-"));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: CHROMIUM,
      headless: true,
      args: FLAGS,
    });
    return new Browser(context, server, folder);
  }

  /** A page with a connection of its own. */
  async open(): Promise<BrowserPeer> {
    const page = await this.#context.newPage();
    const { port } = this.#server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${String(port)}/`);
    return new BrowserPeer(page);
  }

  async close(): Promise<void> {
    await this.#context.close();
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The connection of one page. */
export class BrowserPeer {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async run<Result>(script: string): Promise<Result> {
    return await this.#page.evaluate(script);
  }

  stats(): Promise<Entry[]> {
    return this.run("stats()");
  }

  /** Calls a peer of werift, which sends back what it hears. `prepare` is called before any answer. */
  async call(
    prepare: (pc: RTCPeerConnection) => void,
    {
      relay,
      changeAnswer = (sdp: string) => sdp,
    }: { readonly relay?: UdpRelay; readonly changeAnswer?: (sdp: string) => string } = {},
  ): Promise<RTCPeerConnection> {
    const pc = newPeer();
    const offer = await this.run<Described>("start()");
    await pc.setRemoteDescription({ ...offer, sdp: relayedOffer(offer.sdp, relay) });
    const [transceiver] = pc.getTransceivers();
    if (transceiver === undefined) throw new Error("the offer has no media");
    const echo = new MediaStreamTrack({ kind: "audio" });
    await transceiver.sender.replaceTrack(echo);
    transceiver.setDirection("sendrecv");
    transceiver.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((packet) => {
        echo.writeRtp(packet);
      });
    });
    for (const track of transceiver.receiver.tracks) {
      track.onReceiveRtp.subscribe((packet) => {
        echo.writeRtp(packet);
      });
    }
    keepLocal(pc);
    prepare(pc);
    await pc.setLocalDescription(await pc.createAnswer());
    const answer = relayedAnswer(pc.localDescription?.sdp ?? "", relay);
    await this.#take({ type: "answer", sdp: changeAnswer(answer) });
    return pc;
  }

  /** Offers again, with new ICE credentials. */
  async restartIce(pc: RTCPeerConnection): Promise<void> {
    const offer = await this.run<Described>("offer({ iceRestart: true })");
    await pc.setRemoteDescription(offer);
    await pc.setLocalDescription(await pc.createAnswer());
    await this.#take({ type: "answer", sdp: pc.localDescription?.sdp ?? "" });
  }

  async #take(answer: Described): Promise<void> {
    await this.run(`pc.setRemoteDescription(${JSON.stringify(answer)})`);
  }
}

function relayedOffer(sdp: string, relay: UdpRelay | undefined): string {
  if (relay === undefined) return sdp;
  const relayed = throughRelay(sdp, relay.portForB);
  relay.expect("a", relayed.realPort);
  return relayed.sdp;
}

function relayedAnswer(sdp: string, relay: UdpRelay | undefined): string {
  if (relay === undefined) return sdp;
  const relayed = throughRelay(sdp, relay.portForA);
  relay.expect("b", relayed.realPort);
  return relayed.sdp;
}

/** The number that one entry of a type has of that name. */
export function figure(report: readonly Entry[], type: string, name: string): number {
  const entry = report.find((one) => one["type"] === type && typeof one[name] === "number");
  const value = entry?.[name];
  if (typeof value !== "number") throw new Error(`no ${name} of ${type} in the report`);
  return value;
}
