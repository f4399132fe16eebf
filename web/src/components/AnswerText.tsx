import { Fragment, useMemo, type ReactNode } from "react";
import type { Citation } from "../api/types";
import { blocks, type Block } from "../text/blocks";
import { inlines, type Inline } from "../text/inline";
import { Marker } from "./Marker";

interface Props {
  text: string;
  citations: Citation[];
  opened: number | null;
  onCitation: (citation: Citation) => void;
}

/** An answer as elements; whatever a model wrote stays text and never becomes markup. */
export function AnswerText({ text, citations, opened, onCitation }: Props) {
  const parsed = useMemo(() => blocks(text), [text]);

  const piece = (inline: Inline): ReactNode => {
    switch (inline.kind) {
      case "bold":
        return <strong>{inline.text}</strong>;
      case "italic":
        return <em>{inline.text}</em>;
      case "code":
        return <code>{inline.text}</code>;
      case "text":
        return inline.text;
      case "marker": {
        const citation = citations.find(({ id }) => id === inline.id);
        return <Marker id={inline.id} citation={citation} current={opened === inline.id} onOpen={onCitation} />;
      }
    }
  };
  const line = (content: string) =>
    inlines(content).map((inline, at) => <Fragment key={at}>{piece(inline)}</Fragment>);

  return (
    <div className="answer-text" dir="auto">
      {parsed.map((block, at) => (
        <AnswerBlock key={at} block={block} line={line} />
      ))}
    </div>
  );
}

function AnswerBlock({ block, line }: { block: Block; line: (content: string) => ReactNode }) {
  switch (block.kind) {
    case "paragraph":
      return <p dir="auto">{line(block.text)}</p>;
    case "heading":
      return <h3 dir="auto">{line(block.text)}</h3>;
    case "code":
      return (
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case "list": {
      const items = block.items.map((item, at) => <li key={at} dir="auto">{line(item)}</li>);
      return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return (
        <div className="answer-table" tabIndex={0} role="group" aria-label="Table">
          <table>
            <thead>
              <tr>{block.head.map((cell, at) => <th key={at} dir="auto">{line(cell)}</th>)}</tr>
            </thead>
            <tbody>
              {block.rows.map((row, at) => (
                <tr key={at}>{row.map((cell, column) => <td key={column} dir="auto">{line(cell)}</td>)}</tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}
