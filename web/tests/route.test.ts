import { expect, it } from "vitest";
import { placeFromHash } from "../src/text/link";
import {
  knowledgeAddress,
  modelsAddress,
  requestAddress,
  routeFrom,
  runsHash,
  type KnowledgeTab,
  type ModelsTab,
} from "../src/text/route";

const routeFromHash = (hash: string) => routeFrom({ pathname: "/", hash });
const routeOf = (address: string) => routeFrom(new URL(address, "http://127.0.0.1"));

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

it.each<ModelsTab>(["traffic", "models", "spend", "playground"])("finds the tab %s again", (tab) => {
  expect(routeOf(modelsAddress(tab))).toEqual({ view: "models", tab, request: null });
});

it("finds a request again, and does not take it for a run or a document", () => {
  const address = requestAddress("req_1/a&b");
  expect(routeOf(address)).toEqual({ view: "models", tab: "traffic", request: "req_1/a&b" });
  expect(placeFromHash(new URL(address, "http://127.0.0.1").hash)).toBeNull();
  expect(routeOf("/models#runs")).toEqual({ view: "models", tab: "traffic", request: null });
});

it.each<KnowledgeTab>(["search", "entities", "graph", "schema", "merges", "lineage"])(
  "finds the tab %s of the knowledge again, with what is open in it",
  (tab) => {
    expect(routeOf(knowledgeAddress(tab))).toEqual({ view: "knowledge", tab, of: null });
    expect(routeOf(knowledgeAddress(tab, "claim:7 & 巴黎"))).toEqual({ view: "knowledge", tab, of: "claim:7 & 巴黎" });
  },
);
