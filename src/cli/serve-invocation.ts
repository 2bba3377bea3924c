/**
 * What the command line asks of `serve`.
 *
 * @module
 */

import { isLoopback } from "../server/access.js";
import { localOf } from "./capture-invocation.js";
import type { DisplayWishes } from "./display.js";
import { hepTarget, type HepTarget } from "./hep-options.js";
import { type LogChoice, logChoice } from "./log-option.js";
import { displayWishes, type Given, networks, single, wholeNumber } from "./option-values.js";
import { type PrivacyChoice, privacyChoice } from "./privacy-option.js";
import { recordsFile } from "./records-option.js";
import { type StirFiles, stirFiles } from "./stir-invocation.js";
import { UsageError } from "./usage-error.js";

/** Agents listened for, until the user has enough. */
export interface ServeInvocation extends DisplayWishes {
  readonly kind: "serve";
  readonly hep: { readonly host?: string; readonly port: number };
  /** The password that agents must send. */
  readonly authenticationKey?: string;
  readonly hepTo?: HepTarget;
  /** Where the page, the calls and the metrics are served; absent to serve none. */
  readonly pages?: ServedPages;
  /** Where to store the calls. */
  readonly records?: string;
  /** How whom calls name is masked in all that leaves. */
  readonly privacy?: PrivacyChoice;
  readonly isJson: boolean;
  readonly showsAll: boolean;
  readonly local?: readonly string[];
  readonly stir?: StirFiles;
  /** Lines of a log instead of a table; absent to have none unless the environment asks for it. */
  readonly log?: LogChoice;
}

/** Where pages are served, and to whom. */
export interface ServedPages {
  readonly port: number;
  /** An address of this machine; absent for loopback. */
  readonly host?: string;
  /** Networks that may ask, beside loopback. */
  readonly allow?: readonly string[];
}

/** @throws {UsageError} If it cannot be understood. */
export function serveInvocation(words: readonly string[], given: Given): ServeInvocation {
  const [extra] = words;
  if (extra !== undefined) throw new UsageError(`serve takes no file; ${extra} is one too many`);
  const hep = single(given, "hep");
  if (hep === undefined) throw new UsageError("serve needs --hep PORT, as in serve --hep 9060");
  const local = localOf(given);
  const authenticationKey = single(given, "hep-key");
  const hepTo = hepTarget(given);
  const pages = servedPages(given);
  const records = recordsFile(given);
  const privacy = privacyChoice(given);
  const stir = stirFiles(given);
  const log = logChoice(given);
  return {
    kind: "serve",
    hep: listeningPlace(hep),
    ...(authenticationKey !== undefined && { authenticationKey }),
    ...(hepTo !== undefined && { hepTo }),
    ...(pages !== undefined && { pages }),
    ...(records !== undefined && { records }),
    ...(privacy !== undefined && { privacy }),
    isJson: given.has("json"),
    showsAll: given.has("all"),
    ...displayWishes(given),
    ...(local !== undefined && { local }),
    ...(stir !== undefined && { stir }),
    ...(log !== undefined && { log }),
  };
}

/** `--port`, `--host` and `--allow`. Whom calls name is nobody else's business unless somebody says so. */
function servedPages(given: Given): ServedPages | undefined {
  const port = single(given, "port");
  const host = single(given, "host");
  const allow = given.get("allow");
  if (port === undefined) {
    const idle = host === undefined ? "allow" : "host";
    if (host === undefined && allow === undefined) return undefined;
    throw new UsageError(`--${idle} needs --port: it is about the page and the metrics`);
  }
  const isForUs = host === undefined || isLoopback(host);
  if (isForUs && allow !== undefined) {
    throw new UsageError(
      "--allow needs --host with an address that others reach, as in --host 0.0.0.0: else only this " +
        "machine can ask",
    );
  }
  if (!isForUs && allow === undefined) {
    throw new UsageError(
      `--host ${host} can be reached by others, and calls name their callers: say whose requests are ` +
        `answered, as in --allow 10.0.0.0/8; --allow 0.0.0.0/0 --allow ::/0 leaves that to the network`,
    );
  }
  return {
    port: wholeNumber("port", port, 0, 65_535),
    ...(host !== undefined && { host }),
    ...(allow !== undefined && { allow: networks("allow", allow) }),
  };
}

/** `9060`, `127.0.0.1:9060`, `[::1]:9060`. */
function listeningPlace(written: string): ServeInvocation["hep"] {
  const [, bracketed, plain, port = ""] =
    /^(?:(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):)?(\d{1,5})$/i.exec(written) ?? [];
  const host = bracketed ?? plain;
  if (port === "" || Number(port) > 65_535) {
    throw new UsageError(
      `--hep ${written}: it must be a port, or an address and a port, as in 127.0.0.1:9060`,
    );
  }
  return { port: Number(port), ...(host !== undefined && { host }) };
}
