/**
 * What a piece of text is to say by its colour. Which colour that is, or none, the command decides.
 *
 * @module
 */

/** From `good` to `alarm` the tones say how bad a figure is. */
export type Tone = "strong" | "faint" | "good" | "fair" | "poor" | "bad" | "alarm";

/** Text, and what its colour is to say; nothing in particular if there is no tone. */
export interface TonedText {
  readonly text: string;
  readonly tone?: Tone | undefined;
}

/** Gives the text its tone; must not change how wide it is. */
export type Paint = (tone: Tone, text: string) => string;

/** Text as it is. */
export const plain: Paint = (_tone, text) => text;
