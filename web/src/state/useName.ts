import { useState } from "react";

const NAME = "motet.name";

/** The name that stands beside one's decisions; the browser remembers it. */
export function useName(): [string, (name: string) => void] {
  const [name, setName] = useState(() => localStorage.getItem(NAME) ?? "");
  const change = (next: string) => {
    localStorage.setItem(NAME, next);
    setName(next);
  };
  return [name, change];
}
