/** Go to another view without loading the page anew: what is being written goes on. */
export function go(address: string): void {
  history.pushState(null, "", address);
  // The browser tells of its own steps through the history only.
  window.dispatchEvent(new PopStateEvent("popstate"));
}
