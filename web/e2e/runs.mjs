import { hasFocus } from "./asking.mjs";
import { look } from "./looks.mjs";

/** The runs by keyboard: the list, a run's story, its nodes, its waterfall, and back. */
export async function checkRuns(session) {
  const { page, checks } = session;
  const turns = await page.locator(".turn").count();
  await openRuns(page);
  await look(session, "runs");
  const item = page.locator("a.run-item").first();
  await item.focus();
  await page.keyboard.press("Enter");
  const heading = page.locator(".run-story h2");
  await heading.waitFor();
  await page.waitForTimeout(100);
  checks.that(await heading.evaluate(hasFocus), "the story did not take the focus");
  checks.same(await page.locator(".run-story .chip").first().textContent(), "done", "the run's state");
  const row = page.locator(".row summary").first();
  await row.focus();
  await page.keyboard.press("Enter");
  await page.locator(".row-details").first().waitFor();
  await checkBars(session);
  await look(session, "run-story");
  await checkWaterfall(session);
  await heading.focus();
  await page.keyboard.press("Escape");
  await heading.waitFor({ state: "detached" });
  await page.waitForTimeout(100);
  checks.that(await item.evaluate(hasFocus), "the focus did not return to the run's item");
  await page.getByRole("link", { name: "Ask", exact: true }).click();
  await page.getByLabel("Your question").waitFor();
  checks.same(await page.locator(".turn").count(), turns, "turns after looking at runs");
}

/** A server that serves no models by name offers no view of them, and says so at its address. */
export async function checkNoModels({ page, checks }) {
  checks.same(await page.getByRole("link", { name: "Models" }).count(), 0, "links to models");
  await page.goto(new URL("/models", page.url()).href);
  await page.getByRole("heading", { name: "No models are served here" }).waitFor();
  await page.getByRole("link", { name: "Ask", exact: true }).click();
  await page.getByLabel("Your question").waitFor();
}

/** A server that demands a key gives the waterfall as a file. */
export async function checkDownload({ page, checks }) {
  await openRuns(page);
  await page.locator("a.run-item").first().click();
  const button = page.getByRole("button", { name: "Waterfall" });
  const download = page.waitForEvent("download");
  await button.click();
  checks.that((await download).suggestedFilename().endsWith(".html"), "the file is no page");
}

export async function openRuns(page) {
  await page.getByRole("link", { name: /^Runs/ }).click();
  await page.locator("a.run-item").first().waitFor();
}

/** Every bar lies within its track. */
async function checkBars({ page, checks }) {
  const past = await page.locator(".track .bar").evaluateAll((bars) =>
    bars.map((bar) => {
      const [box, track] = [bar.getBoundingClientRect(), bar.parentElement.getBoundingClientRect()];
      return Math.max(track.left - box.left, box.right - track.right - 3);
    }),
  );
  checks.that(past.length > 0, "there are no bars");
  checks.that(Math.max(...past) <= 1, `a bar leaves its track by ${Math.max(...past)} pixels`);
}

/** The waterfall opens beside the page, and its own policy lets it work. */
async function checkWaterfall({ page, checks }) {
  const opened = page.context().waitForEvent("page");
  await page.getByRole("link", { name: "Waterfall" }).click();
  const waterfall = await opened;
  const errors = [];
  waterfall.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await waterfall.waitForLoadState();
  await waterfall.locator("main li").first().waitFor();
  const visible = await waterfall.locator("[data-scripted]").first().isVisible();
  checks.that(visible, "the waterfall's script did not run");
  checks.same(errors.join("; "), "", "errors on the waterfall");
  await waterfall.close();
}
