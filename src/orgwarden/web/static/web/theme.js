/* The look follows the system. Loaded before the style sheet's first paint, so nothing flashes. */
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const set = () => {
    document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
    document.dispatchEvent(new Event("orgwarden:theme"));
  };
  set();
  dark.addEventListener("change", set);
})();
