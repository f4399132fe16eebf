import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { go } from "../state/go";

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
  href: string;
  /** Where a plain click leads; the address itself where it is not given. */
  target?: never;
  to?: () => string;
}

/** A link to another view of this page; a click with a modifier is the browser's. */
export function ViewLink({ href, to, ...rest }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to?.() ?? href);
  };
  return <a href={href} onClick={follow} {...rest} />;
}
