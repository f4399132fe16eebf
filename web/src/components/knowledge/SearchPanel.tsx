import { useCallback, useState } from "react";
import { searchKnowledge } from "../../api/knowledge";
import { go } from "../../state/go";
import { useAsked } from "../../state/useAsked";
import { knowledgeAddress } from "../../text/route";
import { HitItem } from "./HitItem";
import { State } from "./State";

interface Props {
  system: string;
  asked: string;
  onError: (error: unknown) => void;
}

/** Search with an explanation for each passage that it finds. */
export function SearchPanel({ system, asked, onError }: Props) {
  const [words, setWords] = useState(asked);
  const ask = useCallback(
    (signal: AbortSignal) => searchKnowledge(system, asked, signal),
    [system, asked],
  );
  const { value: hits, error } = useAsked(asked === "" ? null : ask, onError);
  const best = hits?.[0]?.score ?? 1;

  return (
    <section className="panel knowledge-panel" aria-label="Search">
      <form
        className="knowledge-search"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          if (words.trim() !== "") go(knowledgeAddress("search", words.trim()));
        }}
      >
        <input
          type="search"
          aria-label="Search the knowledge"
          placeholder="Words, names, numbers, in any language"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <button type="submit" className="main-button">
          Search
        </button>
      </form>
      {asked === "" ? (
        <p className="hint">Every passage comes with the reasons for its place.</p>
      ) : (
        <State error={error} loading={hits === null} empty={hits?.length === 0 ? "Nothing was found." : null} />
      )}
      <ol className="hits">
        {hits?.map((hit) => (
          <HitItem key={`${hit.version}:${hit.start}:${hit.end}`} system={system} hit={hit} best={best} />
        ))}
      </ol>
    </section>
  );
}
