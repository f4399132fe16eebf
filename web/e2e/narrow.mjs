import { ask, closeByKeyboard, openByKeyboard } from "./asking.mjs";
import { look } from "./looks.mjs";

/** All of it on a screen of 320 pixels, one panel at a time. */
export async function checkNarrow(session, question) {
  const { page, checks } = session;
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const { record, turn } = await ask(session, question);
  await look(session, "narrow-answer");
  const opener = await openByKeyboard(session, turn, record.citations[0]);
  await page.locator(".viewer mark, .viewer .stroke").first().waitFor();
  checks.that(!(await turn.isVisible()), "the conversation shows beside the document");
  await look(session, "narrow-viewer");
  await closeByKeyboard(session, opener);
  await page.getByRole("button", { name: /^Sources/ }).click();
  await look(session, "narrow-sources");
  const source = page.locator("button.source-open").first();
  await source.focus();
  await page.keyboard.press("Enter");
  await page.locator(".viewer h2").waitFor();
  await closeByKeyboard(session, source);
  await page.setViewportSize(before);
}
