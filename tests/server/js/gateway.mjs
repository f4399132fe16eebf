// Asks models of a gateway through OpenAI's SDK and prints what it got, by model.
import OpenAI from "openai";

const [baseURL, ...models] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 });
const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const said = (content) => [{ role: "user", content }];

const ask = async (model) => {
  const whole = await client.chat.completions.create({ model, messages: said("Hello there") });
  const stream = client.chat.completions.stream({ model, messages: said("Hello there") });
  const streamed = await stream.finalContent();
  const tools = [
    {
      type: "function",
      function: { name: "find", parameters, parse: JSON.parse, function: ({ city }) => `${city}!` },
    },
  ];
  const runner = client.chat.completions.runTools({
    model,
    messages: said("Please call the tool."),
    tools,
  });
  const told = await runner.finalContent();
  const once = await client.responses.create({ model, input: "Hello there" });
  const events = client.responses.stream({ model, input: "Hello there" });
  const last = await events.finalResponse();
  let refused = null;
  try {
    await client.responses.create({ model: "nobody", input: "Hello there" });
  } catch (error) {
    refused = { kind: error.constructor.name, status: error.status, code: error.code };
  }
  return {
    whole: whole.choices[0].message.content,
    streamed,
    told,
    response: once.output_text,
    "streamed response": last.output_text,
    refused,
  };
};

const found = {};
for (const model of models) found[model] = await ask(model);
console.log(JSON.stringify(found));
