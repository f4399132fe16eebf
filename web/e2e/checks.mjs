/** Failed steps after which the rest would only wait in vain. */
const ENOUGH = 3;

/** What was checked and what was wrong; a failed step does not hide those after it. */
export class Checks {
  failures = [];
  #step = "";
  #failed = 0;

  /** Run one step; whatever it throws is a failure of it. */
  async step(name, run) {
    this.#step = name;
    if (this.#failed >= ENOUGH) {
      console.log(`skip ${name}`);
      return;
    }
    const before = this.failures.length;
    try {
      await run();
    } catch (error) {
      this.fail(error.message.split("\n").slice(0, 4).join(" "));
    }
    const passed = this.failures.length === before;
    if (!passed) this.#failed++;
    console.log(`${passed ? "ok  " : "FAIL"} ${name}`);
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
