import { expect, it } from "vitest";
import { placeFromHash } from "../src/text/link";
import { routeFromHash, runsHash } from "../src/text/route";

it.each(["run_1a20", "order #7", "a&b=c", "ü/1"])("finds the run %s again", (run) => {
  expect(routeFromHash(runsHash(run))).toEqual({ view: "runs", run });
});

it("tells the views apart", () => {
  expect(routeFromHash(runsHash())).toEqual({ view: "runs", run: null });
  expect(routeFromHash("#runs=")).toEqual({ view: "runs", run: null });
  expect(routeFromHash("")).toEqual({ view: "ask" });
  expect(routeFromHash("#system=a&source=runs")).toEqual({ view: "ask" });
});

it("is no place in a document", () => {
  expect(placeFromHash(runsHash("run_1"))).toBeNull();
});
