/**
 * baresip, an Internet telephone of another house, that answers by itself and plays a tone.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";

import { atEnd, until } from "../../attach/support/werift-pair.js";

const PROGRAM = "/usr/bin/baresip";
const MODULES = "/usr/lib/baresip/modules";

/** It takes no media over loopback. */
const ROUTE = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
  addresses.flatMap(({ family, internal, address }) =>
    family === "IPv4" && !internal ? [{ name, address }] : [],
  ),
)[0];

export const hasBaresip = existsSync(PROGRAM) && ROUTE !== undefined;

/** The address of this host that media with baresip goes over. */
export const MEDIA_ADDRESS = ROUTE?.address ?? "127.0.0.1";

const CONFIG = `
poll_method epoll
audio_source ausine,440
audio_player aubridge,nil
audio_alert aubridge,nil
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 2
auplay_channels 2
jitter_buffer_delay 5-10
rtcp_mux yes
rtp_stats yes
module_path ${MODULES}
module opus.so
module g711.so
module ausine.so
module aubridge.so
module stun.so
module ice.so
module srtp.so
module dtls_srtp.so
module rtcpsummary.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
`;

/** A telephone that runs until the test's end. */
export class Baresip {
  readonly port: number;
  #output = "";

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text: Buffer) => {
        this.#output += text.toString();
      });
    }
  }

  /** @param account What its account line says besides the address. */
  static async start(account: string): Promise<Baresip> {
    const folder = mkdtempSync(join(tmpdir(), "baresip-"));
    const port = await freePort();
    const listen = `sip_listen 127.0.0.1:${String(port)}\nnet_interface ${ROUTE?.name ?? "lo"}\n`;
    writeFileSync(join(folder, "config"), listen + CONFIG);
    writeFileSync(
      join(folder, "accounts"),
      `<sip:tone@127.0.0.1>;regint=0;answermode=auto;${account}\n`,
    );
    const child = spawn(PROGRAM, ["-f", folder], { stdio: ["pipe", "pipe", "pipe"] });
    const baresip = new Baresip(port, child);
    atEnd(async () => {
      if (child.exitCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    });
    await until(() => baresip.#output.includes("baresip is ready"));
    return baresip;
  }

  /**
   * Its own statistics, which it prints when a call is over: PR received, PS sent, and so on, as they
   * were when the last sender report came.
   */
  async statistics(): Promise<ReadonlyMap<string, string>> {
    await until(() => /EX=BareSip;[^\n]*\n/.test(this.#output));
    const line = /EX=BareSip;([^\n]*)\n/.exec(this.#output)?.[1] ?? "";
    return new Map(
      line.split(";").map((part): [string, string] => {
        const [name = "", value = ""] = part.split("=", 2);
        return [name, value];
      }),
    );
  }

  /** RTP packets of its whole audio stream, which it prints when the stream is closed. */
  async packets(): Promise<{ sent: number; received: number }> {
    const line = /packets:\s+(\d+)\s+(\d+)/;
    await until(() => line.test(this.#output));
    const [, sent, received] = line.exec(this.#output) ?? [];
    return { sent: Number(sent), received: Number(received) };
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}
