// Light, dark or as the system has it (data-theme-set). The choice stands in a cookie, so that the server writes it into
// the page and nothing flashes.
const ONE_YEAR = 31_536_000;

export function switchTheme(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-theme-set]");
    const theme = button?.dataset.themeSet;
    if (!theme) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=${ONE_YEAR}; SameSite=Lax${secure}`;
    if (theme === "auto") document.documentElement.removeAttribute("data-bs-theme");
    else document.documentElement.setAttribute("data-bs-theme", theme);
    for (const other of document.querySelectorAll<HTMLElement>("[data-theme-set]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  });
}
