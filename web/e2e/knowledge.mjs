/**
 * Drive the view of the knowledge of a running server as a person would.
 *
 *   node e2e/knowledge.mjs http://127.0.0.1:8400
 *
 * It needs the knowledge that tests/web/test_knowledge_page.py makes: parts and suppliers as
 * tables, a review, a plan of the graph that waits for a person, two names in doubt.
 * --shots FOLDER keeps screenshots. Exit code 1 means that something is wrong; the list says what.
 */
import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { launch, watch } from "./browser.mjs";
import { Checks } from "./checks.mjs";
import { look } from "./looks.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shots: { type: "string" } },
});
const [url] = positionals;
if (url === undefined) {
  console.error("usage: node e2e/knowledge.mjs URL [--shots FOLDER]");
  process.exit(2);
}

/** The view opens from the page, and its address leads there again. */
async function checkStart(session) {
  const { page, checks } = session;
  await page.getByRole("link", { name: "Knowledge" }).click();
  await page.getByText("Every passage comes with the reasons").waitFor();
  checks.that(page.url().endsWith("/knowledge"), `the address is ${page.url()}`);
  await page.reload();
  await page.getByText(/\d+ entit/).waitFor();
  await look(session, "knowledge-start");
}

/** Words find passages, each with its reasons; a link opens the source where it stands. */
async function checkSearch(session) {
  const { page, checks } = session;
  await page.getByLabel("Search the knowledge").fill("turned leg");
  await page.keyboard.press("Enter");
  const hit = page.locator(".hit").first();
  await hit.waitFor();
  await hit.locator("summary").click();
  await hit.getByText("Origin").waitFor();
  checks.that((await hit.locator(".hit-text").innerText()).toLowerCase().includes("leg"), "the first hit names no leg");
  await look(session, "knowledge-search");
  await hit.locator("a.spot").click();
  await page.locator(".viewer").waitFor();
  await page.goBack();
  await page.locator(".hit").first().waitFor();
}

/** An entity's page has its row, its mentions and what it is linked to; Escape closes it. */
async function checkEntity(session) {
  const { page, checks } = session;
  await page.getByRole("link", { name: "Entities" }).click();
  await page.getByLabel("Find an entity").fill("carpathia");
  const item = page.locator("a.entity-item").first();
  await item.filter({ hasText: "Carpathia" }).waitFor();
  await item.click();
  const story = page.locator(".entity-story");
  await story.getByRole("heading", { name: "Carpathia Oak SRL" }).waitFor();
  await story.getByText("suppliers.csv:2").waitFor();
  checks.that((await story.locator(".entity-mention").count()) > 0, "there are no mentions");
  await look(session, "knowledge-entity");
  await page.keyboard.press("Escape");
  await story.waitFor({ state: "detached" });
  await page.getByText("No entity is called that.").waitFor({ state: "detached" });
  await page.getByLabel("Find an entity").fill("nobody at all");
  await page.getByText("No entity is called that.").waitFor();
}

/** A plan is approved in a person's name, and without a name it is not. */
async function checkSchema(session) {
  const { page, checks, watched } = session;
  await page.getByRole("link", { name: /^Schema/ }).click();
  const plan = page.locator(".proposal").first();
  await plan.getByText("waiting").waitFor();
  await look(session, "knowledge-schema");
  watched.expect(400);
  await plan.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("You decide as").fill("Ana");
  await plan.getByRole("button", { name: "Approve" }).click();
  await plan.getByText("by Ana").waitFor();
  checks.same(await plan.getByRole("button", { name: "Approve" }).count(), 0, "buttons left");
}

/** Two names are said to be one, and taken apart again. */
async function checkMerges(session) {
  const { page, checks } = session;
  await page.getByRole("link", { name: /^Merges/ }).click();
  const doubt = page.getByRole("region", { name: "In doubt" }).locator(".merge").first();
  await doubt.waitFor();
  await look(session, "knowledge-merges");
  const name = await doubt.getAttribute("aria-label");
  await doubt.getByRole("button", { name: "The same", exact: true }).click();
  const joined = page.getByRole("region", { name: "Joined" }).locator(`[aria-label="${name}"]`);
  await joined.getByText("a person decided").waitFor();
  await joined.getByRole("button", { name: "Take apart" }).click();
  await joined.waitFor({ state: "detached" });
  checks.same(await page.getByRole("alert").count(), 0, "alerts");
}

/** The graph is drawn, and the same stands in a list to go on from. */
async function checkGraph(session) {
  const { page } = session;
  await page.getByRole("link", { name: "Graph" }).click();
  await page.locator(".graph-drawing canvas").first().waitFor();
  await page.getByText("As a list").click();
  await page.locator(".graph-list a").first().focus();
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Everything" }).waitFor();
  await page.locator(".graph-drawing canvas").first().waitFor();
  await look(session, "knowledge-graph");
}

/** A fact leads back to who gave it. */
async function checkLineage(session) {
  const { page } = session;
  await page.getByRole("link", { name: "Entities" }).click();
  await page.getByLabel("Find an entity").fill("carpathia");
  await page.locator("a.entity-item").filter({ hasText: "Carpathia" }).first().click();
  await page.locator(".entity-mention").first().getByRole("link", { name: /found by/ }).click();
  await page.getByRole("heading", { name: "Where this comes from" }).waitFor();
  await page.locator(".chain-link").filter({ hasText: "source" }).first().waitFor();
  await look(session, "knowledge-lineage");
}

/** Every tab on a screen of 320 pixels. */
async function checkNarrow(session) {
  const { page } = session;
  await page.setViewportSize({ width: 320, height: 640 });
  for (const tab of ["entities", "schema"]) {
    await page.goto(new URL(`/knowledge#${tab}`, page.url()).href);
    await page.waitForTimeout(500);
    await look(session, `knowledge-narrow-${tab}`);
  }
}

const checks = new Checks();
if (values.shots !== undefined) await mkdir(values.shots, { recursive: true });
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(15_000);
  const watched = watch(page, checks);
  const session = { page, checks, watched, shots: values.shots };
  await page.goto(url);
  await checks.step("start", () => checkStart(session));
  await checks.step("search", () => checkSearch(session));
  await checks.step("an entity", () => checkEntity(session));
  await checks.step("a plan to approve", () => checkSchema(session));
  await checks.step("merges", () => checkMerges(session));
  await checks.step("the graph", () => checkGraph(session));
  await checks.step("lineage", () => checkLineage(session));
  await checks.step("320 pixels", () => checkNarrow(session));
} finally {
  await browser.close();
}
for (const failure of checks.failures) console.error(`- ${failure}`);
process.exitCode = checks.failures.length === 0 ? 0 : 1;
