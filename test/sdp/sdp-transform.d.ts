/** The parts of sdp-transform 3 that the differential test reads. The package has no types. */
declare module "sdp-transform" {
  export interface Shared {
    connection?: { ip: string };
    direction?: string;
    iceUfrag?: string | number;
    icePwd?: string;
    fingerprint?: { type: string; hash: string };
    setup?: string;
    ptime?: number;
    maxptime?: number;
  }

  export interface Media extends Shared {
    type: string;
    port: number;
    protocol: string;
    payloads: string | number;
    rtp: { payload: number; codec: string; rate?: number; encoding?: number }[];
    fmtp: { payload: number; config: string | number }[];
    rtcp?: { port: number; address?: string };
    rtcpMux?: string;
    bundleOnly?: string;
    mid?: string | number;
    candidates?: {
      foundation: string | number;
      component: number;
      transport: string;
      priority: number;
      ip: string;
      port: number;
      type: string;
      raddr?: string;
      rport?: number;
    }[];
    crypto?: { id: number; suite: string }[];
    ssrcs?: { id: number; attribute: string; value: string }[];
    ssrcGroups?: { semantics: string; ssrcs: string }[];
  }

  export interface Session extends Shared {
    origin?: { username: string; sessionId: number; sessionVersion: number; address: string };
    name?: string;
    icelite?: string;
    groups?: { type: string; mids: string | number }[];
    media: Media[];
  }

  export function parse(sdp: string): Session;
}
