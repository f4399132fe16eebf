import { useRef } from "react";
import { Icon } from "./Icon";

interface Props {
  onFiles: (files: File[]) => void;
  prominent?: boolean;
}

/** A button that opens the system's file chooser. */
export function FilePicker({ onFiles, prominent = false }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className={prominent ? "main-button" : "quiet-button"}
        onClick={() => input.current?.click()}
      >
        <Icon name="add" />
        {prominent ? "Choose files" : "Add files"}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to add"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </>
  );
}
