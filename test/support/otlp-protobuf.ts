/**
 * Export requests of OTLP metrics read from protobuf, by the field numbers of
 * opentelemetry/proto/{metrics,common,resource}/v1. What comes out is as in the JSON encoding.
 *
 * @module
 */

type Kind = "string" | "double" | "fixed64" | "enum" | "bool" | "sint32" | Message;
type Field = readonly [name: string, kind: Kind, isRepeated?: boolean];
type Message = Readonly<Record<number, Field>>;

const ANY: Message = { 1: ["stringValue", "string"], 4: ["doubleValue", "double"] };
const KEY_VALUE: Message = { 1: ["key", "string"], 2: ["value", ANY] };
const ATTRIBUTES: Field = ["attributes", KEY_VALUE, true];
const TIMES = { 2: ["startTimeUnixNano", "fixed64"], 3: ["timeUnixNano", "fixed64"] } as const;
const NUMBER: Message = {
  ...TIMES,
  4: ["asDouble", "double"],
  6: ["asInt", "fixed64"],
  7: ATTRIBUTES,
};
const HISTOGRAM: Message = {
  ...TIMES,
  4: ["count", "fixed64"],
  5: ["sum", "double"],
  6: ["bucketCounts", "fixed64", true],
  7: ["explicitBounds", "double", true],
  9: ATTRIBUTES,
};
const EXPONENTIAL: Message = {
  ...TIMES,
  1: ATTRIBUTES,
  4: ["count", "fixed64"],
  5: ["sum", "double"],
  6: ["scale", "sint32"],
};
const points = (point: Message): Message => ({
  1: ["dataPoints", point, true],
  2: ["aggregationTemporality", "enum"],
  3: ["isMonotonic", "bool"],
});
const METRIC: Message = {
  1: ["name", "string"],
  2: ["description", "string"],
  3: ["unit", "string"],
  5: ["gauge", points(NUMBER)],
  7: ["sum", points(NUMBER)],
  9: ["histogram", points(HISTOGRAM)],
  10: ["exponentialHistogram", points(EXPONENTIAL)],
};
const SCOPE: Message = { 1: ["scope", { 1: ["name", "string"] }], 2: ["metrics", METRIC, true] };
const RESOURCE: Message = { 1: ["resource", { 1: ATTRIBUTES }], 2: ["scopeMetrics", SCOPE, true] };
const REQUEST: Message = { 1: ["resourceMetrics", RESOURCE, true] };

/** A request as the JSON encoding has it. */
export function requestFromProtobuf(bytes: Uint8Array): unknown {
  return messageFrom(new Reader(bytes), REQUEST);
}

function messageFrom(reader: Reader, message: Message): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [, field] of Object.entries(message)) if (field[2] === true) found[field[0]] = [];
  while (reader.hasMore) {
    const tag = reader.varint();
    const field = message[Math.floor(tag / 8)];
    const wire = tag % 8;
    if (field === undefined) {
      reader.skip(wire);
      continue;
    }
    const [name, kind, isRepeated] = field;
    if (isRepeated !== true) {
      found[name] = valueFrom(reader, kind);
      continue;
    }
    const list = found[name] as unknown[];
    const isPacked = wire === 2 && typeof kind === "string" && kind !== "string";
    if (!isPacked) list.push(valueFrom(reader, kind));
    else for (const packed = reader.part(); packed.hasMore;) list.push(valueFrom(packed, kind));
  }
  return found;
}

function valueFrom(reader: Reader, kind: Kind): unknown {
  if (typeof kind !== "string") return messageFrom(reader.part(), kind);
  switch (kind) {
    case "string":
      return reader.part().text();
    case "double":
      return reader.double();
    case "fixed64":
      return String(reader.fixed64());
    case "bool":
      return reader.varint() !== 0;
    case "enum":
      return reader.varint();
    case "sint32": {
      const value = reader.varint();
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#view.getUint8(this.#at++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  double(): number {
    return this.#view.getFloat64((this.#at += 8) - 8, true);
  }

  fixed64(): bigint {
    return this.#view.getBigUint64((this.#at += 8) - 8, true);
  }

  part(): Reader {
    const length = this.varint();
    return new Reader(this.#bytes.subarray(this.#at, (this.#at += length)));
  }

  text(): string {
    return Buffer.from(this.#bytes).toString("utf8");
  }

  skip(wire: number): void {
    if (wire === 0) this.varint();
    else if (wire === 2) this.part();
    else this.#at += wire === 1 ? 8 : 4;
  }
}
