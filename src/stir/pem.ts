/**
 * Files with certificates or revocation lists: textual encodings (RFC 7468) or plain DER.
 *
 * @module
 */

/** Blocks of one file that are read. */
export const MAX_BLOCKS = 4096;

/** One encoded object of a file. */
export interface EncodedBlock {
  readonly der: Uint8Array;
  /** The explanatory text before it (RFC 7468 §2). */
  readonly preamble: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;
const SEQUENCE_TAG = 0x30;

/** The objects with that label, as `CERTIFICATE`, or the one that a DER file is. */
export function encodedBlocks(bytes: Uint8Array, label: string): readonly EncodedBlock[] {
  if (bytes[0] === SEQUENCE_TAG) return [{ der: bytes, preamble: "" }];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const blocks: EncodedBlock[] = [];
  let end = 0;
  for (const match of text.matchAll(BLOCK)) {
    if (blocks.length === MAX_BLOCKS) break;
    const [whole, found, body = ""] = match;
    const preamble = text.slice(end, match.index);
    end = match.index + whole.length;
    if (found === label) blocks.push({ der: Buffer.from(body, "base64"), preamble });
  }
  return blocks;
}
