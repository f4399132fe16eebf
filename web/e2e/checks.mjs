/** What was checked and what was wrong; a failed step never hides those after it. */
export class Checks {
  failures = [];
  #step = "";

  /** Run one step; whatever it throws is a failure of it. */
  async step(name, run) {
    this.#step = name;
    const before = this.failures.length;
    try {
      await run();
    } catch (error) {
      this.fail(error.message.split("\n").slice(0, 4).join(" "));
    }
    console.log(`${this.failures.length === before ? "ok  " : "FAIL"} ${name}`);
  }

  fail(what) {
    this.failures.push(`${this.#step}: ${what}`);
  }

  that(condition, what) {
    if (!condition) this.fail(what);
  }

  same(found, expected, what) {
    if (found !== expected) this.fail(`${what}: ${JSON.stringify(found)} is not ${JSON.stringify(expected)}`);
  }
}
