/** The name beside its mark: three voices that enter one after another. */
export function Brand() {
  return (
    <p className="brand">
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d="M3 6.5h10M8 12h13M5 17.5h8" />
      </svg>
      Motet
    </p>
  );
}
