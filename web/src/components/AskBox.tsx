import { useLayoutEffect, useState, type KeyboardEvent, type RefObject } from "react";
import { IconButton } from "./IconButton";

interface Props {
  input: RefObject<HTMLTextAreaElement | null>;
  placeholder: string;
  running: boolean;
  onAsk: (question: string) => void;
  onStop: () => void;
}

export function AskBox({ input, placeholder, running, onAsk, onStop }: Props) {
  const [question, setQuestion] = useState("");
  const ready = question.trim() !== "" && !running;

  useLayoutEffect(() => {
    const area = input.current;
    if (area === null) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [question, input]);

  const send = () => {
    if (!ready) return;
    onAsk(question.trim());
    setQuestion("");
  };

  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes a character, Enter belongs to it (229: Safari's way to say so).
    const composing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="ask-box">
        <textarea
          ref={input}
          rows={1}
          dir="auto"
          autoFocus
          aria-label="Your question"
          aria-describedby="ask-hint"
          placeholder={placeholder}
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
          onKeyDown={press}
        />
        {running ? (
          <IconButton icon="stop" label="Stop" className="ask-button" onClick={onStop} />
        ) : (
          <IconButton
            icon="arrow"
            label="Ask"
            className="ask-button"
            aria-disabled={!ready}
            onClick={send}
          />
        )}
      </div>
      <p className="ask-hint" id="ask-hint">
        <kbd>Enter</kbd> to ask, <kbd>Shift</kbd> <kbd>Enter</kbd> for a new line. Each question is answered on its own.
      </p>
    </form>
  );
}
