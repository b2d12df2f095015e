// The steps of the scenarios beside this file.
export * from "playwright-xmtp/artillery";
