/**
 * The session descriptions a message carries: its body, or parts of it (RFC 5621, RFC 2046 §5.1).
 *
 * @module
 */

import { parseContentType } from "./content-type.js";
import { DamageLog } from "./damage.js";
import { fieldName, scanHeaderFields } from "./header-fields.js";
import type { SipMessage } from "./message.js";
import { decodeUtf8 } from "./wire-text.js";

/** Multipart bodies within multipart bodies that are searched. */
export const MAX_MULTIPART_DEPTH = 4;

/** Parts of one multipart body that are read. */
export const MAX_PARTS = 64;

/** RFC 2046 §5.1.1 allows 70 characters. */
const MAX_BOUNDARY_LENGTH = 200;

const CONTENT_TYPE = fieldName("content-type");
const CONTENT_ENCODING = fieldName("content-encoding");
const TRANSFER_ENCODING = fieldName("content-transfer-encoding");
const PLAIN_TRANSFER_ENCODINGS: readonly string[] = ["", "7bit", "8bit", "binary"];

/** A body or body part and what its header fields say of it. */
interface Entity {
  /** ISO 8859-1, one character a byte. */
  readonly text: string;
  readonly contentType: string | undefined;
  readonly contentEncoding: string;
}

/**
 * The SDP of a message, in order: none, one, or the parts of a multipart body that are SDP.
 *
 * A body that has no Content-Type but starts as SDP does counts. Encoded bodies, such as `gzip`,
 * do not.
 */
export function sdpBodies(message: SipMessage): string[] {
  const found: string[] = [];
  const contentType = message.header("content-type");
  const { contentEncoding, bodyLatin1: text } = message;
  collect({ text, contentType, contentEncoding }, 0, found);
  return found;
}

function collect(entity: Entity, depth: number, found: string[]): void {
  if (entity.contentEncoding !== "" && entity.contentEncoding !== "identity") return;
  if (entity.contentType === undefined) {
    if (/^\s*v=0\s/.test(entity.text.slice(0, 16))) found.push(decodeUtf8(entity.text));
    return;
  }
  const { type, parameters } = parseContentType(entity.contentType);
  if (type === "application/sdp") {
    if (entity.text !== "") found.push(decodeUtf8(entity.text));
    return;
  }
  if (!type.startsWith("multipart/") || depth === MAX_MULTIPART_DEPTH) return;
  const boundary = parameters.get("boundary") ?? "";
  if (boundary === "" || boundary.length > MAX_BOUNDARY_LENGTH) return;
  for (const part of bodyParts(entity.text, boundary)) {
    const inner = partEntity(part);
    if (inner !== undefined) collect(inner, depth + 1, found);
  }
}

/** A part without its header fields, or nothing if a transfer encoding hides what it says. */
function partEntity(part: string): Entity | undefined {
  const fields = scanHeaderFields(part, 0, false, new DamageLog());
  const transferEncoding = fields.first(TRANSFER_ENCODING)?.toLowerCase() ?? "";
  if (!PLAIN_TRANSFER_ENCODINGS.includes(transferEncoding)) return undefined;
  return {
    text: part.slice(fields.bodyStart),
    contentType: fields.first(CONTENT_TYPE),
    contentEncoding: fields.list(CONTENT_ENCODING).join(",").toLowerCase(),
  };
}

/**
 * What stands between the boundary lines, without the line end before each, which is part of the
 * boundary. A part that no boundary line ends runs to the end of the body.
 */
function bodyParts(text: string, boundary: string): string[] {
  const delimiter = `--${boundary}`;
  const parts: string[] = [];
  let partStart = -1;
  let lineStart = 0;
  while (lineStart < text.length && parts.length < MAX_PARTS) {
    const lineFeed = text.indexOf("\n", lineStart);
    const nextLine = lineFeed < 0 ? text.length : lineFeed + 1;
    const rest = boundaryRest(text, lineStart, nextLine, delimiter);
    if (rest !== undefined) {
      if (partStart >= 0) parts.push(withoutLineEnd(text.slice(partStart, lineStart)));
      if (rest === "--") return parts;
      partStart = nextLine;
    }
    lineStart = nextLine;
  }
  if (partStart >= 0 && parts.length < MAX_PARTS) parts.push(text.slice(partStart));
  return parts;
}

/** What follows the delimiter on its line: nothing, or the `--` of the last one. */
function boundaryRest(
  text: string,
  lineStart: number,
  nextLine: number,
  delimiter: string,
): "" | "--" | undefined {
  if (!text.startsWith(delimiter, lineStart)) return undefined;
  const rest = text.slice(lineStart + delimiter.length, nextLine).trim();
  return rest === "" || rest === "--" ? rest : undefined;
}

function withoutLineEnd(part: string): string {
  if (part.endsWith("\r\n")) return part.slice(0, -2);
  return part.endsWith("\n") ? part.slice(0, -1) : part;
}
