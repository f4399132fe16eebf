/** Finds a shape for a graph by ForceAtlas2 (Jacomy et al. 2014), a few rounds at a time. */
import Graphology from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";
import { spread } from "./looks";

export interface LayoutRequest {
  count: number;
  /** Pairs of positions of nodes. */
  edges: [number, number][];
}

const ROUNDS = 300;
const AT_A_TIME = 5;

onmessage = ({ data }: MessageEvent<LayoutRequest>) => {
  const graph = graphOf(data);
  const settings = { ...forceAtlas2.inferSettings(graph), barnesHutOptimize: data.count > 300 };
  let done = 0;
  const go = () => {
    forceAtlas2.assign(graph, { iterations: AT_A_TIME, settings });
    postMessage(placesOf(graph, data.count));
    done += AT_A_TIME;
    if (done < ROUNDS) setTimeout(go);
  };
  go();
};

function graphOf({ count, edges }: LayoutRequest): Graphology {
  const graph = new Graphology({ type: "undirected" });
  for (let node = 0; node < count; node++) graph.addNode(node, spread(node, count));
  for (const [source, target] of edges) {
    if (source !== target) graph.mergeUndirectedEdge(source, target);
  }
  return graph;
}

function placesOf(graph: Graphology, count: number): Float32Array {
  const places = new Float32Array(2 * count);
  graph.forEachNode((node, { x, y }) => {
    places[2 * Number(node)] = x as number;
    places[2 * Number(node) + 1] = y as number;
  });
  return places;
}
