/**
 * Families about calls in progress: what they sound like now, not what they sounded like in the end.
 *
 * @module
 */

import type { Catalogue } from "../family.js";

/** All absent unless a probe is asked for them. */
export const LIVE_QUALITY_FAMILIES = {
  rtp_live_calls: {
    type: "gauge",
    help: "Calls in progress with audio, by what their users would say of it now.",
    unit: "calls",
    labels: [
      ["transport", "transport"],
      ["verdict", "live-verdict"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "Set at each scrape. The verdicts are the categories of ITU-T G.109 for the worse direction's score: conversational quality where a round-trip time is known, else listening quality. `unrated` where no direction has a score. A call is in none of these families before its first whole interval of audio, and while none flowed for 15 s.",
  },
  rtp_live_rtt_seconds: {
    type: "gauge",
    help: "Round-trip time of calls in progress.",
    unit: "seconds",
    labels: [
      ["transport", "transport"],
      ["stat", "live-stat"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "Set at each scrape, over the newest sample of each call: of the best view there is, in the order measured, reported, stack.",
  },
  rtp_live_jitter_seconds: {
    type: "gauge",
    help: "Interarrival jitter of audio of calls in progress.",
    unit: "seconds",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["source", "heard-view"],
      ["stat", "live-stat"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "Set at each scrape, over the worst stream of each call's direction: the mean of its last whole interval, or the far end's last report. What we send is measured as it leaves; what the far end hears of it, only `reported` tells.",
  },
  rtp_live_loss_ratio: {
    type: "gauge",
    help: "Share of audio packets of calls in progress that did not come.",
    unit: "ratio",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["source", "heard-view"],
      ["stat", "live-stat"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "As `rtp_live_jitter_seconds`.",
  },
  rtp_live_mos_lq: {
    type: "gauge",
    help: "Mean opinion score of listening (MOS-LQE) of calls in progress, from 1 to 4.5.",
    unit: "score",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["scale", "scale"],
      ["stat", "live-stat"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "Set at each scrape, over the last whole interval of the worst stream of each call's direction; `worst` is the lowest.",
  },
  rtp_live_mos_cq: {
    type: "gauge",
    help: "Mean opinion score of conversing (MOS-CQE) of calls in progress, from 1 to 4.5.",
    unit: "score",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
      ["scale", "scale"],
      ["stat", "live-stat"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "As `rtp_live_mos_lq`, where a round-trip time is known.",
  },
} as const satisfies Catalogue;
