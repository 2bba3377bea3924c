/**
 * What hosts feed themselves: requests to real servers, and everything the recording helpers take.
 *
 * @module
 */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { exposition } from "../../../src/metrics/exposition.js";
import type { Listener } from "../../../src/metrics/host/exchange.js";
import { GatewayMetrics } from "../../../src/metrics/host/gateway-metrics.js";
import { HttpMetrics } from "../../../src/metrics/host/http-metrics.js";
import { RecordingQueueMetrics } from "../../../src/metrics/host/recording-queue.js";
import type { VoiceEvent } from "../../../src/metrics/host/voice-events.js";
import { VoicePipeline } from "../../../src/metrics/host/voice-pipeline.js";
import { LABEL_VALUES } from "../../../src/metrics/label-values.js";
import { MetricRegistry } from "../../../src/metrics/metric-registry.js";
import { Recorder } from "../../../src/metrics/recorder.js";
import { VoiceServerMetrics } from "../../../src/metrics/voiceserver-metrics.js";
import { raw, until } from "../host/servers.js";

const nowMs = (): number => performance.now();

/** Statuses for every value of the label: registered ones, and one more of each class. */
const STATUSES = LABEL_VALUES["http-code"].map((code) => {
  if (code === "other") return 700;
  return code.endsWith("xx") ? Number(code[0]) * 100 + 98 : Number(code);
});

/** Makes a server of a listener that knows how to be counted. */
type Counted = (listener: Listener) => Listener;

/** Answers with the status in the path, or not at all, or not to the end. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const what = request.url?.slice(1) ?? "";
  if (what === "hang") return;
  if (what === "begin") response.write("begin");
  else response.writeHead(Number(what), { connection: "close" }).end();
}

/**
 * Does to a server everything that a client can do.
 *
 * @returns The numbers while one more request is open.
 */
async function serve(
  recorder: Recorder,
  counted: Counted,
  methods: readonly string[],
  besides: (server: Server, url: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<string> {
  let arrived = 0;
  const listener = counted((request, response) => {
    arrived += 1;
    answer(request, response);
  });
  const server = createServer(
    { headersTimeout: 200, requestTimeout: 200, connectionsCheckingInterval: 20 },
    (request, response) => void listener(request, response),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = (method: string, path: string): Socket =>
    raw(url, `${method} /${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  const arrive = async (client: () => Socket): Promise<Socket> => {
    const before = arrived;
    const socket = client();
    await until(() => arrived > before);
    return socket;
  };
  for (const status of STATUSES) await once(ask("GET", String(status)).resume(), "close");
  for (const method of methods) await once(ask(method, "503").resume(), "close");
  (await arrive(() => ask("GET", "hang"))).destroy();
  const cut = await arrive(() => ask("GET", "begin"));
  await once(cut, "data");
  cut.destroy();
  await besides(server, url);
  await arrive(() => ask("GET", "hang"));
  const text = exposition(recorder);
  server.closeAllConnections();
  server.close();
  return text;
}

/** `http_*` */
async function serveApplication(recorder: Recorder): Promise<string> {
  const http = new HttpMetrics(recorder, { nowMs, routes: { "/200": "ok" } });
  const giveUp: Counted = (listener) =>
    http.handler((request, response) => {
      if (request.url === "/503") http.recordTimeout(request);
      return listener(request, response);
    });
  return serve(recorder, giveUp, LABEL_VALUES["http-method"].map(known), async (server, url) => {
    http.watch(server);
    const slow = [
      raw(url, "GET /200 HTTP/1.1\r\n"),
      raw(url, "POST /hang HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"),
    ];
    await Promise.all(slow.map((socket) => once(socket.resume(), "close")));
    server.setTimeout(30);
    const waiting = raw(url, "GET /hang HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(waiting.resume(), "close");
    server.setTimeout(0);
  });
}

/** A method for each value of the label. */
function known(method: string): string {
  return method === "other" ? "TRACE" : method;
}

/** `gateway_*` */
async function serveGateway(recorder: Recorder): Promise<string> {
  const gateway = new GatewayMetrics(recorder, { nowMs });
  gateway.setConcurrencyLimit(10);
  const texts: string[] = [];
  for (const endpoint of LABEL_VALUES["gateway-endpoint"]) {
    for (const reason of LABEL_VALUES["gateway-rejection"]) {
      gateway.recordRejection(endpoint, reason);
    }
    gateway.recordQueueWait(endpoint, 0.1);
    const counted: Counted = (listener) => gateway.handler(endpoint, listener);
    const methods = LABEL_VALUES["gateway-method"].map(known);
    const asked = serve(recorder, counted, methods, async (_, url) => {
      const asks: (() => Promise<Response>)[] = [
        () => fetch(`${url}/200`),
        () => fetch(`${url}/404`),
        () => fetch(`${url}/503`),
        () => fetch(`${url}/hang`, { signal: AbortSignal.timeout(30) }),
        () => fetch(`${url}/hang`, { signal: AbortSignal.abort() }),
        () => fetch("http://127.0.0.1:1"),
      ];
      for (const ask of asks) await gateway.upstream(endpoint, ask).catch(() => undefined);
    });
    texts.push(await asked);
  }
  return texts.join("\n");
}

/** `recording_*` */
function queueRecordings(recorder: Recorder): void {
  const queue = new RecordingQueueMetrics(recorder, { nowMs, capacity: 4 });
  const [done, failed, running] = [queue.enqueue(), queue.enqueue(), queue.enqueue()];
  for (const job of [done, failed, running]) job.start();
  done.succeed();
  failed.fail();
  queue.enqueue();
  queue.reject();
}

const STAGES = LABEL_VALUES["voice-stage"];

/** `stt_*`, `llm_*`, `tts_*`, `voice_*`, `lk_agents_*` */
function speak(recorder: Recorder): void {
  let ms = 0;
  const voice = new VoicePipeline(recorder, { nowMs: () => (ms += 10) });
  for (const transport of LABEL_VALUES.transport) {
    const about = { model: "m", provider: "p", transport } as const;
    for (const stage of STAGES) {
      const request = voice.request(stage, about);
      request.output();
      request.output();
      request.done(0.1);
      for (const errorType of LABEL_VALUES["provider-error"]) {
        voice.request(stage, about).fail(errorType);
      }
      voice.record({ kind: "fallback", stage, ...about });
    }
    for (const event of EVENTS) voice.record({ ...event, ...about });
  }
}

const EVENTS: readonly VoiceEvent[] = [
  { kind: "stt.lag", seconds: 0.1 },
  { kind: "tts.lag", seconds: 0.1 },
  { kind: "retry", stage: "llm" },
  { kind: "bargeIn" },
  { kind: "turn.end", speechEndAtSeconds: 1, asrFinalAtSeconds: 2, firstAudioAtSeconds: 3 },
  { kind: "turn.decision", seconds: 0.1 },
  { kind: "turn.callback", seconds: 0.1 },
  { kind: "connection.acquired", seconds: 0, reused: true },
  { kind: "connection.acquired", seconds: 0.1, reused: false },
  {
    kind: "usage",
    llmInputTokens: 1,
    llmInputCachedTokens: 1,
    llmOutputTokens: 1,
    llmInputAudioTokens: 1,
    llmInputTextTokens: 1,
    llmOutputAudioTokens: 1,
    llmOutputTextTokens: 1,
    llmSessionSeconds: 1,
    ttsCharacters: 1,
    ttsAudioSeconds: 1,
    sttAudioSeconds: 1,
    interruptionRequests: 1,
  },
];

/** `voiceserver_*` and the families of `sip_*` that a voice server may count by hand. */
function countByHand(recorder: Recorder): void {
  const helpers = new VoiceServerMetrics(recorder);
  for (const transport of LABEL_VALUES.transport) {
    for (const status of LABEL_VALUES["call-status"]) helpers.callEnded(status, transport, status);
    helpers.callStarted(transport, transport);
    for (const outcome of LABEL_VALUES["ok-fail"]) helpers.dialogReconnect(transport, outcome, 1);
    helpers.asrError(transport);
    helpers.ttsError(transport);
    helpers.bargeIn(transport);
  }
  for (const isOk of [true, false]) {
    for (const mode of LABEL_VALUES["attach-mode"]) helpers.voiceAttach(mode, isOk);
    helpers.voiceAttachNative(isOk);
  }
  for (const from of LABEL_VALUES["attach-from"]) helpers.voiceAttachModeFallback(from, "realtime");
  helpers.observeE2eFirstByte(1);
  helpers.observeTtsFirstByte(1);
  helpers.observeLlmFirstByte(1);
}

/** `metrics_*`: what cannot be taken as it is. */
function misuse(recorder: Recorder): void {
  const registry = new MetricRegistry(recorder, { maxFamilies: 1 });
  registry.incCounter("mine_total", "Mine.");
  registry.setGauge("mine_total", "Mine.", {}, 1);
  registry.incCounter("more_total", "More.");
  const frozen = new MetricRegistry(recorder);
  frozen.freeze();
  frozen.incCounter("late_total", "Late.");
  registry.incCounter("no name", "None.");
  registry.incCounter("sip_bye_total", "", { direction: "up", to: "x" });
  for (const value of [Number.NaN, Infinity, -1, 2]) {
    registry.observe("sip_call_loss_fraction", "", value);
  }
  for (let i = 0; i < 5000; i += 1) registry.observeAsync("sip_call_loss_fraction", "", 0);
  const voice = new VoicePipeline(recorder, { nowMs });
  // More models than a family may have series.
  for (let i = 0; i < 10_001; i += 1) {
    voice.record({ kind: "usage", model: `model ${String(i)}`, llmInputTokens: 1 });
  }
}

/** Everything that hosts feed. @returns Expositions in which all of it is. */
export async function hosted(): Promise<string> {
  const recorder = new Recorder(undefined, {
    labels: { model: { learned: 20_000, isOptional: true } },
    onWarning: () => undefined,
  });
  queueRecordings(recorder);
  speak(recorder);
  countByHand(recorder);
  misuse(recorder);
  const texts = [await serveApplication(recorder), await serveGateway(recorder)];
  return [...texts, exposition(recorder)].join("\n");
}
