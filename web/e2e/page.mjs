/**
 * Drive the page of a running server as a person would, with keyboard, mouse and both themes.
 *
 *   npm run e2e -- http://127.0.0.1:8400
 *
 * The questions suit examples/kitchen; others are given as --text, --pdf and --unknown. With
 * --key it checks a server that demands one, with --approval one whose runs ask people: the
 * question must make a tool ask for {"amount": 7}, and a plan must wait beside it. --shots FOLDER keeps screenshots. Exit code 1 means
 * that something is wrong; the list says what.
 */
import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import * as answers from "./answers.mjs";
import * as approvals from "./approvals.mjs";
import { keepStreams } from "./asking.mjs";
import { launch, watch } from "./browser.mjs";
import { Checks } from "./checks.mjs";
import * as files from "./files.mjs";
import { checkKey, refuse } from "./key.mjs";
import { checkNarrow } from "./narrow.mjs";
import * as runs from "./runs.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    text: { type: "string", multiple: true, default: ["When is the showroom open on Saturday?"] },
    pdf: {
      type: "string",
      multiple: true,
      default: ["How deep must the holes for the wall brackets be drilled?"],
    },
    unknown: { type: "string", default: "Who won the football world cup in 1998?" },
    key: { type: "string" },
    approval: { type: "string" },
    shots: { type: "string" },
  },
});
const [url] = positionals;
if (url === undefined) {
  console.error("usage: npm run e2e -- URL [--key KEY] [--approval Q] [--text Q]... [--pdf Q]... [--unknown Q] [--shots FOLDER]");
  process.exit(2);
}

async function runOpen(session) {
  const { checks } = session;
  await checks.step("start, keys and dialog", () => answers.checkStart(session));
  await checks.step("themes", () => answers.checkThemes(session));
  for (const question of values.text) {
    await checks.step(`text: ${question}`, () => answers.checkTextAnswer(session, question));
  }
  for (const question of values.pdf) {
    await checks.step(`PDF: ${question}`, () => answers.checkPdfAnswer(session, question));
  }
  await checks.step("link and back", () => answers.checkLink(session));
  await checks.step("refusal", () => answers.checkRefusal(session, values.unknown));
  await checks.step("explanation", () => answers.checkExplanation(session));
  await checks.step("runs", () => runs.checkRuns(session));
  await checks.step("no models", () => runs.checkNoModels(session));
  await checks.step("markup in a question", () => answers.checkMarkup(session));
  await checks.step("file by drop", () => files.checkDrop(session));
  await checks.step("file by button", () => files.checkChooser(session));
  await checks.step("file of an unknown kind", () => files.checkRefusedFile(session));
  await checks.step("320 pixels", () => checkNarrow(session, values.text[0]));
}

async function runLocked(session) {
  const { checks } = session;
  await checks.step("key", () => checkKey(session, values.key));
  await checks.step(`PDF: ${values.pdf[0]}`, () => answers.checkPdfAnswer(session, values.pdf[0]));
  await checks.step("waterfall as a file", () => runs.checkDownload(session));
}

async function runAsking(session) {
  const { checks } = session;
  const question = values.approval;
  await checks.step("a plan that waits", () => approvals.checkPlan(session));
  await checks.step("approve with changes", () => approvals.checkEdit(session, question));
  await checks.step("refuse with a reason", () => approvals.checkRefusal(session, question));
  await checks.step("approve from the runs, after a reload", () => approvals.checkLater(session, question));
  await checks.step("cancel", () => approvals.checkCancel(session, question));
  await checks.step("360 pixels", () => approvals.checkNarrow(session, question));
}

/** A getter for the server's JSON, beside the page. */
function apiOf(base, key) {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return async (path, query) => {
    const response = await fetch(new URL(`${path}?${new URLSearchParams(query)}`, base), { headers });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response.json();
  };
}

const checks = new Checks();
if (values.shots !== undefined) await mkdir(values.shots, { recursive: true });
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(15_000);
  await page.addInitScript(keepStreams);
  const watched = watch(page, checks);
  const session = { page, checks, watched, shots: values.shots, api: apiOf(url, values.key) };
  if (values.key !== undefined) refuse(watched);
  await page.goto(url);
  if (values.approval !== undefined) await runAsking(session);
  else await (values.key === undefined ? runOpen(session) : runLocked(session));
} finally {
  await browser.close();
}
for (const failure of checks.failures) console.error(`- ${failure}`);
process.exitCode = checks.failures.length === 0 ? 0 : 1;
