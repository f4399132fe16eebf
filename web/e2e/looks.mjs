import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** What alone can differ between the themes. */
const COLOURS = { runOnly: { type: "rule", values: ["color-contrast"] } };
const GRAVE = ["serious", "critical"];

/** Check a state with axe, its colours in both themes, and keep a screenshot of each. */
export async function look({ page, checks, shots }, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.waitForTimeout(250);
    await accessible(page, checks, `${name}, ${colorScheme}`, colorScheme === "dark" ? COLOURS : {});
    await fits(page, checks, `${name}, ${colorScheme}`);
    if (shots) await page.screenshot({ path: `${shots}/${name}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: "light" });
}

async function accessible(page, checks, state, rules) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((chosen) => globalThis.axe.run(document, chosen), rules);
  for (const { id, impact, help, nodes } of violations) {
    if (!GRAVE.includes(impact)) continue;
    const where = nodes.map((node) => node.target.join(" ")).slice(0, 3).join("; ");
    checks.fail(`axe, ${state}: ${id} (${impact}): ${help}: ${where}`);
  }
}

/** Nothing may be wider than the screen: the page never scrolls sideways. */
async function fits(page, checks, state) {
  const { wide, window } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  checks.that(wide <= window, `${state}: ${wide} pixels wide on a screen of ${window}`);
}
