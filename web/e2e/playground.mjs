import { look } from "./looks.mjs";

const MARKUP = "<img src=x onerror=\"document.title='broken'\"> **bold** 你好 مرحبا";

const side = (page, name) => page.locator("section.side").and(page.getByRole("region", { name }));

async function open(page) {
  await page.getByRole("link", { name: "Playground" }).click();
  await page.getByLabel("Prompt").waitFor();
}

/** Two models answer one prompt; what they write stays text, what they took is told. */
export async function checkBoth(session) {
  const { page, checks } = session;
  await open(page);
  const [first, second] = [side(page, "First model"), side(page, "Second model")];
  await first.getByRole("combobox").selectOption("echo");
  await second.getByRole("combobox").selectOption("safe");
  await page.getByLabel("Prompt").fill(MARKUP);
  await page.getByLabel("Prompt").press("Enter");
  for (const each of [first, second]) {
    await each.getByText("has answered").waitFor({ state: "attached" });
    await each.locator("strong", { hasText: "bold" }).waitFor();
    checks.that((await each.textContent()).includes("你好 مرحبا"), "another script was lost");
    checks.same(await each.locator("img").count(), 0, "pictures made of an answer's text");
    for (const fact of ["First token", "In all", "Tokens", "Cost"]) {
      await each.getByText(fact, { exact: true }).waitFor();
    }
  }
  checks.same(await page.title(), "Motet", "the title");
  await second.getByText("echo, not safe").waitFor();
  await look(session, "models-playground");
}

/** Both are written at once, and each can be stopped by itself. */
export async function checkStop(session) {
  const { page, checks, watched } = session;
  await open(page);
  const [first, second] = [side(page, "First model"), side(page, "Second model")];
  await first.getByRole("combobox").selectOption("stalling");
  await second.getByRole("combobox").selectOption("echo");
  await page.getByLabel("Prompt").fill("One two three four five six");
  await page.getByRole("button", { name: "Ask both" }).click();
  await first.locator(".answer-text").waitFor();
  await second.getByText("has answered").waitFor({ state: "attached" });
  checks.same(await first.getAttribute("aria-busy"), "true", "the first goes on while the second is done");
  watched.expect(404); // On a busy machine its price is asked for before it is booked.
  await first.getByRole("button", { name: "Stop the first model" }).click();
  await first.getByText("was stopped").waitFor({ state: "attached" });
  checks.same(await first.getAttribute("aria-busy"), "false", "a side that was stopped");
  await page.getByRole("link", { name: "Traffic" }).click();
  await page.locator(".chip-aborted").first().waitFor();
}

/** What was answered stays while another tab shows, and leads to its story. */
export async function checkKept(session) {
  const { page, checks } = session;
  await open(page);
  const second = side(page, "Second model");
  checks.that((await second.textContent()).includes("five"), "the answer is gone");
  await second.getByRole("link", { name: /^req_/ }).click();
  await page.getByRole("heading", { name: "Attempts" }).waitFor();
  await page.keyboard.press("Escape");
}

/** A model that fails says why on its side; the other answers. */
export async function checkFailure(session) {
  const { page, watched } = session;
  await open(page);
  const [first, second] = [side(page, "First model"), side(page, "Second model")];
  await first.getByRole("combobox").selectOption("failing");
  watched.expect(502);
  await page.getByLabel("Prompt").fill("Hello");
  await page.getByLabel("Prompt").press("Enter");
  await first.getByRole("alert").waitFor();
  await second.getByText("has answered").waitFor({ state: "attached" });
}
