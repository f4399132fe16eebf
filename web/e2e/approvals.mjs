import { hasFocus } from "./asking.mjs";
import { look } from "./looks.mjs";
import { openRuns } from "./runs.mjs";

/** Ask what makes the run wait for a person; return its turn and its card. */
async function askPaused({ page, watched }, question) {
  watched.expect(422);
  const before = await page.locator(".turn").count();
  await page.getByLabel("Your question").fill(question);
  await page.getByLabel("Your question").press("Enter");
  const turn = page.locator(".turn").nth(before);
  const card = turn.locator(".approval");
  await card.waitFor();
  return { turn, card };
}

const value = (card) => card.getByLabel("Value (JSON)");

/** A value that is no JSON is refused; a changed one is what the tool gets. */
export async function checkEdit(session, question) {
  const { page, checks } = session;
  const { turn, card } = await askPaused(session, question);
  checks.that((await card.textContent()).includes("Call pay?"), "the card does not say what is asked");
  checks.same(JSON.parse(await value(card).inputValue()).amount, 7, "the value");
  await page.locator(".views .badge").waitFor();
  await look(session, "approval");
  await value(card).fill("{amount: 3}");
  await card.getByRole("button", { name: "Approve with changes" }).click();
  await card.getByRole("alert").waitFor();
  await value(card).fill('{"amount": 3}');
  await value(card).press("Tab");
  const approve = card.getByRole("button", { name: "Approve with changes" });
  checks.that(await approve.evaluate(hasFocus), "Tab does not lead from the value to its button");
  await page.keyboard.press("Enter");
  await turn.and(page.locator(".turn-done")).waitFor();
  const text = await turn.locator(".answer-text").textContent();
  checks.that(text.includes("paid 3"), `the answer: ${text}`);
  checks.same(await turn.locator(".approval").count(), 0, "cards after the answer");
}

/** The model sees why a person refused. */
export async function checkRefusal(session, question) {
  const { page, checks } = session;
  const { turn, card } = await askPaused(session, question);
  await card.getByRole("button", { name: "Refuse…" }).press("Enter");
  const reason = card.getByLabel(/^Why not/);
  checks.that(await reason.evaluate(hasFocus), "the reason did not take the focus");
  await reason.fill("too dear <b>today</b>");
  await look(session, "refusing");
  await reason.press("Enter");
  await turn.and(page.locator(".turn-done")).waitFor();
  const text = await turn.locator(".answer-text").textContent();
  checks.that(text.includes("too dear <b>today</b>"), `the answer: ${text}`);
}

/** A run waits on when the page goes; the banner leads to it, and its answer comes to the turn. */
export async function checkLater(session, question) {
  const { page, checks } = session;
  await askPaused(session, question);
  await page.reload();
  const turn = page.locator(".turn").last();
  await turn.locator(".approval").waitFor();
  await page.getByRole("button", { name: "Clear the conversation" }).click();
  const banner = page.locator(".waiting-banner");
  await banner.waitFor();
  await look(session, "waiting-banner");
  await banner.click();
  await page.locator("a.run-item").first().waitFor();
  await page.getByRole("button", { name: "Waiting" }).click();
  await page.locator("a.run-item", { hasText: question }).first().click();
  const story = page.locator(".run-story");
  await story.locator(".approval").waitFor();
  await look(session, "story-approval");
  await story.getByRole("button", { name: "Approve" }).press("Enter");
  await story.locator(".chip-done").first().waitFor();
  const text = await story.locator(".answer-text").textContent();
  checks.that(text.includes("paid 7"), `the answer: ${text}`);
  await look(session, "story-done");
  await page.getByRole("link", { name: "Ask", exact: true }).click();
}

/** A run that is cancelled says so where it was asked. */
export async function checkCancel(session, question) {
  const { page, checks } = session;
  const { turn } = await askPaused(session, question);
  await openRuns(page);
  await page.locator("a.run-item").first().click();
  page.once("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Cancel the run" }).click();
  await page.locator(".run-story .chip-cancelled").first().waitFor();
  await look(session, "story-cancelled");
  await page.getByRole("link", { name: "Ask", exact: true }).click();
  await turn.and(page.locator(".turn-failed")).waitFor();
  checks.that((await turn.textContent()).includes("cancelled"), "the turn does not say why");
}

/** A plan written in Python is shown and answered; it goes on where its operators are. */
export async function checkPlan(session) {
  const { page, checks } = session;
  await openRuns(page);
  await page.locator("a.run-item", { hasText: "Plan “order”" }).click();
  const story = page.locator(".run-story");
  const card = story.locator(".approval");
  await card.waitFor();
  checks.that((await value(card).inputValue()).includes('"Acme"'), "the value is not shown");
  await look(session, "story-plan");
  await card.getByRole("button", { name: "Approve" }).click();
  await card.getByText("motet runs resume").waitFor();
  await look(session, "story-plan-answered");
  await page.getByRole("link", { name: "Ask", exact: true }).click();
}

/** All of it on a screen of 360 pixels. */
export async function checkNarrow(session, question) {
  const { page, checks } = session;
  await page.setViewportSize({ width: 360, height: 720 });
  const { card } = await askPaused(session, question);
  await look(session, "narrow-approval");
  checks.that(await card.getByRole("button", { name: "Approve" }).isVisible(), "no button to approve");
  await openRuns(page);
  await look(session, "narrow-runs");
  await page.locator("a.run-item").first().click();
  await page.locator(".run-story .approval").waitFor();
  checks.that(!(await page.locator("a.run-item").first().isVisible()), "the list shows beside the story");
  await look(session, "narrow-story");
  await page.getByRole("link", { name: "All runs" }).click();
  await page.locator("a.run-item").first().waitFor();
}
