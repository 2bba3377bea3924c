/**
 * A receiver of OTLP metrics over HTTP, of both encodings.
 *
 * @module
 */

import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { onTestFinished } from "vitest";

import { requestFromProtobuf } from "./otlp-protobuf.js";

/** A data point with what a test looks at. */
export interface ReceivedPoint {
  readonly attributes: Readonly<Record<string, string>>;
  readonly value?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bounds?: readonly number[];
  readonly counts?: readonly number[];
  readonly scale?: number;
  readonly startNs: bigint;
  readonly timeNs: bigint;
}

/** A metric as received. */
export interface ReceivedMetric {
  readonly scope: string;
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly kind: "gauge" | "sum" | "histogram" | "exponentialHistogram";
  readonly temporality: "delta" | "cumulative" | undefined;
  readonly isMonotonic: boolean | undefined;
  readonly points: readonly ReceivedPoint[];
}

/** One export. */
export interface ReceivedExport {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: Readonly<Record<string, string>>;
  readonly metrics: readonly ReceivedMetric[];
}

/** A receiver that is closed after the test. */
export interface Receiver {
  readonly url: string;
  readonly exports: ReceivedExport[];
  /** What to answer with, one an export; then 200. */
  readonly answers: number[];
}

/** Starts one on the loopback. */
export async function otlpReceiver(): Promise<Receiver> {
  const exports: ReceivedExport[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const status = answers.shift() ?? 200;
      const isJson = request.headers["content-type"] === "application/json";
      const bytes = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
      const message = isJson
        ? (JSON.parse(bytes.toString()) as unknown)
        : requestFromProtobuf(bytes);
      if (status === 200)
        exports.push(exportOf(message as Request, request.url ?? "", request.headers));
      response.writeHead(status).end(isJson ? "{}" : "");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1/metrics`, exports, answers };
}

type Attributes = readonly { readonly key: string; readonly value: { stringValue?: string } }[];

interface Point {
  readonly attributes?: Attributes;
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly asInt?: number | string;
  readonly count?: number | string;
  readonly sum?: number;
  readonly explicitBounds?: number[];
  readonly bucketCounts?: (number | string)[];
  readonly scale?: number;
}

interface Data {
  readonly dataPoints: Point[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

interface Request {
  readonly resourceMetrics: {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeMetrics: {
      readonly scope: { readonly name: string };
      readonly metrics: ({
        readonly name: string;
        readonly description?: string;
        readonly unit?: string;
      } & Partial<Record<ReceivedMetric["kind"], Data>>)[];
    }[];
  }[];
}

const KINDS = ["gauge", "sum", "histogram", "exponentialHistogram"] as const;
const TEMPORALITIES = [undefined, "delta", "cumulative"] as const;

function exportOf(request: Request, path: string, headers: IncomingHttpHeaders): ReceivedExport {
  const metrics = request.resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ scope, metrics }) =>
      metrics.map((metric): ReceivedMetric => {
        const kind = KINDS.find((name) => metric[name] !== undefined) ?? "gauge";
        const data = metric[kind];
        return {
          scope: scope.name,
          name: metric.name,
          description: metric.description ?? "",
          unit: metric.unit ?? "",
          kind,
          temporality: TEMPORALITIES[data?.aggregationTemporality ?? 0],
          isMonotonic: data?.isMonotonic,
          points: data?.dataPoints.map(pointOf) ?? [],
        };
      }),
    ),
  );
  const resource = attributesOf(request.resourceMetrics[0]?.resource.attributes);
  return { path, headers, resource, metrics };
}

function pointOf(point: Point): ReceivedPoint {
  const value = point.asDouble ?? (point.asInt === undefined ? undefined : Number(point.asInt));
  return {
    attributes: attributesOf(point.attributes),
    startNs: BigInt(point.startTimeUnixNano),
    timeNs: BigInt(point.timeUnixNano),
    ...(value === undefined ? {} : { value }),
    ...(point.count === undefined ? {} : { count: Number(point.count) }),
    ...(point.sum === undefined ? {} : { sum: point.sum }),
    ...(point.explicitBounds === undefined ? {} : { bounds: point.explicitBounds }),
    ...(point.bucketCounts === undefined ? {} : { counts: point.bucketCounts.map(Number) }),
    ...(point.scale === undefined ? {} : { scale: point.scale }),
  };
}

function attributesOf(attributes: Attributes = []): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? ""]));
}
