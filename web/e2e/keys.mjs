import { hasFocus } from "./asking.mjs";
import { look } from "./looks.mjs";
import { askModel } from "./traffic.mjs";

/** A key is made, shown once, used, seen to spend, and revoked. */
export async function checkKeys(session) {
  const { page, checks } = session;
  await page.getByRole("link", { name: "Spend and keys" }).click();
  await page.getByText("No keys yet.").waitFor();
  await page.getByRole("button", { name: "New key" }).click();
  const dialog = page.getByRole("dialog");
  checks.that(await dialog.getByLabel("Name").evaluate(hasFocus), "the name did not take the focus");
  await dialog.getByLabel("Name").fill("Größe 店");
  await dialog.getByLabel("Budget in USD").fill("0.02");
  await dialog.getByLabel("Budget for").selectOption("month");
  await dialog.getByText("every request to /v1 needs a key").waitFor();
  await look(session, "models-key-form");
  await dialog.getByLabel("Name").press("Enter");
  const shown = dialog.getByLabel("Key", { exact: true });
  await shown.waitFor();
  const secret = await shown.textContent();
  checks.that(/^mk-[\w-]{40,}$/.test(secret), "what is shown is no key");
  await dialog.getByRole("button", { name: "Copy the key" }).waitFor();
  await page.mouse.click(5, 5);
  checks.that(await shown.isVisible(), "a click beside it lost the key");
  await look(session, "models-key");
  await dialog.getByRole("button", { name: "Done" }).click();
  await dialog.waitFor({ state: "detached" });
  await checkGone(session, secret);
  return secret;
}

/** The secret is nowhere any more: not in the page, its storage, its address or the API. */
async function checkGone({ page, checks, api }, secret) {
  const kept = await page.evaluate(
    () => document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage }) + location.href,
  );
  checks.that(!kept.includes(secret), "the page kept the key");
  const told = JSON.stringify(await api("/api/gateway/keys", {}));
  checks.that(!told.includes(secret), "the server tells the key again");
}

/** What a key spends shows in its budget's bar and in the sums. */
export async function checkBudget(session, secret) {
  const { page, checks } = session;
  checks.same((await askModel(session, "echo")).status, 401, "a request without a key");
  checks.same((await askModel(session, "echo", secret)).status, 200, "a request with the key");
  const meter = page.getByRole("meter", { name: "Budget of Größe 店" });
  await page.waitForFunction(
    (element) => Number(element.getAttribute("aria-valuenow")) > 0,
    await meter.elementHandle(),
  );
  await page.getByRole("rowheader", { name: "Größe 店" }).waitFor();
  await page.getByRole("group", { name: "By" }).getByRole("button", { name: "model" }).click();
  await page.getByRole("rowheader", { name: "echo" }).waitFor();
  await look(session, "models-spend");
}

/** The page asks models though keys are needed now. */
export async function checkOwner({ page }) {
  await page.getByRole("link", { name: "Playground" }).click();
  await page.getByLabel("First model").last().selectOption("echo");
  await page.getByLabel("Prompt").fill("Still there?");
  await page.getByLabel("Prompt").press("Enter");
  await page.getByText("echo has answered").first().waitFor({ state: "attached" });
  await page.getByRole("link", { name: "Spend and keys" }).click();
}

export async function checkTeam({ page }) {
  await page.getByRole("button", { name: "New team" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("ops");
  await page.getByRole("button", { name: "Make the team" }).click();
  await page.getByRole("heading", { name: "Teams" }).waitFor();
  await page.getByRole("button", { name: "New key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("of a team");
  await dialog.getByLabel("Team").selectOption("ops");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByText("team ops").waitFor();
}

export async function checkRevoked(session, secret) {
  const { page, checks } = session;
  page.once("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Revoke Größe 店" }).click();
  await page.locator(".key-item .chip", { hasText: "revoked" }).waitFor();
  checks.same((await askModel(session, "echo", secret)).status, 401, "a request with a revoked key");
}

/** A server that demands its owner's key shows nothing before it has it. */
export async function checkLocked(session, key) {
  const { page, checks } = session;
  await page.getByLabel("Key").fill(key);
  await page.getByLabel("Key").press("Enter");
  await page.getByText("Nothing was asked yet.").waitFor();
  const { id } = await askModel(session, "echo", key);
  await page.locator(`a.request-link[data-request="${id}"]`).waitFor();
  checks.that(!page.url().includes(key), "the key is in the address");
}
