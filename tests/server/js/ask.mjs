// Asks a Motet server through OpenAI's SDK and prints what it got as one JSON object.
import OpenAI from "openai";

const [baseURL, model, content] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 });
const asked = { model, messages: [{ role: "user", content }] };

const names = [];
for await (const each of client.models.list()) names.push(each.id);

const { data: whole, response } = await client.chat.completions.create(asked).withResponse();

const deltas = [];
const stream = await client.chat.completions.create({
  ...asked,
  stream: true,
  stream_options: { include_usage: true },
});
for await (const chunk of stream) deltas.push(chunk);

const runner = client.chat.completions.stream(asked);
const collected = await runner.finalChatCompletion();

const texts = ["The hinge is made of brass.", "We close early on Fridays."];
const embedding = "all-MiniLM-L6-v2";
const embed = (more) => client.embeddings.create({ model: embedding, input: texts, ...more });
const packed = await embed({});
const plain = await embed({ encoding_format: "float" });

const refused = async (call) => {
  try {
    await call();
  } catch (error) {
    return { kind: error.constructor.name, status: error.status, code: error.code };
  }
  return null;
};

console.log(
  JSON.stringify({
    names,
    whole,
    run: response.headers.get("x-motet-run"),
    deltas,
    collected: collected.choices[0].message.content,
    packed: packed.data.map((each) => each.embedding),
    plain: plain.data.map((each) => each.embedding),
    unknown: await refused(() => client.chat.completions.create({ ...asked, model: "nothing" })),
    empty: await refused(() => client.chat.completions.create({ model, messages: [] })),
  }),
);
