/**
 * Methods, status codes and routes as labels: closed, whatever a client sends.
 *
 * @module
 */

import { HOST_LABEL_VALUES } from "../host-label-values.js";
import type { LabelValue } from "../label-values.js";

const METHODS: ReadonlySet<string> = new Set(HOST_LABEL_VALUES["http-method"]);
const GATEWAY_METHODS: ReadonlySet<string> = new Set(HOST_LABEL_VALUES["gateway-method"]);
const CODES: ReadonlySet<string> = new Set(HOST_LABEL_VALUES["http-code"]);

/** A request to a proxy names the host too, and every server takes it (RFC 9112 §3.2.2). */
const ORIGIN = /^https?:\/\/[^/?#]*/i;

/** The route of requests that match none. */
export const NO_ROUTE = "other";

/** A method, or `other` for those that applications rarely have. */
export function httpMethod(method: string | undefined): LabelValue<"http-method"> {
  const value = method ?? "";
  return METHODS.has(value) ? (value as LabelValue<"http-method">) : "other";
}

/** The same of a gateway. */
export function gatewayMethod(method: string | undefined): LabelValue<"gateway-method"> {
  const value = method ?? "";
  return GATEWAY_METHODS.has(value) ? (value as LabelValue<"gateway-method">) : "other";
}

/** A registered status code or 499; else its class; else `other`. */
export function httpCode(statusCode: number): LabelValue<"http-code"> {
  const code = String(statusCode);
  if (CODES.has(code)) return code as LabelValue<"http-code">;
  const statusClass = `${Math.floor(statusCode / 100)}xx`;
  return CODES.has(statusClass) ? (statusClass as LabelValue<"http-code">) : "other";
}

/** The class of an error; none below 400. */
export function errorClass(statusCode: number): "4xx" | "5xx" | undefined {
  if (statusCode < 400) return undefined;
  return statusCode < 500 ? "4xx" : "5xx";
}

type Pattern = readonly [segments: readonly string[], name: string];

/** Routes by name, found by path. */
export class RouteNames {
  readonly #byTemplate: ReadonlyMap<string, string>;
  readonly #patterns: readonly Pattern[];
  readonly #alike: readonly Pattern[];

  /**
   * @param routes Names by path. A segment `:name` stands for any one, a last segment `*` for any
   * number of them. Of several that match, the first counts.
   * @throws {RangeError} If a path does not begin with `/`, or there are more names than the label has
   * room for.
   */
  constructor(routes: Readonly<Record<string, string>>) {
    const { learned } = HOST_LABEL_VALUES["http-route"];
    const names = new Set(Object.values(routes));
    if (names.size > learned) {
      throw new RangeError(
        `There are ${names.size} names of routes, and room for ${learned}; give several routes one name`,
      );
    }
    for (const path of Object.keys(routes)) {
      if (!path.startsWith("/")) {
        throw new RangeError(`"${path}" is no path of a route; it must begin with "/"`);
      }
    }
    this.#byTemplate = new Map(Object.entries(routes));
    const named = Object.entries(routes);
    this.#patterns = named.map(([path, name]) => [path.split("/"), name]);
    this.#alike = named.map(([path, name]) => [likened(path).split("/"), name]);
  }

  /** Every name, and that of requests which match none. */
  get all(): string[] {
    return [...new Set([...this.#byTemplate.values(), NO_ROUTE])];
  }

  /** The name of the route of a request. */
  ofUrl(url: string | undefined): string {
    const path = pathOf(url);
    const exact = this.#byTemplate.get(path);
    if (exact !== undefined) return exact;
    return nameOf(this.#patterns, path);
  }

  /**
   * The same of a request to Express, for which, unless it is told otherwise, the case of letters and a
   * slash at the end make no other route.
   */
  ofExpressUrl(url: string | undefined): string {
    const exact = this.ofUrl(url);
    if (exact !== NO_ROUTE) return exact;
    return nameOf(this.#alike, likened(pathOf(url)));
  }

  /** The name of a route that a framework has found: that of its path, else the path itself. */
  ofTemplate(template: string | undefined): string {
    if (template === undefined) return NO_ROUTE;
    return this.#byTemplate.get(template) ?? template;
  }
}

function nameOf(patterns: readonly Pattern[], path: string): string {
  const segments = path.split("/");
  return patterns.find(([pattern]) => matches(pattern, segments))?.[1] ?? NO_ROUTE;
}

function pathOf(url = ""): string {
  return url.replace(ORIGIN, "").replace(/[?#].*$/s, "");
}

function likened(path: string): string {
  return path.toLowerCase().replace(/\/$/, "");
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === "*";
  const fixed = isOpen ? pattern.length - 1 : pattern.length;
  if (isOpen ? segments.length < fixed : segments.length !== fixed) return false;
  for (let i = 0; i < fixed; i += 1) {
    const part = pattern[i] ?? "";
    if (part.startsWith(":") ? segments[i] === "" : part !== segments[i]) return false;
  }
  return true;
}
