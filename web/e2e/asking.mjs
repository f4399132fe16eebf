/** Ask through the page; returns the record that the server sent and the turn that shows it. */
export async function ask({ page }, question) {
  await page.getByLabel("Your question").fill(question);
  const before = await page.locator(".turn").count();
  await page.getByLabel("Your question").press("Enter");
  await page.locator(".turn").nth(before).waitFor();
  const turn = page.locator(".turn").last();
  await turn.and(page.locator(".turn-done")).waitFor();
  return { record: recordOf(await page.evaluate(() => window.stream)), turn };
}

/** Keep a copy of each streamed answer as it came from the server; runs inside the page. */
export function keepStreams() {
  const { fetch } = window;
  window.fetch = async (address, init) => {
    const response = await fetch(address, init);
    if (String(address).endsWith("/v1/chat/completions")) window.stream = response.clone().text();
    return response;
  };
}

function recordOf(stream) {
  const events = stream.split("\n").filter((line) => line.startsWith("data: {"));
  const record = events.map((line) => JSON.parse(line.slice(6)).motet).find(Boolean);
  if (record === undefined) throw new Error("the stream held no record of the answer");
  return record;
}

/** Open a citation with the keyboard alone and check that the viewer takes the focus. */
export async function openByKeyboard({ page, checks }, turn, citation) {
  const marker = turn.locator("button.marker", { hasText: new RegExp(`^${citation.id}$`) }).first();
  const button = (await marker.count()) > 0 ? marker : turn.locator(".citation").nth(citation.id - 1);
  await button.focus();
  await page.keyboard.press("Enter");
  await page.locator(".viewer h2").waitFor();
  checks.that(await page.locator(".viewer h2").evaluate(hasFocus), "the viewer did not take the focus");
  return button;
}

/** Close with Escape and check that the focus is back on what opened the document. */
export async function closeByKeyboard({ page, checks }, opener) {
  await page.keyboard.press("Escape");
  await page.locator(".viewer").waitFor({ state: "detached" });
  await page.waitForTimeout(100);
  checks.that(await opener.evaluate(hasFocus), "the focus did not return to what opened it");
}

export function hasFocus(element) {
  return element === document.activeElement;
}
