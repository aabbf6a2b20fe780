// The host's side of the embed: fetch a token from our own backend, and listen.

const assessment = document.querySelector("tali-assessment");

assessment.fetchToken = async () => {
  const answer = await fetch("/token", { method: "POST" });
  if (!answer.ok) throw new Error((await answer.json()).message);
  return (await answer.json()).token;
};

const time = (iso) => new Date(iso).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit" });

const sentences = {
  ready: ({ state }) => `The assessment is on screen (${state.replace("_", " ")}).`,
  started: ({ deadline }) => `The candidate started. Time is up at ${time(deadline)}.`,
  progress: ({ seconds_left }) =>
    `The candidate is at work, with ${Math.ceil(seconds_left / 60)} minutes left.`,
  submitted: ({ submitted_by }) =>
    submitted_by === "deadline" ? "Time was up; the work is handed in." : "The candidate handed in the work.",
  expired: ({ reason }) => `The invitation can no longer be used (${reason}).`,
  error: ({ code, message }) => `Something needs attention: ${message || code}`,
};

for (const [name, sentence] of Object.entries(sentences)) {
  assessment.addEventListener(`tali:${name}`, ({ detail }) => {
    const item = document.createElement("li");
    item.dataset.event = name;
    const when = document.createElement("time");
    when.textContent = new Date().toLocaleTimeString("en", { hour12: false });
    const label = document.createElement("code");
    label.textContent = `tali:${name}`;
    item.append(when, label, sentence(detail));
    document.getElementById("events").prepend(item);
    if (name === "submitted") document.getElementById("stage").dataset.state = "done";
  });
}
