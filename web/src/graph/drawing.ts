import Graphology from "graphology";
import Sigma from "sigma";
import type { Graph } from "../api/knowledge";
import { colourOf, sizeOf, spread } from "./looks";
import type { LayoutRequest } from "./layout.worker";

interface NodeLook {
  x: number;
  y: number;
  size: number;
  label: string;
  color: string;
}

interface EdgeLook {
  label: string;
  color: string;
  size: number;
}

/** So many entities have room for all their names, and for those of their relations. */
const FEW = 50;

type Drawn = Graphology<NodeLook, EdgeLook>;

/** Draw a graph and let it find its shape; returns what takes the drawing away again. */
export function draw(
  place: HTMLElement,
  graph: Graph,
  around: string | null,
  onOpen: (uid: string) => void,
): () => void {
  const drawn = drawnOf(graph, around, getComputedStyle(place));
  const sigma = new Sigma<NodeLook, EdgeLook>(drawn, place, {
    labelColor: { color: getComputedStyle(place).color },
    labelFont: "system-ui, sans-serif",
    labelRenderedSizeThreshold: graph.nodes.length <= FEW ? 0 : 5,
    renderEdgeLabels: graph.nodes.length <= FEW,
    edgeLabelColor: { color: getComputedStyle(place).color },
    allowInvalidContainer: true,
    hideEdgesOnMove: graph.edges.length > 4000,
  });
  sigma.on("clickNode", ({ node }) => onOpen(node));
  showNeighbours(sigma, drawn);
  const worker = layOut(graph, drawn);
  return () => {
    worker.terminate();
    sigma.kill();
  };
}

function drawnOf(graph: Graph, around: string | null, style: CSSStyleDeclaration): Drawn {
  const drawn: Drawn = new Graphology({ type: "directed", multi: true });
  const dark = isDark(style.color);
  graph.nodes.forEach((node, index) => {
    drawn.addNode(node.uid, {
      ...spread(index, graph.nodes.length),
      size: sizeOf(node.weight) * (node.uid === around ? 1.6 : 1),
      label: node.name,
      color: colourOf(node.label, dark),
    });
  });
  for (const edge of graph.edges) {
    drawn.addDirectedEdge(edge.source, edge.target, {
      label: edge.type,
      color: dark ? "#55514a" : "#cfcac0",
      size: edge.derived ? 0.6 : 1.4,
    });
  }
  return drawn;
}

/** Whether light ink is used, so that the ground is dark. */
function isDark(ink: string): boolean {
  const [red = 0, green = 0, blue = 0] = ink.match(/[\d.]+/g)?.map(Number) ?? [];
  return red + green + blue > 380;
}

/** While the pointer rests on an entity, only it and what it is linked to keep their colour. */
function showNeighbours(sigma: Sigma<NodeLook, EdgeLook>, drawn: Drawn): void {
  let hovered: string | null = null;
  sigma.setSetting("nodeReducer", (node, look) => {
    if (hovered === null || node === hovered || drawn.areNeighbors(node, hovered)) return look;
    return { ...look, label: "", color: "#8886" };
  });
  sigma.setSetting("edgeReducer", (edge, look) =>
    hovered === null || drawn.hasExtremity(edge, hovered) ? look : { ...look, hidden: true },
  );
  const rest = (node: string | null) => {
    hovered = node;
    sigma.refresh({ skipIndexation: true });
  };
  sigma.on("enterNode", ({ node }) => rest(node));
  sigma.on("leaveNode", () => rest(null));
}

/** Let a worker move the nodes, so that the page stays fluid. */
function layOut(graph: Graph, drawn: Drawn): Worker {
  const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  const places = new Map(graph.nodes.map(({ uid }, index) => [uid, index]));
  const nodes = graph.nodes.map(({ uid }) => uid);
  worker.onmessage = ({ data }: MessageEvent<Float32Array>) => {
    drawn.updateEachNodeAttributes(
      (uid, look) => {
        const at = 2 * (places.get(uid) ?? 0);
        return { ...look, x: data[at] ?? look.x, y: data[at + 1] ?? look.y };
      },
      { attributes: ["x", "y"] },
    );
  };
  const edges = graph.edges.map(({ source, target }): [number, number] => [
    places.get(source) ?? 0,
    places.get(target) ?? 0,
  ]);
  worker.postMessage({ count: nodes.length, edges } satisfies LayoutRequest);
  return worker;
}
