import { ask, closeByKeyboard, hasFocus, openByKeyboard } from "./asking.mjs";
import { checkPage, checkText } from "./highlights.mjs";
import { look } from "./looks.mjs";

/** The page before anything was asked, its keys and its dialogs. */
export async function checkStart(session) {
  const { page, checks } = session;
  await page.locator(".source").first().waitFor();
  await settled(session);
  await look(session, "empty");
  await page.locator("#sources").focus();
  await page.keyboard.press("/");
  await page.waitForTimeout(100);
  checks.that(await page.getByLabel("Your question").evaluate(hasFocus), "/ did not focus the question");
  const help = page.getByRole("button", { name: "Keyboard shortcuts" });
  await help.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await look(session, "dialog");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  checks.that(await help.evaluate(hasFocus), "the dialog did not return the focus");
}

/** The theme's button goes through light and dark, back to the system's, and is remembered. */
export async function checkThemes({ page, checks }) {
  const button = page.getByRole("button", { name: /^Theme/ });
  const theme = () => page.locator("html").getAttribute("data-theme");
  for (const expected of ["light", "dark"]) {
    await button.click();
    checks.same(await theme(), expected, "the theme");
  }
  await page.reload();
  await button.waitFor();
  checks.same(await theme(), "dark", "the theme after a reload");
  await button.click();
  checks.same(await theme(), null, "the theme");
}

/** An answer whose citation opens as marked text. */
export async function checkTextAnswer(session, question) {
  const { record, turn } = await ask(session, question);
  const citation = record.citations.find((each) => each.page === null);
  if (citation === undefined) throw new Error("no citation of a text file");
  session.checks.that((await turn.locator("button.marker").count()) > 0, "the answer shows no marker");
  await look(session, "answer");
  const opener = await openByKeyboard(session, turn, citation);
  await checkText(session, citation);
  await look(session, "viewer-text");
  await closeByKeyboard(session, opener);
}

/** An answer whose citation opens on the page's image; the same words are marked in its text. */
export async function checkPdfAnswer(session, question) {
  const { page } = session;
  const { record, turn } = await ask(session, question);
  const citation = record.citations.find((each) => each.page !== null);
  if (citation === undefined) throw new Error("no citation of a PDF");
  const opener = await openByKeyboard(session, turn, citation);
  await checkPage(session, citation);
  await look(session, "viewer-page");
  await page.getByRole("button", { name: "Larger" }).click();
  await page.waitForTimeout(300);
  await checkPage(session, citation);
  await page.getByRole("button", { name: "Text", exact: true }).click();
  await checkText(session, citation);
  await closeByKeyboard(session, opener);
}

/** A link to a cited place opens it anew, and the back button closes what was opened here. */
export async function checkLink({ page, checks }) {
  const turn = page.locator(".turn").last();
  await turn.locator(".citation").first().click();
  await page.locator(".viewer h2").waitFor();
  const link = page.url();
  await page.goBack();
  await page.locator(".viewer").waitFor({ state: "detached" });
  await page.goto(link);
  await page.locator(".viewer mark, .viewer .stroke").first().waitFor();
  checks.that((await page.locator(".turn").count()) > 0, "the conversation is lost on a reload");
  await page.keyboard.press("Escape");
}

/** A question that the sources do not answer. */
export async function checkRefusal(session, question) {
  const { record, turn } = await ask(session, question);
  session.checks.that(record.abstained, "the system did not refuse");
  session.checks.same(await turn.locator(".abstained").count(), 1, "refusals shown as such");
  session.checks.same(await turn.locator(".marker, .citation").count(), 0, "citations of a refusal");
  await look(session, "refusal");
}

/** How an answer came about, from its turn. */
export async function checkExplanation(session) {
  const { page, checks } = session;
  await page.getByRole("button", { name: "How was this answered?" }).last().click();
  await page.locator("dialog .plan").waitFor();
  await look(session, "explain");
  checks.that((await page.locator("dialog .plan").textContent()).trim() !== "", "the plan is empty");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

/** Markup in a question stays text. */
export async function checkMarkup(session) {
  const { page, checks } = session;
  const question = '<img src=x onerror="window.injected = 1"> <b>What</b> is this?';
  const { turn } = await ask(session, question);
  checks.same(await turn.locator(".question").textContent(), question, "the question");
  checks.same(await page.evaluate(() => window.injected ?? null), null, "what the markup ran");
}

/** Wait until the server reads nothing. */
export async function settled({ api }) {
  for (;;) {
    const { ingest } = await api("/api/sources", {});
    if (!ingest.running) return;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
