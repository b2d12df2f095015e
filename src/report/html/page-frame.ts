import { element } from "./markup.js";
import type { Markup } from "./markup.js";
import { style } from "./style.js";

/** A whole page with its headline: one file, no script, nothing from the network. */
export function pageOf(
  title: string,
  tone: "good" | "bad",
  status: string,
  setting: string,
  content: readonly Markup[],
): string {
  const body = element("main", {}, [
    element("header", {}, [
      element("h1", {}, title),
      element("span", { class: `status tone-${tone}` }, status),
      element("span", { class: "soft" }, setting),
    ]),
    ...content,
  ]);
  const csp = "default-src 'none'; style-src 'unsafe-inline'";
  const head = element("head", {}, [
    element("meta", { charset: "utf-8" }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    element("meta", { "http-equiv": "Content-Security-Policy", content: csp }),
    element("title", {}, `${title}: ${status}`),
    // Not escaped: a constant of ours, and a style sheet's text is raw.
    { html: `<style>${style}</style>` },
  ]);
  return `<!doctype html>\n${element("html", { lang: "en" }, [head, element("body", {}, body)]).html}\n`;
}
