/**
 * Light or dark: as the system has it, unless the reader chose.
 *
 * @module
 */

import { button, setAttribute } from "./dom.js";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

const STORED = "mediaprobe-theme";
const SIGNS: Readonly<Record<Theme, string>> = { system: "◐", light: "○", dark: "●" };

/**
 * The switch between them.
 *
 * @param onChange - Is told whenever the colours are other ones.
 */
export function themeSwitch(onChange: () => void): HTMLElement {
  let theme = storedTheme();
  const element = button({ class: "theme" }, () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
    try {
      localStorage.setItem(STORED, theme);
    } catch {
      // A page without storage forgets it.
    }
    show();
    onChange();
  });
  const show = (): void => {
    setAttribute(document.documentElement, "data-theme", theme === "system" ? undefined : theme);
    element.textContent = SIGNS[theme];
    const label = `Colours: ${theme}`;
    setAttribute(element, "aria-label", label);
    setAttribute(element, "title", label);
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
  show();
  return element;
}

function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(STORED);
    return THEMES.find((theme) => theme === stored) ?? "system";
  } catch {
    return "system";
  }
}
