/**
 * Drive the view of the models of a running gateway as a person would.
 *
 *   node e2e/models.mjs http://127.0.0.1:8400
 *
 * It needs models named echo, failing and stalling, as the simulator in tests/servers has them,
 * and safe, which falls back to echo; no key may exist yet. With --key it checks a server that
 * demands its owner's, with --beside one that has a system too. --shots FOLDER keeps
 * screenshots. Exit code 1 means that something is wrong; the list says what.
 */
import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { launch, watch } from "./browser.mjs";
import { Checks } from "./checks.mjs";
import { refuse } from "./key.mjs";
import * as keys from "./keys.mjs";
import { look } from "./looks.mjs";
import * as playground from "./playground.mjs";
import * as traffic from "./traffic.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { key: { type: "string" }, beside: { type: "boolean" }, shots: { type: "string" } },
});
const [url] = positionals;
if (url === undefined) {
  console.error("usage: node e2e/models.mjs URL [--key KEY] [--beside] [--shots FOLDER]");
  process.exit(2);
}

async function runOpen(session) {
  const { checks } = session;
  await checks.step("start", () => traffic.checkStart(session));
  await checks.step("live traffic", () => traffic.checkLive(session));
  await checks.step("a story by keyboard", () => traffic.checkStory(session));
  await checks.step("a choice", () => traffic.checkChoice(session));
  await checks.step("guards and what was lost", () => traffic.checkGuards(session));
  await checks.step("an unknown request", () => traffic.checkUnknown(session));
  await checks.step("health", () => traffic.checkHealth(session));
  await checks.step("two answers side by side", () => playground.checkBoth(session));
  await checks.step("stop one of two", () => playground.checkStop(session));
  await checks.step("what was answered stays", () => playground.checkKept(session));
  await checks.step("one of two fails", () => playground.checkFailure(session));
  let secret = "";
  await checks.step("a key shown once", async () => {
    secret = await keys.checkKeys(session);
  });
  await checks.step("its budget", () => keys.checkBudget(session, secret));
  await checks.step("the page needs no virtual key", () => keys.checkOwner(session));
  await checks.step("a team", () => keys.checkTeam(session));
  await checks.step("revoke", () => keys.checkRevoked(session, secret));
  await checks.step("320 pixels", () => checkNarrow(session));
}

/** Every tab on a screen of 320 pixels. */
async function checkNarrow(session) {
  const { page } = session;
  await page.setViewportSize({ width: 320, height: 640 });
  for (const [name, tab] of [["Spend and keys", "spend"], ["Playground", "playground"], ["Health", "health"], ["Traffic", "traffic"]]) {
    await page.getByRole("link", { name }).click();
    await page.waitForTimeout(300);
    await look(session, `models-narrow-${tab}`);
  }
  await page.locator("a.request-link").first().click();
  await page.getByRole("heading", { name: "Attempts" }).waitFor();
  await look(session, "models-narrow-story");
}

/** A server with a system too: the views change without loading the page anew. */
async function checkBeside({ page, checks }) {
  await page.getByLabel("Your question").fill("half a question");
  await page.evaluate(() => (window.sameDocument = true));
  await page.getByRole("link", { name: "Models" }).click();
  await page.getByRole("heading", { name: "Traffic" }).waitFor();
  checks.that(page.url().endsWith("/models"), `the address is ${page.url()}`);
  await page.getByRole("link", { name: "Runs" }).click();
  await page.getByRole("heading", { name: "Runs" }).waitFor();
  checks.that(page.url().endsWith("/#runs"), `the address is ${page.url()}`);
  await page.goBack();
  await page.getByRole("heading", { name: "Traffic" }).waitFor();
  await page.getByRole("link", { name: "Ask", exact: true }).click();
  checks.same(await page.getByLabel("Your question").inputValue(), "half a question", "what was typed");
  checks.that(await page.evaluate(() => window.sameDocument === true), "the page was loaded anew");
}

/** A getter for the server's JSON, beside the page. */
async function api(path, query) {
  const response = await fetch(new URL(`${path}?${new URLSearchParams(query)}`, url));
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

const checks = new Checks();
if (values.shots !== undefined) await mkdir(values.shots, { recursive: true });
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(15_000);
  const watched = watch(page, checks);
  const session = { page, checks, watched, shots: values.shots, url, api };
  if (values.key !== undefined) refuse(watched);
  await page.goto(url);
  if (values.beside) await checks.step("beside a system", () => checkBeside(session));
  else if (values.key !== undefined) await checks.step("key", () => keys.checkLocked(session, values.key));
  else await runOpen(session);
} finally {
  await browser.close();
}
for (const failure of checks.failures) console.error(`- ${failure}`);
process.exitCode = checks.failures.length === 0 ? 0 : 1;
