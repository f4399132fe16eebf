import { look } from "./looks.mjs";

/** A server that demands a key: a wrong one is refused, the right one opens the page. */
export async function checkKey(session, key) {
  const { page, checks, watched } = session;
  const field = page.getByLabel("Key");
  await field.waitFor();
  await look(session, "key");
  refuse(watched);
  await field.fill("wrong");
  await field.press("Enter");
  await page.getByRole("alert").waitFor();
  await look(session, "key-refused");
  await page.getByLabel("Key").fill(key);
  await page.getByLabel("Key").press("Enter");
  await page.locator(".source").first().waitFor();
  checks.same(page.url().includes(key), false, "the key is in the address");
  checks.same(await page.evaluate(() => JSON.stringify(localStorage).includes("key")), false, "the key stays");
  await page.reload();
  await page.locator(".source").first().waitFor();
}

/** What the page asks for when it opens is refused: the systems. */
export function refuse(watched) {
  watched.expect(401);
}
