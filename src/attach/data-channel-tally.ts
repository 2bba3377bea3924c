/**
 * What went over the data channels of a connection. A channel's counters live as long as its object,
 * and vanish from statistics when it closes.
 *
 * @module
 */

import { countOf, memberOf } from "./werift-ports.js";

/** Channels whose objects are held; those that closed are summed up and let go. */
export const MAX_CHANNELS = 256;

/** Sums of counters. */
export interface DataChannelSums {
  messagesSent: number;
  messagesReceived: number;
  bytesSent: number;
  bytesReceived: number;
}

/** All channels of one connection. */
export class DataChannelTally {
  readonly #open = new Set<object>();
  readonly #summed = new WeakSet();
  readonly #closed = noSums();
  #count = 0;

  /** Channels that were seen. */
  get count(): number {
    return this.#count;
  }

  /** Channels that were seen to close. */
  get closedCount(): number {
    this.#sumUp();
    return this.#count - this.#open.size;
  }

  /** Takes up a channel, which may be known. */
  add(channel: object): void {
    if (this.#open.has(channel) || this.#summed.has(channel)) return;
    this.#sumUp();
    if (this.#open.size >= MAX_CHANNELS) return;
    this.#open.add(channel);
    this.#count += 1;
  }

  sums(): DataChannelSums {
    this.#sumUp();
    const sums = { ...this.#closed };
    for (const channel of this.#open) addTo(sums, channel);
    return sums;
  }

  #sumUp(): void {
    for (const channel of this.#open) {
      if (memberOf(channel, "readyState") !== "closed") continue;
      this.#open.delete(channel);
      this.#summed.add(channel);
      addTo(this.#closed, channel);
    }
  }
}

/** The counters of channels added up: objects or statistics. */
export function sumsOf(channels: Iterable<object>): DataChannelSums {
  const sums = noSums();
  for (const channel of channels) addTo(sums, channel);
  return sums;
}

function addTo(sums: DataChannelSums, channel: object): void {
  sums.messagesSent += countOf(channel, "messagesSent");
  sums.messagesReceived += countOf(channel, "messagesReceived");
  sums.bytesSent += countOf(channel, "bytesSent");
  sums.bytesReceived += countOf(channel, "bytesReceived");
}

function noSums(): DataChannelSums {
  return { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0 };
}
