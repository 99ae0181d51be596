// Moments in the viewer's own zone, and in their way of writing dates, as long as that is in the page's language.

const language = document.documentElement.lang;
const locale = navigator.languages.find((spoken) => spoken.startsWith(language.slice(0, 2))) ?? language;
const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
const calendar = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
const forms = {
  minute: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }),
  hour: new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }),
  axis: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }), // as short as it can be
  day: new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" }),
};

// Today's moments are shown by the clock alone, those that name a form (`data-form`) in that one.
export function localise(root) {
  const today = new Date().toDateString();
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    const form = forms[time.dataset.form] ?? (moment.toDateString() === today ? clock : calendar);
    time.title = time.dateTime;
    time.textContent = form.format(moment);
  }
  localiseCharts(root);
}

// What is written in a chart: its axis, and what the pointer finds.
function localiseCharts(root) {
  for (const text of root.querySelectorAll("text[data-at]")) text.textContent = forms[text.dataset.form].format(new Date(text.dataset.at));
  for (const title of root.querySelectorAll("svg title")) {
    title.textContent = title.textContent.replace(
      /^(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC/,
      (_, day, time) => calendar.format(new Date(`${day}T${time}Z`)),
    );
  }
}
