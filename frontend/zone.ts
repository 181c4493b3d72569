// The time zone of this computer, chosen in a form that nobody has filled in yet.

// What some browsers still call by an earlier name.
const RENAMED: Record<string, string> = {
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Europe/Kiev": "Europe/Kyiv",
};

export function chooseZone(): void {
  const list = document.querySelector<HTMLSelectElement>("[data-zone] select");
  if (!list || list.value !== "UTC") return;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const wanted = RENAMED[here] ?? here;
  if ([...list.options].some((option) => option.value === wanted)) list.value = wanted;
}
