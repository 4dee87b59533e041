const KEY = "qingdan.reloaded";
const ONCE_A_MINUTE = 60_000;

/**
 * Reloads when a page's file is gone, as after an upgrade under an open tab; not twice within a minute, so that a
 * server that lost its files does not make the tab spin.
 */
export function reloadWhenStale(): void {
  window.addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < ONCE_A_MINUTE) return;
    sessionStorage.setItem(KEY, String(Date.now()));
    event.preventDefault();
    window.location.reload();
  });
}
