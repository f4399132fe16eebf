import { chromium } from "playwright-core";

const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Start the browser of this machine, with a profile of its own. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: QUIET,
  });
}

/** Report everything that goes wrong beside what a step looks at; `expect(status)` allows one answer. */
export function watch(page, checks) {
  const expected = [];
  const allowed = (status) => {
    const at = expected.indexOf(status);
    if (at >= 0) expected.splice(at, 1);
    return at >= 0;
  };
  page.on("pageerror", (error) => checks.fail(`uncaught ${error}`));
  page.on("console", (message) => {
    // The browser writes a line for each failed request, which is checked as a response below.
    const request = message.text().startsWith("Failed to load resource");
    const trouble = message.type() === "error" || message.type() === "warning";
    // Where there is no graphics processor, the browser says that drawing by hand is slow.
    const slow = message.text().includes("GPU stall due to ReadPixels");
    if (trouble && !request && !slow) checks.fail(`console: ${message.text()}`);
  });
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    // The page itself ends requests that nobody waits for any more.
    if (reason !== "net::ERR_ABORTED") checks.fail(`request failed: ${request.url()} ${reason}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !allowed(response.status())) {
      checks.fail(`${response.request().method()} ${response.url()} answered ${response.status()}`);
    }
  });
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    const own = origin === new URL(page.url()).origin || page.url() === "about:blank";
    if (!own && protocol !== "blob:" && protocol !== "data:") checks.fail(`foreign request: ${request.url()}`);
  });
  return { expect: (status) => expected.push(status) };
}
