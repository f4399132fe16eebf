import { useId, useLayoutEffect, useRef, type ReactNode } from "react";
import { IconButton } from "./IconButton";

interface Props {
  title: string;
  onClose: () => void;
  wide?: boolean;
  /** Stays when someone clicks beside it: what it holds would be gone. */
  firm?: boolean;
  children: ReactNode;
}

/** A dialog over the page; the browser keeps the focus inside and gives it back. */
export function Modal({ title, onClose, wide = false, firm = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();

  // Closing before the element goes away is what returns the focus to where it was.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      className={wide ? "modal modal-wide" : "modal"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && !firm && onClose()}
    >
      <div className="modal-box">
        <header className="modal-head">
          <h2 id={heading}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
