// A button with data-copy="<id>" copies the text of that element and says so; without a clipboard it is not shown.
export function copyOnClick(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () => {
      const text = document.getElementById(button.dataset.copy ?? "")?.textContent ?? "";
      void navigator.clipboard.writeText(text).then(() => {
        button.textContent = button.dataset.copied ?? "";
      });
    });
  }
}
