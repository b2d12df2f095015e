// browser-sdk 5 under the names that the example's web app knows from version 6.
import { Conversation } from "browser-sdk-under-test";

export * from "browser-sdk-under-test";
export const IdentifierKind = { Ethereum: "Ethereum" };
Conversation.prototype.sendText = function (text) {
  return this.send(text);
};
