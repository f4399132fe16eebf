// Runs before the first paint, so that a chosen theme never flashes. Kept outside the bundle
// because the page's content security policy allows no inline script.
try {
  const theme = localStorage.getItem("motet.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the page follows the system's theme.
}
