/**
 * Reads session descriptions as they come off the wire (RFC 8866). Order, line ends, case and
 * missing lines are forgiven and told; what cannot be read is left out.
 *
 * @module
 */

import { parseGroup, parseOrigin } from "./attributes.js";
import type {
  Group,
  MediaDescription,
  NotSdpReason,
  Origin,
  SdpDamage,
  SessionDescription,
  SharedAttributes,
} from "./description.js";
import { kept, type SdpLine, visitLines, withLineFeeds } from "./lines.js";
import { MediaSectionBuilder } from "./media-section.js";
import {
  MAX_REMEMBERED_LENGTH,
  type PlacedSection,
  rememberedSection,
  rememberSection,
} from "./section-memory.js";
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
  const lines = withLineFeeds(text);
  if (lines.length > MAX_REMEMBERED_LENGTH) builder.addLines(lines);
  else builder.addParts(lines);
  if (!builder.hasSdpLine) return text.trim() === "" ? "empty" : "no-sdp-line";
  return builder.build();
}

/** One for all: most descriptions have none, and many are kept. */
const NO_DAMAGE: ReadonlySet<SdpDamage> = new Set();

class SessionBuilder {
  readonly #damage = new Set<SdpDamage>();
  readonly #shared = new SharedAttributesBuilder((damage) => {
    this.flag(damage);
  });
  readonly #sections: PlacedSection[] = [];
  readonly #groups: Group<string>[] = [];
  /** Where attributes go: the last section, or nowhere once there are too many. */
  #section: MediaSectionBuilder | "session" | "ignored" = "session";
  #origin: Origin | undefined;
  #name: string | undefined;
  #hasVersion = false;
  #isIceLite = false;
  #isOver = false;
  /** Texts of sections that may be worth remembering. */
  readonly #texts = new Map<MediaSectionBuilder, string>();
  /** Whether the text at hand says nothing but what belongs to its media section. */
  #isSectionAlone = false;
  hasSdpLine = false;

  flag(damage: SdpDamage): void {
    this.#damage.add(damage);
    this.#isSectionAlone = false;
  }

  addLines(text: string): void {
    const isWhole = visitLines(
      text,
      (line) => {
        this.#addLine(line);
      },
      () => {
        this.flag("malformed-line");
      },
    );
    if (!isWhole) this.flag("line-limit");
  }

  /** As {@link SessionBuilder.addLines}, but takes media sections that were read before as they are. */
  addParts(text: string): void {
    let start = 0;
    while (start < text.length) {
      const next = text.indexOf("\nm=", start) + 1;
      const end = next === 0 ? text.length : next;
      this.#addPart(text.slice(start, end));
      start = end;
    }
  }

  #addPart(text: string): void {
    const known = this.#isOver ? undefined : rememberedSection(text);
    if (known !== undefined && this.#sections.length < MAX_MEDIA) {
      this.hasSdpLine = true;
      this.#section = "ignored";
      this.#sections.push(known);
      return;
    }
    const before = this.#sections.length;
    const isAlone = this.#isSectionAloneIn(() => {
      this.addLines(text);
    });
    const { section } = this.#sections[before] ?? {};
    const isOne = section !== undefined && this.#sections.length === before + 1;
    if (isOne && isAlone) this.#texts.set(section, text);
  }

  #isSectionAloneIn(read: () => void): boolean {
    this.#isSectionAlone = true;
    read();
    return this.#isSectionAlone;
  }

  #addLine({ type, value }: SdpLine): void {
    if (this.#isOver) return;
    if (type === "v" || type === "o" || type === "s") this.#isSectionAlone = false;
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
    const media = this.#sections.map((placed) => this.#media(placed, shared));
    const session = shared as {
      -readonly [Name in keyof SessionDescription]: SessionDescription[Name];
    };
    session.isIceLite = this.#isIceLite;
    session.groups = this.#groups;
    session.media = media;
    session.damage = this.#damage.size === 0 ? NO_DAMAGE : this.#damage;
    if (this.#origin !== undefined) session.origin = this.#origin;
    if (this.#name !== undefined) session.name = this.#name;
    return session;
  }

  #media({ section, port }: PlacedSection, shared: SharedAttributes): MediaDescription {
    const text = this.#texts.get(section);
    if (text === undefined) return section.build(shared, port);
    // What is wrong with a section would not be told of it again.
    const isSound = this.#isSectionAloneIn(() => section.build(shared, port));
    if (isSound) rememberSection(text, section);
    return section.build(shared, port);
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
    const section = new MediaSectionBuilder(value, (damage) => {
      this.flag(damage);
    });
    this.#section = section;
    this.#sections.push({ section, port: section.port });
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
    this.#isSectionAlone = false;
    const group = parseGroup(value);
    if (group === undefined) this.flag("bad-attribute");
    else if (this.#groups.length === MAX_GROUPS) this.flag("attribute-limit");
    else this.#groups.push(group);
  }
}
