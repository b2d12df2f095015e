// The application under test: an agent on agent-sdk, as it is deployed. It knows nothing of tests.
import { Agent } from "@xmtp/agent-sdk";

const agent = await Agent.createFromEnv();
agent.on("text", async ({ message, conversation }) => {
  await conversation.sendText(`echo ${message.content}`);
});
agent.on("unhandledError", (error) => console.error(error));
// The SDK's own delay before it subscribes again is a minute.
await agent.start({ retryDelay: 1_000 });
