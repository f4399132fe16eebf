import type { Citation } from "../api/types";
import { fileName, kindOf } from "../text/format";

interface Props {
  citations: Citation[];
  opened: number | null;
  onCitation: (citation: Citation) => void;
}

/** What an answer rests on, word for word. */
export function CitationList({ citations, opened, onCitation }: Props) {
  return (
    <ol className="citations" aria-label="Citations">
      {citations.map((citation) => (
        <li key={citation.id}>
          <button
            type="button"
            className="citation"
            aria-current={opened === citation.id ? "true" : undefined}
            onClick={() => onCitation(citation)}
          >
            <span className="citation-id">{citation.id}</span>
            <span className="citation-body">
              <span className="citation-text" dir="auto">
                {citation.text}
              </span>
              <span className="citation-source">
                <span className="kind" aria-hidden="true">
                  {kindOf(citation.source)}
                </span>
                <span className="citation-name" dir="auto" title={citation.source}>
                  {fileName(citation.source)}
                </span>
                {citation.page !== null && <span className="citation-page">page {citation.page}</span>}
              </span>
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
