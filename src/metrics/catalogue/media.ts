/**
 * Families in which every stretch of media weighs the same, and counters of packets.
 *
 * @module
 */

import type { Catalogue } from "../family.js";

/** What streams were like, interval by interval, and how much of them there was. */
export const MEDIA_FAMILIES = {
  rtp_interval_jitter_seconds: {
    type: "histogram",
    help: "Interarrival jitter of audio streams, interval by interval.",
    unit: "seconds",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["codec", "codec"],
    ],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2],
    series: "seen",
    origin: "mediaprobe",
    when: "Once an interval of 5 s (mean); an interval that stands for several counts as many times.",
  },
  rtp_interval_delay_variation_seconds: {
    type: "histogram",
    help: "Delay variation (95th percentile) of audio streams, interval by interval.",
    unit: "seconds",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["codec", "codec"],
    ],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.07, 0.09, 0.12, 0.15, 0.2, 0.3, 0.5],
    series: "seen",
    origin: "mediaprobe",
    when: "Once an interval of 5 s.",
  },
  rtp_interval_loss_ratio: {
    type: "histogram",
    help: "Share of packets found missing of audio streams, interval by interval.",
    unit: "ratio",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["codec", "codec"],
    ],
    buckets: [0, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1],
    series: "seen",
    origin: "mediaprobe",
    when: "Once an interval of 5 s in which packets were expected. The first bucket holds intervals without loss.",
  },
  rtp_interval_mos_lq: {
    type: "histogram",
    help: "Mean opinion score of listening (MOS-LQE) of audio streams, interval by interval.",
    unit: "score",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["codec", "codec"],
      ["scale", "scale"],
    ],
    buckets: [1, 1.5, 2, 2.58, 3.1, 3.6, 4.03, 4.2, 4.34, 4.41, 4.5],
    accepts: { min: 1, max: 5 },
    series: "seen",
    origin: "mediaprobe",
    when: "Once an interval of 5 s with a rating.",
  },
  rtp_interval_mos_cq: {
    type: "histogram",
    help: "Mean opinion score of conversing (MOS-CQE) of audio streams, interval by interval.",
    unit: "score",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["codec", "codec"],
      ["scale", "scale"],
    ],
    buckets: [1, 1.5, 2, 2.58, 3.1, 3.6, 4.03, 4.2, 4.34, 4.41, 4.5],
    accepts: { min: 1, max: 5 },
    series: "seen",
    origin: "mediaprobe",
    when: "As `rtp_interval_mos_lq`, where a round-trip time is known.",
  },
  rtp_packets_received_total: {
    type: "counter",
    help: "RTP packets of calls that were seen, duplicates included.",
    unit: "packets",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["media", "media"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "With each stream of a call, at the end of the call. `inbound`: sent to the local side.",
  },
  rtp_packets_expected_total: {
    type: "counter",
    help: "RTP packets of calls that were due, by their sequence numbers.",
    unit: "packets",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["media", "media"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "As `rtp_packets_received_total`. What `rtp_packets_lost_total` is a share of.",
  },
  rtp_packets_lost_total: {
    type: "counter",
    help: "RTP sequence numbers of calls never seen: not the signed loss of RFC 3550, in which duplicates make up for it.",
    unit: "packets",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["media", "media"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "As `rtp_packets_received_total`. Duplicates do not make up for losses, as they do in RFC 3550.",
  },
  rtp_packets_duplicated_total: {
    type: "counter",
    help: "RTP packets of calls that had been seen before.",
    unit: "packets",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["media", "media"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "As `rtp_packets_received_total`.",
  },
  rtp_packets_reordered_total: {
    type: "counter",
    help: "RTP packets of calls that came after a later one.",
    unit: "packets",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["media", "media"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "As `rtp_packets_received_total`.",
  },
  rtp_packets_discarded_total: {
    type: "counter",
    help: "RTP packets of calls that came too late for the simulated jitter buffer.",
    unit: "packets",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["media", "media"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "As `rtp_packets_received_total`; of streams that are speech.",
  },
  rtp_payload_bytes_total: {
    type: "counter",
    help: "Bytes of media in RTP packets of calls.",
    unit: "bytes",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["media", "media"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "As `rtp_packets_received_total`.",
  },
  rtp_wire_bytes_total: {
    type: "counter",
    help: "Bytes of IP packets that carried RTP of calls, headers included.",
    unit: "bytes",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["media", "media"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "As `rtp_packets_received_total`.",
  },
} as const satisfies Catalogue;
