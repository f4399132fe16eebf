import { hasFocus } from "./asking.mjs";
import { look } from "./looks.mjs";

/** Ask a model of the server as an application does, beside the page. */
export async function askModel({ url }, model, key, text = "Hello there") {
  const headers = { "content-type": "application/json" };
  if (key !== undefined) headers.authorization = `Bearer ${key}`;
  const body = JSON.stringify({ model, messages: [{ role: "user", content: text }] });
  const response = await fetch(new URL("/v1/chat/completions", url), { method: "POST", headers, body });
  return { status: response.status, id: response.headers.get("x-motet-request") };
}

const link = (page, id) => page.locator(`a.request-link[data-request="${id}"]`);

/** A server of models only opens on its traffic, with nothing to see yet. */
export async function checkStart(session) {
  const { page, checks } = session;
  await page.getByText("Nothing was asked yet.").waitFor();
  const views = page.getByRole("navigation", { name: "Views" });
  checks.same(await views.getByRole("link").allTextContents().then(String), "Models", "the views");
  await look(session, "models-empty");
}

/** Requests appear while one looks on; filters, the pause and the bars follow. */
export async function checkLive(session) {
  const { page, checks } = session;
  const done = await askModel(session, "echo");
  checks.same(done.status, 200, "an answer's status");
  await link(page, done.id).waitFor();
  const failed = await askModel(session, "failing");
  await link(page, failed.id ?? "").or(page.locator(".chip-failed")).first().waitFor();
  await page.getByLabel("Status").selectOption("failed");
  await link(page, done.id).waitFor({ state: "detached" });
  checks.same(await page.locator("a.request-link").count(), 1, "failed requests");
  await page.getByLabel("Status").selectOption("");
  await page.getByLabel("Model", { exact: true }).selectOption("echo");
  await page.locator(".chip-failed").waitFor({ state: "detached" });
  await page.getByLabel("Model", { exact: true }).selectOption("");
  await page.getByRole("img", { name: "2 requests, 1 error in the last 10 minutes" }).waitFor();

  await page.getByRole("button", { name: "Pause" }).click();
  const unseen = await askModel(session, "echo");
  await page.waitForTimeout(1500);
  checks.same(await link(page, unseen.id).count(), 0, "requests that came during the pause");
  await page.getByRole("button", { name: "Go on" }).click();
  await link(page, unseen.id).waitFor();
}

/** One request's story by keyboard: arrows, Enter, Escape; and what it tells of a fallback. */
export async function checkStory(session) {
  const { page, checks } = session;
  const { id } = await askModel(session, "safe");
  const opener = link(page, id);
  await opener.waitFor();
  await page.locator("a.request-link").nth(1).focus();
  await page.keyboard.press("ArrowUp");
  checks.that(await opener.evaluate(hasFocus), "the arrow did not go to the newest request");
  await look(session, "models-traffic");
  await page.keyboard.press("Enter");
  const story = page.getByRole("article", { name: "Request" });
  const heading = story.getByRole("heading", { level: 2 });
  await story.getByRole("heading", { name: "Attempts" }).waitFor();
  await page.waitForTimeout(100);
  checks.that(await heading.evaluate(hasFocus), "the story did not take the focus");
  checks.that(page.url().endsWith(`/models#request=${id}`), `the address is ${page.url()}`);
  const attempts = await story.locator(".row").count();
  checks.that(attempts > 1, `${attempts} attempts of a request that fell back`);
  await story.locator(".row summary").first().click();
  await story.getByText("the provider answered 500").first().waitFor();
  await story.getByText("What was tried before").waitFor();
  await look(session, "models-story");
  await page.reload();
  await story.getByRole("heading", { name: "Attempts" }).waitFor();
  await page.keyboard.press("Escape");
  await story.waitFor({ state: "detached" });
  await page.waitForTimeout(100);
  checks.that(await opener.evaluate(hasFocus), "the focus did not return to the request");
}

/** What the router weighed is told. */
export async function checkChoice(session) {
  const { page, checks } = session;
  const { id } = await askModel(session, "auto:cheap");
  await link(page, id).click();
  const story = page.getByRole("article", { name: "Request" });
  await story.getByText("for the goal “cheap”").waitFor();
  checks.that((await story.locator(".ranked li").count()) > 1, "the ranking is not told");
  await story.getByRole("button", { name: "Close the story" }).click();
  await story.waitFor({ state: "detached" });
}

/** What guards found, and what could not be carried to another dialect, is told. */
export async function checkGuards(session) {
  const { page } = session;
  const { id } = await askModel(session, "echo", undefined, "Write to ada@example.org, please");
  await link(page, id).click();
  const guards = page.locator(".told", { has: page.getByRole("heading", { name: "Guards" }) });
  await guards.getByText("email 1").first().waitFor();
  const body = { model: "echo", max_tokens: 64, top_k: 7, messages: [{ role: "user", content: "Hello" }] };
  const headers = { "content-type": "application/json" };
  const answer = await fetch(new URL("/v1/messages", session.url), { method: "POST", headers, body: JSON.stringify(body) });
  await link(page, answer.headers.get("x-motet-request")).click();
  const lost = page.locator(".told", { has: page.getByRole("heading", { name: "Lost in translation" }) });
  await lost.getByText("top_k").waitFor();
  await page.keyboard.press("Escape");
}

/** Each model has a card with its price and its state. */
export async function checkHealth(session) {
  const { page, checks } = session;
  await page.getByRole("link", { name: "Health" }).click();
  const card = page.locator(".model-card", { has: page.getByRole("heading", { name: "echo", exact: true }) });
  await card.getByText("well").waitFor();
  await card.getByText("$1.00 in, $2.00 out per million tokens").waitFor();
  checks.same(await page.locator(".model-card .chip-done").count() > 0, true, "a model is well");
  await look(session, "models-health");
}

/** A request that nobody knows says so. */
export async function checkUnknown({ page, watched }) {
  watched.expect(404);
  await page.goto(new URL("/models#request=req_none", page.url()).href);
  await page.getByText("no such request").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("a.request-link").first().waitFor();
}
