import { ask, closeByKeyboard, hasFocus, openByKeyboard } from "./asking.mjs";
import { checkText } from "./highlights.mjs";
import { look } from "./looks.mjs";

const DROPPED = {
  name: "Zephyrine lamp 😀.txt",
  text:
    "😀 灯 The lamp of the attic\n\n" +
    'The Zephyrine lamp <img src=x onerror="window.injected = 1"> has a warranty of seven years.\n',
  question: "How long is the warranty of the Zephyrine lamp?",
};
const CHOSEN = {
  name: "quorvane-stool.md",
  text: "# Quorvane stool\n\nThe Quorvane stool weighs 4 kilograms.\n",
  question: "How much does the Quorvane stool weigh?",
};

/** A file that is dropped is read, answers, shows its markup as text, and can be removed. */
export async function checkDrop(session) {
  const { page, checks } = session;
  await page.evaluate(dropped, [DROPPED.name, DROPPED.text]);
  await ready(page, DROPPED.name);
  const citation = await checkAdded(session, DROPPED);
  checks.that(citation.text.includes("<img src=x"), "the citation holds no markup");
  checks.same(await page.locator("img[src='x']").count(), 0, "images made of a document's markup");
  checks.same(await page.evaluate(() => window.injected ?? null), null, "what the markup ran");
  await remove(session, DROPPED.name);
}

/** The same through the button that opens the file chooser. */
export async function checkChooser(session) {
  const { page } = session;
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Add files" }).click();
  const file = { name: CHOSEN.name, mimeType: "text/markdown", buffer: Buffer.from(CHOSEN.text) };
  await (await chooser).setFiles([file]);
  await ready(page, CHOSEN.name);
  await checkAdded(session, CHOSEN);
  await remove(session, CHOSEN.name);
}

/** A file that cannot be read is refused in words. */
export async function checkRefusedFile(session) {
  const { page, checks, watched } = session;
  watched.expect(415);
  await page.evaluate(dropped, ["tune.xyz", "la la la"]);
  const notice = page.locator(".ingest .notice-bad");
  await notice.waitFor();
  checks.that((await notice.textContent()).includes("tune.xyz"), "the notice does not name the file");
  await look(session, "refused-file");
  await page.getByRole("button", { name: "Dismiss tune.xyz" }).click();
  await notice.waitFor({ state: "detached" });
}

async function checkAdded(session, { name, question }) {
  const { record, turn } = await ask(session, question);
  const citation = record.citations.find(({ source }) => source.endsWith(name));
  if (citation === undefined) throw new Error(`no citation of ${name}`);
  const opener = await openByKeyboard(session, turn, citation);
  await checkText(session, citation);
  await closeByKeyboard(session, opener);
  return citation;
}

function row(page, name) {
  return page.locator(".source", { has: page.getByRole("button", { name: `Remove ${name}` }) });
}

async function ready(page, name) {
  await row(page, name).and(page.locator(".source-ready")).waitFor();
}

async function remove({ page, checks }, name) {
  page.once("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: `Remove ${name}` }).click();
  await row(page, name).waitFor({ state: "detached" });
  checks.that(await page.locator("#sources").evaluate(hasFocus), "the focus is lost with the row");
}

/** Drop a file on the page; runs inside it. */
function dropped([name, text]) {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], name));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  }
}
