/**
 * Reads session descriptions as they come off the wire (RFC 8866). Order, line ends, case and
 * missing lines are forgiven and told; what cannot be read is left out.
 *
 * @module
 */

import { parseGroup, parseOrigin } from "./attributes.js";
import type { Group, NotSdpReason, Origin, SdpDamage, SessionDescription } from "./description.js";
import { kept, visitLines, type SdpLine } from "./lines.js";
import { MediaSectionBuilder } from "./media-section.js";
import { SharedAttributesBuilder } from "./shared-attributes.js";

/** Media sections of one description that are read. */
export const MAX_MEDIA = 256;

/** Groups of media sections that are read. */
export const MAX_GROUPS = 64;

/**
 * Reads one session description.
 *
 * Never throws, and takes time linear in the length of the text.
 *
 * @returns The description, or why it is none.
 */
export function parseSdp(text: string): SessionDescription | NotSdpReason {
  const builder = new SessionBuilder();
  const isWhole = visitLines(
    text,
    (line) => {
      builder.addLine(line);
    },
    () => {
      builder.flag("malformed-line");
    },
  );
  if (!isWhole) builder.flag("line-limit");
  if (!builder.hasSdpLine) return text.trim() === "" ? "empty" : "no-sdp-line";
  return builder.build();
}

class SessionBuilder {
  readonly #damage = new Set<SdpDamage>();
  readonly #shared = new SharedAttributesBuilder((damage) => {
    this.flag(damage);
  });
  readonly #sections: MediaSectionBuilder[] = [];
  readonly #groups: Group<string>[] = [];
  /** Where attributes go: the last section, or nowhere once there are too many. */
  #section: MediaSectionBuilder | "session" | "ignored" = "session";
  #origin: Origin | undefined;
  #name: string | undefined;
  #hasVersion = false;
  #isIceLite = false;
  #isOver = false;
  hasSdpLine = false;

  flag(damage: SdpDamage): void {
    this.#damage.add(damage);
  }

  addLine({ type, value }: SdpLine): void {
    if (this.#isOver) return;
    switch (type) {
      case "v":
        this.#addVersion();
        return;
      case "o":
        this.#addOrigin(value);
        return;
      case "s":
        this.#name ??= kept(value);
        return;
      case "c":
        this.hasSdpLine = true;
        if (this.#section === "session") this.#shared.addConnection(value);
        else if (this.#section !== "ignored") this.#section.addConnection(value);
        return;
      case "m":
        this.#addSection(value);
        return;
      case "a":
        this.#addAttribute(value);
        return;
    }
  }

  build(): SessionDescription {
    if (!this.#hasVersion) this.flag("missing-version");
    const shared = this.#shared.build();
    return {
      ...shared,
      ...(this.#origin === undefined ? {} : { origin: this.#origin }),
      ...(this.#name === undefined ? {} : { name: this.#name }),
      isIceLite: this.#isIceLite,
      groups: this.#groups,
      media: this.#sections.map((section) => section.build(shared)),
      damage: this.#damage,
    };
  }

  #addVersion(): void {
    this.hasSdpLine = true;
    if (this.#hasVersion && this.#sections.length > 0) {
      this.#isOver = true;
      this.flag("second-session");
    }
    this.#hasVersion = true;
  }

  #addOrigin(value: string): void {
    this.hasSdpLine = true;
    const origin = parseOrigin(value);
    if (origin === undefined) this.flag("bad-address-line");
    else this.#origin ??= origin;
  }

  #addSection(value: string): void {
    this.hasSdpLine = true;
    if (this.#sections.length === MAX_MEDIA) {
      this.flag("media-limit");
      this.#section = "ignored";
      return;
    }
    this.#section = new MediaSectionBuilder(value, (damage) => {
      this.flag(damage);
    });
    this.#sections.push(this.#section);
  }

  #addAttribute(attribute: string): void {
    const colon = attribute.indexOf(":");
    const name = (colon < 0 ? attribute : attribute.slice(0, colon)).trim().toLowerCase();
    const value = colon < 0 ? "" : attribute.slice(colon + 1).trim();
    // Grouping is of the session wherever it stands.
    if (name === "group") this.#addGroup(value);
    else if (this.#section === "session") this.#addSessionAttribute(name, value);
    else if (this.#section !== "ignored") this.#section.addAttribute(name, value);
  }

  #addSessionAttribute(name: string, value: string): void {
    if (name === "ice-lite") this.#isIceLite = true;
    else this.#shared.addAttribute(name, value);
  }

  #addGroup(value: string): void {
    const group = parseGroup(value);
    if (group === undefined) this.flag("bad-attribute");
    else if (this.#groups.length === MAX_GROUPS) this.flag("attribute-limit");
    else this.#groups.push(group);
  }
}
